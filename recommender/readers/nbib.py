"""MEDLINE text, which PubMed saves as .nbib or .txt."""

import re

from recommender.readers.fields import Fields
from recommender.readers.tagged import Dialect, TaggedReader, Tags, first_of, joined_of

START = re.compile(r"\s*PMID- *\d")
LINE = re.compile(r"(?P<tag>[A-Z][A-Z0-9]{1,3}) {0,2}-(?:(?P<value>(?: .*)?)$)")
DOI = re.compile(r"(10\.\S+) \[doi\]")
DIALECT = Dialect(LINE, first="PMID", joint=" ")


def _fields(tags: Tags) -> Fields:
    pmid = first_of(tags, "PMID")
    ids = [*tags.get("LID", []), *tags.get("AID", [])]
    keywords = tags.get("OT") or tags.get("MH", [])
    return {
        "id": pmid,
        "title": first_of(tags, "TI", "TT", "BTI"),
        "abstract": joined_of(tags, "AB", "OAB"),
        "authors": [*(tags.get("FAU") or tags.get("AU", [])), *tags.get("CN", [])],
        "venue": first_of(tags, "JT", "TA")
        or (first_of(tags, "BTI") if first_of(tags, "TI") else first_of(tags, "PB")),
        "year": first_of(tags, "DP"),
        "volume": first_of(tags, "VI"),
        "issue": first_of(tags, "IP"),
        "pages": first_of(tags, "PG"),
        "doi": next((found[1] for text in ids if (found := DOI.fullmatch(text))), ""),
        "url": f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isdecimal() else "",
        "keywords": [word.replace("*", "") for word in keywords],
        "language": first_of(tags, "LA"),
    }


# Reads every record from its `PMID` on; that number is the id.
NBIB = TaggedReader("nbib", (".nbib",), START, DIALECT, _fields)
