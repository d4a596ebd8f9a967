"""What every format has, told in its own way: the year and the pages."""

import re

YEAR = re.compile(r"(?<!\d)(\d{4})(?:\d\d){0,2}(?!\d)")  # 2021, 2021-11-20, 202111, 20211120


def year_of(text: str) -> int | None:
    """Return the year of a date; a text without any digit, such as `in press`, says that there is none.

    Raises:
        ValueError: There are digits, but no four that could be a year.
    """
    if found := YEAR.search(text):
        return int(found[1])
    if any(map(str.isdigit, text)):
        raise ValueError(f"year must contain a year of four digits, got {text!r}")
    return None


def page_range(first: str, last: str) -> str:
    """Return the pages from the first and the last one; some sources give the range as the first.

    >>> page_range("91", "96"), page_range("91-96", "96"), page_range("e7", ""), page_range("5", "5")
    ('91-96', '91-96', 'e7', '5')
    """
    first, last = first.strip(), last.strip()
    return f"{first}-{last}" if first and last and not first.endswith(last) else first or last
