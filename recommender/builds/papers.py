"""The records of one build: read-only once written, each with its own checksum."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from recommender.errors import BuildError
from recommender.lookup import ids, records
from recommender.lookup.ids import IdFile, write_ids
from recommender.lookup.records import RecordFile, write_records
from recommender.paper import Paper

FILES = (records.FILE, ids.FILE)


def write_papers(
    papers: Sequence[Paper],
    copies: list[int],
    unanswerable: Mapping[str, str],
    build_id: str,
    folder: Path,
) -> None:
    """Write the papers, one a row in this order, and why other known ids cannot be answered.

    Args:
        papers: The papers.
        copies: For each the row of the first one with the same text.
        unanswerable: Why, by id.
        build_id: The build.
        folder: Its folder.
    """
    values = (paper.values() for paper in papers)
    write_records(values, copies, dict(unanswerable), build_id, folder / records.FILE)
    write_ids([*(paper.id for paper in papers), *unanswerable], build_id, folder / ids.FILE)


def first_copies(digests: Iterable[str]) -> list[int]:
    """Return for the digest of each text the row of the first one like it: its own, if there is no other."""
    first: dict[str, int] = {}
    return [first.setdefault(digest, row) for row, digest in enumerate(digests)]


class PaperTable:
    """The records of a published build. Safe to share between threads."""

    def __init__(self, folder: Path, build_id: str) -> None:
        """Open the files of a build.

        Raises:
            BuildError: One is damaged, or of another build.
        """
        self._records = RecordFile(folder / records.FILE, build_id)
        self._ids = IdFile(folder / ids.FILE, build_id)
        if self._ids.n_ids != self._records.n_papers + self._records.n_reasons:
            raise BuildError(f"{folder / ids.FILE} has {self._ids.n_ids} ids, not one a record; rebuild")

    def __len__(self) -> int:
        return self._records.n_papers

    def close(self) -> None:
        """Close the files."""
        self._records.file.close()
        self._ids.close()

    def row_of(self, paper_id: str) -> int | None:
        """Return the row of a paper, or None: no row has this id."""
        number = self._ids.number_of(paper_id, self._records)
        return None if number is None or number >= len(self) else number

    def paper(self, row: int) -> Paper:
        """Return the paper of a row.

        Raises:
            BuildError: The row is damaged or missing.
        """
        return Paper.stored(self._records.values(row))

    def reason(self, paper_id: str) -> str | None:
        """Return why a known id cannot be answered, or None: the id is not among those."""
        number = self._ids.number_of(paper_id, self._records)
        return None if number is None or number < len(self) else self._records.reason(number)

    def reasons(self) -> dict[str, str]:
        """Return every id that is known but cannot be answered, with the reason."""
        numbers = range(len(self), len(self) + self._records.n_reasons)
        return {self._records.id_of(number): self._records.reason(number) for number in numbers}

    def copies_of(self, row: int) -> frozenset[int]:
        """Return the rows with exactly the text of `row`, itself among them."""
        return self._records.copies(row)

    def ids(self) -> Iterator[str]:
        """Yield every id in the order of the rows."""
        return map(self._records.id_of, range(len(self)))

    def all(self) -> Iterator[Paper]:
        """Yield every paper in the order of the rows."""
        return map(self.paper, range(len(self)))

    def check(self) -> None:
        """Read every record and every id, and compare them.

        Raises:
            BuildError: One is damaged, or an id leads to another record than its own.
        """
        self._ids.check(self._records)
