"""EndNote XML."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from recommender.readers.fields import Fields, papers_from
from recommender.readers.names import split_names
from recommender.readers.reader import Reject, SourcePaper
from recommender.readers.source import SourceFile
from recommender.readers.xml_records import elements, root_of, text_in

RECORDS = re.compile(r"<records?>")


class EndNoteXml:
    """Reads every `record`; EndNote's number of it is the id."""

    name = "endnotexml"
    suffixes: tuple[str, ...] = ()

    def matches(self, source: SourceFile) -> bool:
        return root_of(source) in ("xml", "records") and RECORDS.search(source.head) is not None

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        return papers_from(elements(source, frozenset({"record"})), _fields, source.path, on_reject)


def _fields(record: Element) -> Fields:
    names = (text_in(author) for author in record.findall("contributors/authors/author"))
    return {
        "id": text_in(record, "rec-number"),
        "title": text_in(record, "titles/title"),
        "abstract": _lines(record.find("abstract")),
        "authors": [name for text in names for name in split_names(text)],
        "venue": text_in(record, "periodical/full-title")
        or text_in(record, "titles/secondary-title")
        or text_in(record, "publisher"),
        "year": text_in(record, "dates/year"),
        "volume": text_in(record, "volume"),
        "issue": text_in(record, "number"),
        "pages": text_in(record, "pages"),
        "doi": text_in(record, "electronic-resource-num"),
        "url": text_in(record, "urls/related-urls/url"),
        "keywords": [text_in(word) for word in record.findall("keywords/keyword")],
        "language": text_in(record, "language"),
    }


def _lines(element: Element | None) -> str:
    """Return the text with its own lines, for EndNote writes a line break as one."""
    text = "" if element is None else "".join(element.itertext()).replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line for raw in text.split("\n") if (line := " ".join(raw.split())))
