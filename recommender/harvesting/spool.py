"""What a harvest keeps on disk until it is imported: its pages, and where it is."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from recommender.errors import HarvestError, RecordError
from recommender.files import write_durably
from recommender.library import Source
from recommender.readers import Reject, SourceFile, SourcePaper
from recommender.readers.oai import OaiPmh, identifier, is_deleted, oai_records
from recommender.text.spellings import composed


@dataclass(slots=True)
class State:
    """Where a harvest is.

    Attributes:
        done: When the last complete harvest began, by the repository's clock; the next one goes on there.
        asked: The arguments of the harvest under way, None where there is none.
        began: When that one began, by the clock of the repository.
        token: What asks for its next page; "" for the first one.
        pages: How many of its pages are here.
        is_complete: Whether these are all.
    """

    done: str = ""
    asked: dict[str, str] | None = None
    began: str = ""
    token: str = ""
    pages: int = 0
    is_complete: bool = False

    def check(self) -> None:
        """Check that the values are what they should be.

        Raises:
            TypeError: One is something else.
        """
        if not (
            isinstance(self.asked, dict | None)
            and all(isinstance(text, str) for text in (self.done, self.began, self.token))
            and all(isinstance(text, str) for text in (self.asked or {}).values())
            and type(self.pages) is int
            and self.pages >= 0
            and isinstance(self.is_complete, bool)
        ):
            raise TypeError(f"no state of a harvest: {self}")


class Spool:
    """The folder of one harvest: a repository, a kind of metadata, a set.

    A page is written before the state that counts it, so that a harvest which is broken off goes on with the
    page that it had not counted.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "state.json"
        self.state = self._read()
        self._latest: dict[str, tuple[int, str, bool]] | None = None  # of the pages that are there

    def save(self) -> None:
        """Write the state."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_durably(self._file, json.dumps(asdict(self.state), ensure_ascii=False, indent=1).encode())

    def begin(self, asked: dict[str, str]) -> None:
        """Begin a harvest anew, without the pages of one that was broken off."""
        self._drop_pages()
        self.state = State(done=self.state.done, asked=asked)
        self.save()

    def keep(self, page: bytes) -> Path:
        """Write the next page, which counts only once the state is saved."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._latest = None
        path = self._page(self.state.pages + 1)
        write_durably(path, page)
        return path

    def finish(self) -> None:
        """Remember that everything up to the beginning of this harvest is in the library.

        Unless it left something out: it ended at a date, or began behind the last one.
        """
        asked, done = self.state.asked or {}, self.state.done
        leaves_out = "until" in asked or (done and asked.get("from", "")[: len(done)] > done)
        self.state = State(done=done if leaves_out else self.state.began or done)
        self.save()
        self._drop_pages()

    def source(self, name: str) -> Source:
        """Return the pages as one source of papers."""
        return Source(name=name, format=OaiPmh.name, read=self._papers)

    def deleted(self) -> list[str]:
        """Return the ids of the records that the repository deleted, and has not brought back."""
        return [name for name, (_, _, gone) in self._versions().items() if gone]

    def _papers(self, on_reject: Reject) -> Iterator[SourcePaper]:
        """Yield each paper in its latest version: a record that changes during a harvest comes again."""
        latest = self._versions()
        for number, source in self._sources():
            named = f"page {number}"

            def reject(error: RecordError, named: str = named) -> None:
                on_reject(RecordError(error.path, f"{named}, {error.place}", error.reason, error.paper_id))

            for found in OaiPmh().read(source, reject):
                if latest[found.paper.id][:2] == (number, found.place):
                    yield SourcePaper(found.paper, f"{named}, {found.place}")

    def _versions(self) -> dict[str, tuple[int, str, bool]]:
        """Return the page and the place of the last version of each record, and whether it is a deletion."""
        if self._latest is None:
            self._latest = {
                composed(identifier(record)): (number, place, is_deleted(record))
                for number, source in self._sources()
                for place, record in oai_records(source)
            }
        return self._latest

    def _sources(self) -> Iterator[tuple[int, SourceFile]]:
        for number in range(1, self.state.pages + 1):
            yield number, SourceFile(self._page(number))

    def _page(self, number: int) -> Path:
        return self.folder / f"page-{number:06}.xml"

    def _drop_pages(self) -> None:
        self._latest = None
        for page in self.folder.glob("page-*.xml"):
            page.unlink()

    def _read(self) -> State:
        if not self._file.exists():
            return State()
        try:
            state = State(**json.loads(self._file.read_text(encoding="utf-8")))
            state.check()
        except (ValueError, TypeError, RecursionError) as problem:
            raise HarvestError(
                f"{self._file} is damaged; delete its folder, and the repository is harvested from the start"
            ) from problem
        return state
