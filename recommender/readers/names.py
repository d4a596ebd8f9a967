"""Lists that sources write as one text: authors and keywords."""

import re
from collections.abc import Callable
from functools import partial
from itertools import groupby

from recommender.readers.surnames import COMPOUND_SURNAMES
from recommender.readers.western_names import split_at_commas
from recommender.text.scripts import HAN

MARKS = re.compile(r"[;；\n]")
LESSER_MARKS = re.compile(r"[、|]")  # within a keyword too: C、N、P化学计量学
STRONG = re.compile(r"[;；、|\n]")
AND = re.compile(r"\s+and\s+|[,，]\s*&\s+")
COMMA = re.compile(r"[,，]")
SEMICOLON = re.compile(r"[;；]")
COMMA_BETWEEN_WORDS = re.compile(r"[,，](?!\d)")  # 1,2-dichloroethane is one keyword
SPACE_AT_HAN = re.compile(rf"(?<=[{HAN}])\s+|\s+(?=[{HAN}])")
HAN_CHARACTER = re.compile(f"[{HAN}]")
RESOLVED_DOI = re.compile(r"(?:https?://(?:dx\.|www\.)?doi\.org/|doi:\s*)(10\.\S+)", re.IGNORECASE)
Split = Callable[[str], tuple[str, ...]]
LONGEST_GIVEN = 2  # characters of a Chinese given name


def split_authors(text: str) -> tuple[str, ...]:
    """Return the authors, separated by `;` `；` `、` `|` or ` and `.

    A comma separates Chinese names; between others it does where nothing else could be meant: in
    `Smith, John` it belongs to the name.

    >>> split_authors("Smith, John and Doe, Jane")
    ('Smith, John', 'Doe, Jane')
    >>> split_authors("王作鹏，李四"), split_authors("Smith, John; 王作鹏; Doe, Jane")
    (('王作鹏', '李四'), ('Smith, John', '王作鹏', 'Doe, Jane'))
    """
    parts = _parts(STRONG, text)
    if len(parts) != 1:
        return tuple(name for part in parts for one in _parts(AND, part) for name in _han_names(one))
    *before, last = _parts(AND, parts[0])
    if not before:
        return _han_names(last, split_at_commas)
    if len(before) > 1:
        return tuple(name for one in (*before, last) for name in _han_names(one))
    # One `and`: `Smith, John and Doe, Jane` are two names, `John Smith, Jane Doe and Ann Lee` a list.
    split = partial(split_at_commas, is_list=" " in last and not COMMA.search(last))
    return (*_han_names(before[0].rstrip(",，"), split), *_han_names(last))


def split_citation_authors(text: str) -> tuple[str, ...]:
    """Return the authors of a Chinese citation line, which may also be separated by spaces or commas.

    >>> split_citation_authors("王作鹏 李四,John Smith")
    ('王作鹏', '李四', 'John Smith')
    """
    marked = AND.sub(";", COMMA.sub(";", text))
    return _parts(STRONG, SPACE_AT_HAN.sub(";", marked))


def split_names(text: str) -> tuple[str, ...]:
    """Return the names of a field that should hold one, but may hold several.

    A comma behind a Chinese family name stands between the parts of a name, any other one between Han names.

    >>> split_names("王, 作鹏"), split_names("王作鹏，李四"), split_names("Smith, John; Doe, Jane")
    (('王作鹏',), ('王作鹏', '李四'), ('Smith, John', 'Doe, Jane'))
    """
    return tuple(name for part in _parts(SEMICOLON, text) for name in _han_names(part))


def _han_names(text: str, split: Split = lambda text: (text,)) -> tuple[str, ...]:
    """Return the names of a text, in which a comma separates Han names from each other and from the rest.

    >>> _han_names("欧阳, 修"), _han_names("王作鹏, Smith, John, 李四")
    (('欧阳修',), ('王作鹏', 'Smith, John', '李四'))
    """
    if not HAN_CHARACTER.search(text):
        return split(text)
    pieces = _parts(COMMA, text)
    if len(pieces) == 2 and _is_one_name(*pieces):
        return ("".join(pieces),)
    names: list[str] = []
    for is_han, run in groupby(pieces, lambda piece: HAN_CHARACTER.search(piece) is not None):
        same = [*run]
        names += same if is_han else split(", ".join(same))
    return tuple(names)


def _is_one_name(family: str, given: str) -> bool:
    """Return whether two Han names are the family name and the given name of one person."""
    is_family = len(family) == 1 or (family in COMPOUND_SURNAMES and len(given) <= LONGEST_GIVEN)
    return is_family and HAN_CHARACTER.match(family) is not None


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
