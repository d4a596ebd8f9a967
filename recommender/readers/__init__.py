"""Source files → papers. A format is one module with a `Reader`, and one entry in `READERS`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from recommender.errors import RecordError, SourceError, UsageError
from recommender.readers.arxiv import Arxiv
from recommender.readers.bibtex import BibTeX
from recommender.readers.columns import listed
from recommender.readers.crossref import Crossref
from recommender.readers.csl_json import CslJson
from recommender.readers.delimited import Delimited
from recommender.readers.endnote_tagged import END_NOTE_TAGGED
from recommender.readers.endnote_xml import EndNoteXml
from recommender.readers.jats import Jats
from recommender.readers.jsonl import JsonLines
from recommender.readers.nbib import NBIB
from recommender.readers.note_express import NOTE_EXPRESS
from recommender.readers.oai import OaiPmh
from recommender.readers.openalex import OpenAlex
from recommender.readers.parquet import Parquet
from recommender.readers.plain import PlainText
from recommender.readers.pubmed import PubMed
from recommender.readers.reader import Reader, Reject, SourcePaper, stop
from recommender.readers.refworks import REF_WORKS
from recommender.readers.ris import Ris
from recommender.readers.semantic_scholar import SemanticScholar
from recommender.readers.similar_page import SimilarPage
from recommender.readers.source import SourceFile, sources_in

__all__ = [
    "READERS",
    "OpenedSource",
    "Reader",
    "Reject",
    "SourceFile",
    "SourcePaper",
    "detect",
    "open_source",
    "read_papers",
    "stop",
]

OnNote = Callable[[str], None]
PARQUET = Parquet()
# The order in which an unknown file is offered to them: the narrower before the wider.
READERS: tuple[Reader, ...] = (
    PARQUET, OaiPmh(), PubMed(), Jats(), EndNoteXml(), SimilarPage(),
    OpenAlex(), SemanticScholar(), Arxiv(), Crossref(), CslJson(), JsonLines(),
    Ris(), NBIB, END_NOTE_TAGGED, NOTE_EXPRESS, REF_WORKS, BibTeX(), Delimited(), PlainText(),
)  # fmt: skip


def unheard(said: str) -> None:
    """Hear what is said of a file, and do nothing."""


class UnknownFormatError(SourceError):
    """No reader knows a file; beside others of an archive it may be left out."""


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """A source file whose format is known.

    Attributes:
        path: The file.
        parts: The file, or those of an archive, each with what reads it.
    """

    path: Path
    parts: tuple[tuple[SourceFile, Reader], ...]

    @property
    def format(self) -> str:
        """The name of the format, or those of the files in an archive."""
        return ", ".join(dict.fromkeys(reader.name for _, reader in self.parts))

    def papers(self, on_reject: Reject = stop, on_note: OnNote = unheard) -> Iterator[SourcePaper]:
        """Yield the papers one by one, in the order of the file, as `read_papers` does."""
        for source, reader in self.parts:
            yield from _counted(reader, source, self.path, on_reject, on_note)


def open_source(path: Path, *, reader: str | None = None, on_note: OnNote = unheard) -> OpenedSource:
    """Open a source file; without the name of its format, it is detected.

    Args:
        path: The file, or an archive of several.
        reader: Name of the format.
        on_note: Told which files of an archive are left out.

    Raises:
        SourceError: A file cannot be read, or is in no known format.
        UsageError: There is no format of the given name.
    """
    return OpenedSource(path, tuple(_recognised(path, _named(reader) if reader else None, on_note)))


def read_papers(
    path: Path, on_reject: Reject = stop, *, reader: str | None = None, on_note: OnNote = unheard
) -> Iterator[SourcePaper]:
    """Open a source file, and return its papers one by one, in the order of the file.

    Of an archive, all its files are read, one after the other; the places then begin with their names.

    Args:
        path: The file.
        on_reject: What becomes of a record that is not a paper; `stop` raises.
        reader: Name of the format; without it the format is detected.
        on_note: Told in a sentence what of the file was not read, if anything: columns, files of an archive.

    Raises:
        SourceError: The file cannot be read, in no known format, or, at its end, without any record.
        UsageError: There is no format of the given name.
    """
    return open_source(path, reader=reader, on_note=on_note).papers(on_reject, on_note)


def detect(path: Path) -> Reader:
    """Return the reader for a file: by its suffix, unless its content can only be another format.

    Raises:
        SourceError: The file cannot be read, or is in no known format.
    """
    return _recognised(path)[0][1]


def _recognised(
    path: Path, named: Reader | None = None, on_note: OnNote = unheard
) -> list[tuple[SourceFile, Reader]]:
    """Return the files and their readers; of an archive those that have one, if any has."""
    found: list[tuple[SourceFile, Reader]] = []
    unknown: list[UnknownFormatError] = []
    for source in sources_in(path, lambda name: on_note(f"{name} is no file of records, and is not read")):
        try:
            found.append((source, named or _detected(source)))
        except UnknownFormatError as problem:
            unknown.append(problem)
            on_note(f"{source.member} is in no known format, and is not read")
    if not found:
        raise unknown[0]
    return found


def _detected(source: SourceFile) -> Reader:
    by_suffix = [reader for reader in READERS if source.suffix in reader.suffixes]
    general = [reader for reader in by_suffix if not isinstance(reader, JsonLines)]
    for reader in (PARQUET, *general, *READERS):  # bytes that are no text are not asked for their header
        if reader.matches(source):
            return reader
    if by_suffix:
        return by_suffix[0]
    formats = "; ".join(" ".join((reader.name, _suffixes(reader))).strip() for reader in READERS)
    raise UnknownFormatError(f"{source.path} is in no known format; the formats are: {formats}")


def _suffixes(reader: Reader) -> str:
    return f"({', '.join(reader.suffixes)})" if reader.suffixes else ""


def _named(name: str) -> Reader:
    for reader in READERS:
        if reader.name == name:
            return reader
    known = ", ".join(reader.name for reader in READERS)
    raise UsageError(f"there is no format {name!r}; choose one of: {known}")


def _counted(
    reader: Reader, source: SourceFile, path: Path, on_reject: Reject, on_note: OnNote
) -> Iterator[SourcePaper]:
    """Yield what `reader` yields, and refuse a file of which nothing came: neither a paper nor a reject."""
    is_empty = True
    within = f"{source.member}, " if source.member else ""

    def reject(error: RecordError) -> None:
        nonlocal is_empty
        is_empty = False
        on_reject(
            RecordError(path, f"{within}{error.place}", error.reason, error.paper_id) if within else error
        )

    for found in reader.read(source, reject):
        is_empty = False
        yield SourcePaper(found.paper, f"{within}{found.place}") if within else found
    if is_empty:
        raise SourceError(f"{source.path} holds no record; read as {reader.name}")
    if source.ignored:
        names = listed(tuple(source.ignored))
        on_note(f"{within}not read, as no field of a paper is called so: {names}; rename those that are one")
