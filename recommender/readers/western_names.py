"""Commas between the names of authors that are written in Latin letters, and commas within one name.

`Smith, John` is one person, `John Smith, Jane Doe` are two. Where nothing tells, a text stays one name: a
list that was not taken apart can be seen and mended, names that never were look right.
"""

import re

from recommender.readers.bodies import is_body

INITIALS = r"(?:[^\W\d_a-z]\.?[\s-]?){1,4}"
ONLY_INITIALS = re.compile(INITIALS)
FAMILY_AND_INITIALS = re.compile(rf"[^\W\d_][^\d,.]+?\s{INITIALS}")  # Smith JA, van der Berg J.
INITIALS_AND_FAMILY = re.compile(r"(?:[^\W\d_a-z]\.[\s-]?)+[^\W\d_][^\d,.]+")  # J. A. Smith
FULL = re.compile(r"[^\W\d_][^\s\d,]*(?:\s[^\W\d_][^\s\d,]*){1,4}")
LOWER = re.compile(r"[a-z]")
# Of two full names, `Juan Pérez, Ana Ruiz` could be one person with two family names; first names that are
# hardly ever a family name tell. Those that often are (Martin, Thomas, James) are left out.
GIVEN_LISTED = """
adam alice amanda amy andrea andrew angela anna anne barbara betty brian carlos carol caroline catherine
charlotte chris christina christine christopher daniela david deborah diana donna dorothy edward elena
elizabeth emily emma eric eva frances francesco gary giovanni giulia hannah hans helen isabel jan jane
janet jason jeffrey jennifer jessica joan johannes john jonathan jose josé juan judith julia julie jürgen
karen karl katherine kathleen kenneth kevin klaus laura linda lisa louise luca luis marco margaret maria
maría marie mark mary matthew megan melissa michael michelle monica nancy nicole olivia pamela patricia
paula pedro peter pierre rachel rebecca richard robert ronald ruth samantha sandra sarah sharon sofia
sophie stefan stephanie stephen steven susan teresa timothy ulrich ursula victoria wolfgang
"""
GIVEN = frozenset(GIVEN_LISTED.split())


def split_at_commas(text: str, *, is_list: bool = False) -> tuple[str, ...]:
    """Return the names in a text without any other mark, one where a list is not certain.

    Args:
        text: Not empty, without Han characters.
        is_list: Whether what follows the text, `and Jane Doe`, says that it is a list of full names.

    >>> split_at_commas("Smith, J., Müller, K. H."), split_at_commas("Smith JA, Müller K")
    (('Smith, J.', 'Müller, K. H.'), ('Smith JA', 'Müller K'))
    >>> split_at_commas("John Smith, Jane Doe"), split_at_commas("García Márquez, Gabriel José")
    (('John Smith', 'Jane Doe'), ('García Márquez, Gabriel José',))
    """
    pieces = tuple(piece.strip() for piece in re.split("[,，]", text))
    if len(pieces) < 2 or not all(pieces):
        return (text,)
    families, initials = pieces[::2], pieces[1::2]
    if len(pieces) > 2 and len(families) == len(initials) and _all(ONLY_INITIALS, initials):
        if not any(map(ONLY_INITIALS.fullmatch, families)):
            return tuple(f"{family}, {own}" for family, own in zip(families, initials, strict=True))
        return (text,)
    return pieces if _are_names(pieces, is_list=is_list) else (text,)


def _are_names(pieces: tuple[str, ...], *, is_list: bool) -> bool:
    """Return whether every piece is the name of somebody."""
    if _all(INITIALS_AND_FAMILY, pieces) or (_all(FAMILY_AND_INITIALS, pieces) and _are_mixed(pieces)):
        return True
    if not _all(FULL, pieces) or any(map(is_body, pieces)):
        return False
    return is_list or len(pieces) > 2 or all(piece.split()[0].casefold() in GIVEN for piece in pieces)


def _are_mixed(pieces: tuple[str, ...]) -> bool:
    """Return whether there are small letters: all is capitals in `SMITH JOHN, DOE JANE` too."""
    return all(map(LOWER.search, pieces))


def _all(pattern: re.Pattern[str], pieces: tuple[str, ...]) -> bool:
    return all(map(pattern.fullmatch, pieces))
