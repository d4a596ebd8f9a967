"""The records of one build: read-only once written, each with its own checksum."""

import struct
from array import array
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

from recommender.errors import BuildError
from recommender.lookup import ids, records
from recommender.lookup.ids import IdFile, hash_of, write_hashes
from recommender.lookup.records import RecordFile, write_records
from recommender.paper import Paper, text_of

if TYPE_CHECKING:
    from recommender.builds.unchanged import Unchanged
    from recommender.vectors import Rows

FILES = (records.FILE, ids.FILE)
UNFINISHED = "papers.unfinished"
SIZE = struct.Struct("<I")


class PaperWriter:
    """Writes the papers of a build, one a row, in two steps: which are copies is known after the last one.

    Those that the build before has just so come in the second step.

    A context manager; what it keeps between the steps is gone after it.
    """

    def __init__(self, folder: Path, build_id: str) -> None:
        """Begin a build in its folder."""
        self._folder, self._build_id = folder, build_id
        self._records = (folder / UNFINISHED).open("w+b")
        self._n = 0

    def __len__(self) -> int:
        """Return how many papers were added."""
        return self._n

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._records.close()
        (self._folder / UNFINISHED).unlink()

    def add(self, record: bytes) -> None:
        """Add the next row that the build before does not have, see `record_of`."""
        self._records.write(SIZE.pack(len(record)))
        self._records.write(record)
        self._n += 1

    def finish(
        self, copies: "Rows", unanswerable: Mapping[str, str], same: "Unchanged | None" = None
    ) -> None:
        """Write the files and wait until they are on the disk.

        Args:
            copies: For each row the first one with the same text.
            unanswerable: Why other known ids cannot be answered.
            same: What the build before has of the rows; None: all were added.
        """
        path, hashes = self._folder / records.FILE, array("I")
        every = same.records(self._added()) if same else self._added()
        noted = _noting_ids(every, hashes)
        write_records(noted, array("q", copies.tobytes()), unanswerable, self._build_id, path)
        hashes.extend(hash_of(paper_id.encode()) for paper_id in unanswerable)
        write_hashes(hashes, self._build_id, self._folder / ids.FILE)

    def _added(self) -> Iterator[bytes]:
        self._records.seek(0)
        for _ in range(self._n):
            (size,) = SIZE.unpack(self._records.read(SIZE.size))
            yield self._records.read(size)


def record_of(paper: Paper) -> bytes:
    """Return a paper as its row holds it."""
    return records.encoded(paper.values())


def _noting_ids(every: Iterable[bytes], hashes: "array[int]") -> Iterator[bytes]:
    """Yield records, and note the hash of the id of each."""
    for record in every:
        hashes.append(hash_of(records.id_in(record)))
        yield record


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
        return Paper.begun(*self._records.begun(row))

    def records(self, rows: Iterable[int]) -> Iterator[bytes]:
        """Yield the papers of rows as `record_of` does, from a file that was compared with its digest.

        Raises:
            BuildError: A row is missing.
        """
        return self._records.encoded(rows)

    def text(self, row: int) -> str:
        """Return the text of the paper of a row, as `Paper.text` does.

        Raises:
            BuildError: The row is damaged or missing.
        """
        return text_of(*self._records.compared(row))

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
