"""RefWorks' tagged text, as CNKI exports it."""

import re

from recommender.readers.fields import Fields
from recommender.readers.parts import page_range
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

START = re.compile(r"\s*RT [^\W\d_].*\n(?:.*\n){0,20}?(?:T1|A1) ")
# The tags are named, for two capital letters and a space may begin any line of an abstract.
TAGS = (
    "RT|SR|ID|A[1-6]|T[1-3]|JF|JO|YR|FD|VO|IS|SP|OP|K1|AB|NO|ED|PB|PP|AD|AN|LA|CL|SF|OT|LK|DO|CN|DB|DS|IP|RD|"
    "ST|U\\d{1,2}|UL|WT|WV|WP|SN|AV|PM"
)
DIALECT = Dialect(re.compile(rf"\s*(?P<tag>{TAGS})(?:(?P<value>(?: .*)?)$)"), first="RT")


def _fields(tags: Tags) -> Fields:
    return {
        "id": first_of(tags, "ID"),
        "title": first_of(tags, "T1"),
        "abstract": cnki_abstract(joined_of(tags, "AB")),
        "authors": names_of(tags, "A1"),
        "venue": first_of(tags, "JF", "JO", "T2", "PB"),
        "year": first_of(tags, "YR", "FD"),
        "volume": first_of(tags, "VO"),
        "issue": first_of(tags, "IS"),
        "pages": page_range(first_of(tags, "SP"), first_of(tags, "OP")),
        "doi": first_of(tags, "DO"),
        "url": first_of(tags, "LK", "UL"),
        "keywords": keywords_of(tags, "K1"),
        "language": first_of(tags, "LA"),
    }


# Reads every record from its `RT` on.
REF_WORKS = TaggedReader("refworks", (), START, DIALECT, _fields)
