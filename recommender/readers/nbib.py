"""MEDLINE text, which PubMed saves as .nbib or .txt."""

import re
from collections.abc import Iterator

from recommender.readers.fields import Fields, papers_from
from recommender.readers.reader import Reject, SourcePaper
from recommender.readers.source import SourceFile
from recommender.readers.tagged import Dialect, Tags, first_of, tagged_records

START = re.compile(r"\s*PMID- *\d")
LINE = re.compile(r"(?P<tag>[A-Z][A-Z0-9]{1,3}) {0,2}-(?:(?P<value>(?: .*)?)$)")
DOI = re.compile(r"(10\.\S+) \[doi\]")
DIALECT = Dialect(LINE, first="PMID", joint=" ")


class Nbib:
    """Reads every record from its `PMID` on; that number is the id."""

    name = "nbib"
    suffixes: tuple[str, ...] = (".nbib",)

    def matches(self, source: SourceFile) -> bool:
        return START.match(source.head) is not None

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        records = tagged_records(source, DIALECT, on_reject)
        return papers_from(records, _fields, source.path, on_reject)


def _fields(tags: Tags) -> Fields:
    pmid = first_of(tags, "PMID")
    ids = [*tags.get("LID", []), *tags.get("AID", [])]
    keywords = tags.get("OT") or tags.get("MH", [])
    return {
        "id": pmid,
        "title": first_of(tags, "TI", "TT", "BTI"),
        "abstract": first_of(tags, "AB", "OAB"),
        "authors": [*(tags.get("FAU") or tags.get("AU", [])), *tags.get("CN", [])],
        "venue": first_of(tags, "JT", "TA"),
        "year": first_of(tags, "DP"),
        "volume": first_of(tags, "VI"),
        "issue": first_of(tags, "IP"),
        "pages": first_of(tags, "PG"),
        "doi": next((found[1] for text in ids if (found := DOI.fullmatch(text))), ""),
        "url": f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isdecimal() else "",
        "keywords": [word.replace("*", "") for word in keywords],
        "language": first_of(tags, "LA"),
    }
