"""One id in several forms of Unicode: é, or e with an accent behind it, as some file systems write it."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def composed(paper_id: str) -> str:
    """Return an id in Unicode NFC, as records have it."""
    if paper_id.isascii():
        return paper_id
    from unicodedata import normalize  # a look-up by an id of digits does without

    return normalize("NFC", paper_id)


def spellings(paper_id: str) -> "Iterator[str]":
    r"""Yield an id as it is given, and in the other forms that older records may have it in.

    >>> [*spellings("9")], [*spellings("cafe\u0301")] == ["cafe\u0301", "caf\xe9"]
    (['9'], True)
    """
    yield paper_id
    if paper_id.isascii():
        return
    from unicodedata import normalize

    yield from dict.fromkeys(
        other for form in ("NFC", "NFD") if (other := normalize(form, paper_id)) != paper_id
    )
