"""Answers of an OAI-PMH repository: records in Dublin Core or JATS, as a harvest keeps them."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from recommender.errors import SourceError
from recommender.readers.dublin_core import fields_of_dublin_core
from recommender.readers.fields import Fields, papers_from
from recommender.readers.jats import LEFT_OUT, jats_fields
from recommender.readers.reader import Reject, SourcePaper
from recommender.readers.source import SourceFile
from recommender.readers.xml_records import Placed, elements, root_of, text_in

RECORDS = frozenset({"record", "error"})


class OaiPmh:
    """Reads every `record`; its identifier is the id. A deleted record holds no paper."""

    name = "oai"
    suffixes: tuple[str, ...] = ()

    def matches(self, source: SourceFile) -> bool:
        return root_of(source) == "OAI-PMH"

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        kept = (placed for placed in oai_records(source) if not is_deleted(placed[1]))
        return papers_from(kept, _fields, source.path, on_reject)


def oai_records(source: SourceFile) -> Iterator[Placed]:
    """Yield the records of an answer, the deleted ones included.

    Raises:
        SourceError: The repository answered with an error, or the answer is no XML.
    """
    for place, element in elements(source, RECORDS, without=LEFT_OUT):
        if element.tag == "error":
            said = f"{element.get('code', 'error')}: {text_in(element)}"
            raise SourceError(f"{source.path}, {place}: the repository answered {said}")
        yield place, element


def is_deleted(record: Element) -> bool:
    """Tell whether the repository has deleted a record."""
    header = record.find("header")
    return header is not None and header.get("status") == "deleted"


def identifier(record: Element) -> str:
    """Return the name of a record in its repository."""
    return text_in(record, "header/identifier")


def _fields(record: Element) -> Fields:
    if not (name := identifier(record)):
        raise ValueError("a record of OAI-PMH has an identifier, this has none")
    payload = next(iter(record.find("metadata") or ()), None)
    if payload is None:
        raise ValueError("the record has no metadata")
    if payload.tag == "article":
        return {**jats_fields(payload), "id": name}
    if payload.tag != "dc":
        raise ValueError(f"the metadata are of the kind {payload.tag!r}; ask for oai_dc or jats")
    return fields_of_dublin_core(payload) | {"id": name}
