"""Lists that sources write as one text: authors and keywords."""

import re

from recommender.text.scripts import HAN

MARKS = re.compile(r"[;；\n]")
LESSER_MARKS = re.compile(r"[、|]")  # within a keyword too: C、N、P化学计量学
AND = re.compile(r"[;；、|\n]|\s+and\s+")
COMMA = re.compile(r"[,，]")
SEMICOLON = re.compile(r"[;；]")
COMMA_BETWEEN_WORDS = re.compile(r"[,，](?!\d)")  # 1,2-dichloroethane is one keyword
SPACE_AT_HAN = re.compile(rf"(?<=[{HAN}])\s+|\s+(?=[{HAN}])")
HAN_CHARACTER = re.compile(f"[{HAN}]")
RESOLVED_DOI = re.compile(r"(?:https?://(?:dx\.|www\.)?doi\.org/|doi:\s*)(10\.\S+)", re.IGNORECASE)


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


def split_names(text: str) -> tuple[str, ...]:
    """Return the names of a field that should hold one, but may hold several.

    A comma behind one Han character stands between the parts of a name, any other one between Han names.

    >>> split_names("王, 作鹏"), split_names("王作鹏，李四"), split_names("Smith, John; Doe, Jane")
    (('王作鹏',), ('王作鹏', '李四'), ('Smith, John', 'Doe, Jane'))
    """
    return tuple(name for part in _parts(SEMICOLON, text) for name in _han_names(part))


def _han_names(text: str) -> tuple[str, ...]:
    if not HAN_CHARACTER.search(text):
        return (text,)
    family, *given = _parts(COMMA, text)
    return (family + given[0],) if len(family) == 1 == len(given) else (family, *given)


def split_keywords(text: str) -> tuple[str, ...]:
    """Return the keywords, separated by `;` `；` or lines; where there is none, by `、` `|`; else by commas.

    >>> split_keywords("deep learning, 1,2-dichloroethane")
    ('deep learning', '1,2-dichloroethane')
    >>> split_keywords("藏嵩草; C、N、P化学计量学")
    ('藏嵩草', 'C、N、P化学计量学')
    """
    separators = (MARKS, LESSER_MARKS, COMMA_BETWEEN_WORDS)
    return _parts(next((mark for mark in separators if mark.search(text)), MARKS), text)


def _parts(separator: re.Pattern[str], text: str) -> tuple[str, ...]:
    return tuple(part for piece in separator.split(text) if (part := piece.strip()))


def bare_doi(text: str) -> str:
    """Return a DOI without the address of its resolver.

    >>> bare_doi("https://doi.org/10.1000/xyz"), bare_doi("DOI: 10.1000/xyz"), bare_doi("10.1000/xyz")
    ('10.1000/xyz', '10.1000/xyz', '10.1000/xyz')
    """
    resolved = RESOLVED_DOI.fullmatch(text.strip())
    return resolved[1] if resolved else text.strip()
