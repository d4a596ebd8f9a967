"""The form in which texts are compared. What is shown stays as it was given."""

import re
import unicodedata

# Soft hyphens, zero-width spaces and joiners, direction marks, variation selectors: copied along with
# web pages and PDFs, seen by nobody, and enough to keep two equal words apart.
INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]"
)
DOTTED_I = "i\u0307"  # what case folding makes of the Turkish İ


def matching(text: str) -> str:
    r"""Return `text` for comparison only: NFKC, case folded, white space collapsed, nothing invisible.

    >>> matching("  Ｄｅｅｐ　Ｌｅａｒｎｉｎｇ\u00a0Straße ")
    'deep learning strasse'
    """
    if text.isascii():  # nothing of it is composed or invisible
        return " ".join(text.lower().split())
    folded = INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold().replace(DOTTED_I, "i")
    return " ".join(unicodedata.normalize("NFKC", folded).split())
