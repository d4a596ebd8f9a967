"""Tables for a terminal: columns as wide as their texts, the widest narrowed where there is no room."""

from recommender.text.width import columns, columns_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Cell = Sequence[tuple[str, str]]  # lines of text, each with its style

PLAIN, BOLD, DIM, ITALIC = "", "1", "2", "3"  # styles, as a terminal numbers them
GAP, EDGE = "   ", " "
RIGHT = ("#", "score")  # headings of numbers


def grid(headings: "Sequence[str]", rows: "Sequence[Sequence[Cell]]", width: int, *, styled: bool) -> str:
    """Return a table with a line below its headings.

    Args:
        headings: One a column.
        rows: One cell a column.
        width: Columns of the terminal.
        styled: Whether styles are shown.
    """
    wanted = [
        max(columns(heading), *(columns(text) for row in rows for text, _ in row[place]))
        for place, heading in enumerate(headings)
    ]
    widths = _narrowed(wanted, width - 2 * len(EDGE) - len(GAP) * (len(headings) - 1))
    inner = sum(widths) + len(GAP) * (len(headings) - 1)
    blank = " " * (inner + 2 * len(EDGE))
    aligned_right = [heading in RIGHT for heading in headings]
    lines = [blank]
    lines += _lines([[(heading, BOLD)] for heading in headings], widths, aligned_right, styled=styled)
    lines.append(f"{EDGE}{'─' * inner}{EDGE}")
    for row in rows:
        lines += _lines(row, widths, aligned_right, styled=styled)
    return "".join(f"{line}\n" for line in [*lines, blank])


def wrapped(text: str, width: int) -> list[str]:
    """Return `text` in lines of at most `width` columns, broken at blanks; a longer word begins a line.

    >>> wrapped("a survey of 产教融合的治理", 8)
    ['a survey', 'of', '产教融合', '的治理']
    """
    if columns(text) <= width:
        return [text]
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if columns(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _folded(word, width)
        lines += full
    return [*lines, line]


def hanging(first: str, text: str, width: int | None) -> str:
    """Return `text` behind `first` in lines of at most `width` columns, which hang below it; None: in one.

    >>> print(hanging("9  ", "a survey of soils", 12))
    9  a survey
       of soils
    """
    if width is None:
        return first + text
    margin = columns(first)
    return first + f"\n{' ' * margin}".join(wrapped(text, max(1, width - margin)))


def _folded(word: str, width: int) -> list[str]:
    parts, part, used = [], "", 0
    for character in word:
        size = columns_of(character)
        if part and used + size > width:
            parts.append(part)
            part, used = "", 0
        part += character
        used += size
    return [*parts, part]


def _narrowed(widths: list[int], room: int) -> list[int]:
    """Return widths that fit into the room: the widest gives way first, none below one column."""
    widths = [*widths]
    while (excess := sum(widths) - room) > 0 and (widest := max(widths)) > 1:
        place = len(widths) - 1 - widths[::-1].index(widest)
        others = max([*widths[:place], *widths[place + 1 :], 0])
        widths[place] = max(1, widest - max(1, min(excess, widest - others)))
    return widths


def _lines(row: "Sequence[Cell]", widths: list[int], aligned_right: list[bool], *, styled: bool) -> list[str]:
    cells = [
        [(part, style) for text, style in cell for part in wrapped(text, size)]
        for cell, size in zip(row, widths, strict=True)
    ]
    lines = []
    for number in range(max(map(len, cells))):
        parts = [
            _padded(*(cell[number] if number < len(cell) else ("", PLAIN)), size, right=right, styled=styled)
            for cell, size, right in zip(cells, widths, aligned_right, strict=True)
        ]
        lines.append(f"{EDGE}{GAP.join(parts)}{EDGE}")
    return lines


def _padded(text: str, style: str, size: int, *, right: bool, styled: bool) -> str:
    blank = " " * (size - columns(text))
    if styled and style and text:
        text = f"\x1b[{style}m{text}\x1b[0m"
    return blank + text if right else text + blank
