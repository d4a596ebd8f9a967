"""Text as it can be shown: on one line, and without what a terminal or a spreadsheet would obey."""

# What a spreadsheet takes for the beginning of a formula; the wide ones where it is used in Chinese.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def printable(text: str) -> str:
    """Return `text` in one line without control characters, which a terminal might obey."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())


def one_line(text: str) -> str:
    r"""Return `text` with every run of white space, line ends too, made one space.

    >>> one_line(" a\n\u3000b ")
    'a b'
    """
    return " ".join(text.split())


def guarded(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("1+1")
    ("'=1+1", "''=1+1", '1+1')
    """
    return f"'{text}" if _is_formula(text) else text


def unguarded(text: str) -> str:
    """Return the text of which `guarded` made a cell."""
    return text[1:] if text.startswith("'") and _is_formula(text) else text


def _is_formula(text: str) -> bool:
    """Tell whether a formula begins here, or behind marks that guard one."""
    return text.lstrip("'").startswith(FORMULA_STARTS)
