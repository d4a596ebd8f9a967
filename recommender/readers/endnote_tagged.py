"""EndNote's tagged text (.enw), which CNKI and Google Scholar export too."""

import re

from recommender.readers.fields import Fields
from recommender.readers.tagged import (
    Dialect,
    TaggedReader,
    Tags,
    cnki_abstract,
    first_of,
    joined_of,
    keywords_of,
    names_of,
)

START = re.compile(r"\s*%0 \S")
DIALECT = Dialect(
    re.compile(r"\s*%(?P<tag>[0-9A-Z!@#$&?()*+<>^~=\[\]\\|])(?:(?P<value>(?: .*)?)$)"), first="0"
)


def _fields(tags: Tags) -> Fields:
    return {
        "id": first_of(tags, "F"),
        "title": first_of(tags, "T"),
        "abstract": cnki_abstract(joined_of(tags, "X")),
        "authors": names_of(tags, "A"),
        "venue": first_of(tags, "J", "B", "I"),
        "year": first_of(tags, "D", "8"),
        "volume": first_of(tags, "V"),
        "issue": first_of(tags, "N"),
        "pages": first_of(tags, "P"),
        "doi": first_of(tags, "R"),
        "url": first_of(tags, "U"),
        "keywords": keywords_of(tags, "K"),
        "language": first_of(tags, "G"),
    }


# Reads every record from its `%0` on.
END_NOTE_TAGGED = TaggedReader("endnote", (".enw",), START, DIALECT, _fields)
