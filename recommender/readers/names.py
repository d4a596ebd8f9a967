"""Lists that sources write as one text: authors and keywords."""

import re

from recommender.text.scripts import HAN

MARKS = re.compile(r"[;；、|\n]")
AND = re.compile(r"[;；、|\n]|\s+and\s+")
COMMA = re.compile(r"[,，]")
COMMA_BETWEEN_WORDS = re.compile(r"[,，](?!\d)")  # 1,2-dichloroethane is one keyword
SPACE_AT_HAN = re.compile(rf"(?<=[{HAN}])\s+|\s+(?=[{HAN}])")
HAN_CHARACTER = re.compile(f"[{HAN}]")


def split_authors(text: str) -> tuple[str, ...]:
    """Return the authors, separated by `;` `；` `、` `|` or ` and `.

    A comma separates Chinese names only: in `Smith, John` it belongs to the name.

    >>> split_authors("Smith, John and Doe, Jane")
    ('Smith, John', 'Doe, Jane')
    >>> split_authors("王作鹏，李四")
    ('王作鹏', '李四')
    """
    if HAN_CHARACTER.search(text):
        text = COMMA.sub(";", text)
    return _parts(AND, text)


def split_citation_authors(text: str) -> tuple[str, ...]:
    """Return the authors of a Chinese citation line, which may also be separated by spaces or commas.

    >>> split_citation_authors("王作鹏 李四,John Smith")
    ('王作鹏', '李四', 'John Smith')
    """
    return _parts(AND, SPACE_AT_HAN.sub(";", COMMA.sub(";", text)))


def split_keywords(text: str) -> tuple[str, ...]:
    """Return the keywords, separated by `;` `；` `、` `|`, or by commas where there is none of these.

    >>> split_keywords("deep learning, 1,2-dichloroethane")
    ('deep learning', '1,2-dichloroethane')
    """
    return _parts(MARKS if MARKS.search(text) else COMMA_BETWEEN_WORDS, text)


def _parts(separator: re.Pattern[str], text: str) -> tuple[str, ...]:
    return tuple(part for piece in separator.split(text) if (part := piece.strip()))
