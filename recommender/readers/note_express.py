"""NoteExpress, as CNKI and other Chinese platforms export it."""

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

START = re.compile(r"\s*\{Reference Type\} ?[:：]", re.IGNORECASE)
DIALECT = Dialect(
    re.compile(r"\s*\{(?P<tag>[A-Za-z][^{}\n]{0,40})\} ?[:：](?P<value>.*)"), first="REFERENCE TYPE"
)


def _fields(tags: Tags) -> Fields:
    return {
        "id": first_of(tags, "ACCESSION NUMBER"),
        "title": first_of(tags, "TITLE"),
        "abstract": cnki_abstract(joined_of(tags, "ABSTRACT")),
        "authors": names_of(tags, "AUTHOR"),
        "venue": first_of(tags, "JOURNAL", "SECONDARY TITLE", "CONFERENCE NAME", "PUBLISHER"),
        "year": first_of(tags, "YEAR", "DATE"),
        "volume": first_of(tags, "VOLUME"),
        "issue": first_of(tags, "ISSUE"),
        "pages": first_of(tags, "PAGES"),
        "doi": first_of(tags, "DOI"),
        "url": first_of(tags, "URL", "LINK"),
        "keywords": keywords_of(tags, "KEYWORDS"),
        "language": first_of(tags, "LANGUAGE"),
        "subject": first_of(tags, "SUBJECT"),
    }


# Reads every record from its `{Reference Type}` on.
NOTE_EXPRESS = TaggedReader("noteexpress", (".net",), START, DIALECT, _fields)
