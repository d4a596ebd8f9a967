"""LaTeX in the fields of BibTeX: its letters as characters. What is not known stays as it is written."""

import re
import unicodedata

ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "d": "\u0323",
    "b": "\u0331",
}  # fmt: skip
LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "o": "ø", "O": "Ø", "l": "ł",
    "L": "Ł", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ",
    "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "textendash": "–",
    "textemdash": "—",
    "textquoteleft": "‘", "textquoteright": "’", "textquotedblleft": "“", "textquotedblright": "”",
    "ldots": "…", "dots": "…", "textellipsis": "…", "textdegree": "°", "textless": "<", "textgreater": ">",
    "textmu": "μ", "textohm": "Ω", "textcelsius": "°C", "texttimes": "×", "textpm": "±", "textdiv": "÷",
    "textminus": "−", "textperiodcentered": "·", "textcdot": "·", "textbullet": "•", "textregistered": "®",
    "texttrademark": "™", "textcopyright": "©", "copyright": "©", "textsection": "§", "textparagraph": "¶",
    "texteuro": "€", "euro": "€", "textsterling": "£", "pounds": "£", "textyen": "¥", "textcent": "¢",
    "textquotesingle": "'", "textquotedbl": '"', "textasciigrave": "`", "guillemotleft": "«",
    "guillemotright": "»", "textexclamdown": "¡", "textquestiondown": "¿", "textordfeminine": "ª",
    "textordmasculine": "º", "textonehalf": "½", "textonequarter": "¼", "textthreequarters": "¾",
    "textperthousand": "‰", "textrightarrow": "→", "textleftarrow": "←", "textasteriskcentered": "*",
    "slash": "/", "ng": "ŋ", "NG": "Ŋ", "SS": "ẞ", "TeX": "TeX", "LaTeX": "LaTeX",
    "textalpha": "α", "textbeta": "β", "textgamma": "γ", "textdelta": "δ", "textepsilon": "ε",
    "textkappa": "κ", "textlambda": "λ", "textpi": "π", "textsigma": "σ", "texttau": "τ", "textomega": "ω",
    "textbar": "|", "textunderscore": "_", "textdollar": "$", "textbraceleft": "{", "textbraceright": "}",
}  # fmt: skip
STYLE = re.compile(  # said by the words in it, or the digits: CO\\textsubscript{2}
    r"emph|enquote|url|underline|text(?:it|bf|sc|rm|sf|tt|sl|up|md|normal|superscript|subscript)?|mbox|it|bf|em|sc|rm|tt"
)
ESCAPED = "{}$&#%_ "
SPACES = {",": " ", ";": " ", ":": " ", "!": "", "-": "", "/": ""}  # thin ones, and places to break a word
# Math and verbatim words stay; a command takes the white space behind it; braces only group.
TOKEN = re.compile(
    r"(?P<math>\$[^$]*\$)|\\(?P<word>[A-Za-z]+)(?P<gap>\s*)|\\(?P<sign>[^A-Za-z])|(?P<brace>[{}])|(?P<tie>~)"
)
BASE = re.compile(r"\s*(?:\{\s*(\\?[A-Za-z\u00c0-\u024f]?)\s*\}|\\([ij])(?![A-Za-z])\s*|([^\s{}\\]))")

# What must not be taken for a command, as this reader reads it back.
SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "$": r"\textdollar{}", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
}  # fmt: skip
VERBATIM = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}"}
VERBATIM_ESCAPE = re.compile(r"\\textbackslash\{\}|\\([_%&#~{}$])")
TO_ESCAPE = re.compile(f"[{re.escape(''.join(SPECIAL))}]")


def from_latex(text: str) -> str:
    r"""Return `text` with accents, letters and escapes of LaTeX as characters, and without its braces.

    >>> from_latex(r"{\"O}zg{\"u}r, J{\o}rgen and Dvo{\v r}{\'a}k: {CO$_2$} \& \foo")
    'Özgür, Jørgen and Dvořák: CO$_2$ & \\foo'
    """
    parts: list[str] = []
    position = 0
    while found := TOKEN.search(text, position):
        parts.append(text[position : found.start()])
        position = found.end()
        if found["math"]:
            parts.append(found["math"])
        elif found["tie"]:
            parts.append(" ")
        elif name := found["word"] or found["sign"]:
            said, position = _command(name, found, text)
            parts.append(said)
    parts.append(text[position:])
    return "".join(parts)


def to_latex(text: str) -> str:
    r"""Return `text` so that LaTeX, and `from_latex`, read it as it is.

    >>> print(to_latex("5 % of {a}"))
    5 \% of \textbraceleft{}a\textbraceright{}
    """
    return TO_ESCAPE.sub(lambda found: SPECIAL[found[0]], text)


def from_verbatim(text: str) -> str:
    r"""Return an address, in which LaTeX has no commands, without the escapes that it often has all the same.

    >>> from_verbatim(r"https://example.org/~a\_b")
    'https://example.org/~a_b'
    """
    return VERBATIM_ESCAPE.sub(lambda found: found[1] or "\\", text)


def verbatim_to_latex(text: str) -> str:
    """Return an address so that `from_verbatim` reads it as it is: braces and backslashes change."""
    return re.sub(r"[\\{}]", lambda found: VERBATIM[found[0]], text)


def _command(name: str, found: re.Match[str], text: str) -> tuple[str, int]:
    """Return what a command stands for, and the position behind it."""
    end = found.end()
    if name in LETTERS:
        closed = text.startswith("{}", end)
        gap = found["gap"] if closed or not found["gap"] else ""
        return LETTERS[name] + (gap if closed and found["gap"] else ""), end + 2 * closed
    if name in ACCENTS and (base := BASE.match(text, end)):
        letter = (base[1] or base[2] or base[3] or "").removeprefix("\\")
        return unicodedata.normalize("NFC", letter + ACCENTS[name]) if letter else "", base.end()
    if STYLE.fullmatch(name):
        return "", end
    if name in ESCAPED:
        return name, end
    if name in SPACES:
        return SPACES[name], end
    return found[0], end
