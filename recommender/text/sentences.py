"""Sentences: the unit that is compared when two papers are explained, and shown where a title is missing."""

import re
from collections.abc import Iterator

from recommender.text.scripts import HAN, KANA
from recommender.text.width import columns_of

# A full stop of its own script and a blank line always end a sentence. The ones that ASCII shares with
# abbreviations and decimals do so only before white space, before Han or kana, or where the text ends.
# Possessive quantifiers and the look-behind keep a page full of dots linear.
CLOSING = r"[”’」』）】》\])\"']*+"
END = re.compile(
    rf"(?:[。！？；।॥؟۔]|．(?!\d))++{CLOSING}|\n[^\S\n]*+\n\s*+"
    rf"|(?<![.!?])(?P<shared>[.!?]++){CLOSING}(?=(?P<next>\s++\S|[{HAN}{KANA}])|\s*+\Z)"
)
LAST_WORD = re.compile(r"\w(?:[\w.]*\w)?\Z")
LOOK_BACK = 24  # characters: longer than any abbreviation
INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
ABBREVIATED = """
al approx cf ch dept dr ed eds e.g eg eq eqs esp fig figs i.e ie mr mrs prof ref refs st viz vs
bzw d.h u.a vgl z.b p.ex см т.д т.е
"""
ABBREVIATIONS = frozenset(ABBREVIATED.split())
BEFORE_NUMBERS = frozenset({"art", "bd", "n", "no", "nos", "nr", "p", "pp", "sec", "vol", "рис", "табл"})
ELLIPSIS = "…"


def sentences(text: str) -> list[str]:
    """Return the sentences of `text` in order, as written: only white space between them is dropped.

    A blank line ends a sentence, and so do 。！？；．, and . ! ? unless a decimal, an abbreviation, an
    initial or a lower-case letter behind it says otherwise. What has no letter (`1.`) is no sentence:
    it belongs to the one behind it, or at the end of the text to the one before.

    >>> sentences("准确率为3.5%.结果表明有效。See Fig. 2 of J. Li et al. for No. 5! Done")
    ['准确率为3.5%.', '结果表明有效。', 'See Fig. 2 of J. Li et al. for No. 5!', 'Done']
    """
    return list(_sentences(text))


def first_sentence(text: str, limit: int = 60) -> str:
    """Return the first sentence on one line, at most `limit` columns wide, cut with `…`.

    >>> first_sentence("产教融合是职业教育的基本办学模式。其他。", limit=11)
    '产教融合是…'
    """
    line = " ".join(next(_sentences(text), "").split())
    width = 0
    kept = 0  # characters that leave a column for the ellipsis
    for position, character in enumerate(line, start=1):
        width += columns_of(character)
        if width > limit:
            return line[:kept].rstrip() + ELLIPSIS
        if width < limit:
            kept = position
    return line


def _sentences(text: str) -> Iterator[str]:
    start = 0  # of the sentence in hand, which ends at `cut` unless only letterless pieces follow
    cut = previous = 0
    for end in _ends(text):
        if any(map(str.isalpha, text[previous:end])):
            if cut:
                yield text[start:cut].strip()
            start, cut = cut, end
        previous = end
    if rest := text[start:].strip():
        yield rest


def _ends(text: str) -> Iterator[int]:
    """Yield where a piece of `text` ends; the last one ends with the text."""
    for end in END.finditer(text):
        if not _goes_on(text, end):
            yield end.end()
    yield len(text)


def _goes_on(text: str, end: re.Match[str]) -> bool:
    """Return whether the sentence goes on behind a full stop that abbreviations share."""
    if not end["next"]:
        return False
    following = end["next"].lstrip()
    if following.islower():
        return True
    found = LAST_WORD.search(text[max(0, end.start() - LOOK_BACK) : end.start()])
    if end["shared"] != "." or not found:
        return False
    word = found[0]
    if INITIALS.fullmatch(word) and word.isupper():
        return True
    return word.lower() in ABBREVIATIONS or (word.lower() in BEFORE_NUMBERS and following.isdecimal())
