"""From HTML to the text that a browser would copy.

A scanner of its own, because `html.parser` of Python 3.11 needs quadratic time on damaged markup: a minute
for 60 kB of unclosed tags. Here every `<` is looked at once.
"""

import html
import re

FIRST_TAG = re.compile(r"\s*<[!?a-z]", re.IGNORECASE)
PAGE_TAG = re.compile(r"<(?:!doctype html|html|body)\b", re.IGNORECASE)
TAG = re.compile(
    r"""<(?P<end>/?)(?P<name>[a-z][a-z0-9]*)(?:(?:[^<>"']|"[^"<]*"|'[^'<]*')*+>|[^<>]*+>)|<!--|<[!?][^<>]*+>""",
    re.IGNORECASE,
)
LINE_BREAK = re.compile(
    "address|article|aside|blockquote|body|br|dd|div|dl|dt|footer|form|h[1-6r]|header|li|main|nav|[ou]l|p|pre|"
    "section|table|tbody|t[dhr]|tfoot|thead"
)
UNSEEN = frozenset(("script", "style", "template", "title"))
NUMBER = re.compile(r"#\d*")  # of an entity
WHITE_SPACE = re.compile(r"[ \t\r\n\f]+")  # a no-break space is text


def is_markup(head: str) -> bool:
    """Return whether a text that begins with `head` is HTML."""
    return FIRST_TAG.match(head) is not None or PAGE_TAG.search(head) is not None


def text_of(markup: str) -> str:
    r"""Return the visible text: scripts dropped, blocks on lines of their own, entities decoded.

    >>> text_of("<p>1&lt;2<br>a\nb</p><script>x</script>")
    '\n1<2\na b\n'

    Raises:
        ValueError: An entity is damaged.
    """
    parts: list[str] = []
    position = 0
    while tag := TAG.search(markup, position):
        parts.append(WHITE_SPACE.sub(" ", markup[position : tag.start()]))
        position = tag.end()
        name = (tag["name"] or "").lower()
        if tag[0] == "<!--":
            position = _after(re.compile("-->"), markup, position)
        elif name in UNSEEN and not tag["end"]:
            position = _after(re.compile(f"</{name}[^<>]*>", re.IGNORECASE), markup, position)
        elif LINE_BREAK.fullmatch(name):
            parts.append("\n")
    parts.append(WHITE_SPACE.sub(" ", markup[position:]))
    try:
        return html.unescape("".join(parts))
    except ValueError as problem:  # Python converts no number of thousands of digits
        longest = max(NUMBER.finditer(markup), key=lambda found: len(found[0]))
        line = markup.count("\n", 0, longest.start()) + 1
        raise ValueError(f"an entity of {len(longest[0]) - 1:,} digits in line {line}") from problem


def _after(end: re.Pattern[str], markup: str, position: int) -> int:
    found = end.search(markup, position)
    return found.end() if found else len(markup)
