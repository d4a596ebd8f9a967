"""`ids.bin`: where a paper stands, by its id.

Ids are spread over buckets by a hash; a bucket is a part with the hashes of its ids and their numbers. What
is not in its bucket is nowhere, and the bucket's checksum vouches for that.
"""

import os
import struct
import zlib

from recommender.lookup.mapped import CHECKSUM, HEADER, MappedFile, header, sealed, seed_of
from recommender.text.spellings import spellings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.lookup.records import RecordFile

FILE = "ids.bin"
MAGIC = b"RECIDS_1"
ENTRY = struct.Struct("<II")  # hash of an id, its number
COUNTS = struct.Struct("<II")  # entries before a bucket, and before the next one
A_BUCKET = 16  # ids, on average


class IdFile:
    """An opened file of ids. Safe to share between threads."""

    def __init__(self, path: "str | os.PathLike[str]", build_id: str) -> None:
        """Open a file.

        Raises:
            BuildError: It is damaged, or of another build.
        """
        self._file = MappedFile(path, MAGIC, build_id)
        self.n_buckets, self.n_ids = self._file.counts
        self._buckets = HEADER.size + 4 * (self.n_buckets + 1)
        self._file.expect(self._buckets + CHECKSUM.size * self.n_buckets + ENTRY.size * self.n_ids)
        if not self.n_buckets:
            raise self._file.damaged("it has no buckets")

    def number_of(self, paper_id: str, records: "RecordFile") -> int | None:
        """Return the number of the record that has an id, in whatever form of Unicode, or None: none has it.

        Raises:
            BuildError: The bucket, or a record that it names, is damaged.
        """
        found = (self._number_of(spelling, records) for spelling in spellings(paper_id))
        return next((number for number in found if number is not None), None)

    def _number_of(self, paper_id: str, records: "RecordFile") -> int | None:
        hashed = _hash(paper_id)
        if hashed is None:
            return None  # no record has such an id
        for found, number in ENTRY.iter_unpack(self._bucket(hashed % self.n_buckets)):
            if found == hashed and records.is_named(number, paper_id):
                return int(number)
        return None

    def check(self, records: "RecordFile") -> None:
        """Read all of it, and every record.

        Raises:
            BuildError: A bucket or a record is damaged, or an id does not lead to its record.
        """
        seen = bytearray(self.n_ids)
        for bucket in range(self.n_buckets):
            found = set()
            for hashed, number in ENTRY.iter_unpack(self._bucket(bucket)):
                paper_id = records.id_of(number)
                if hashed != _hash(paper_id) or hashed % self.n_buckets != bucket or paper_id in found:
                    raise self._file.damaged(f"row {number} is not found")
                found.add(paper_id)
                seen[number] = 1
        if 0 in seen:
            raise self._file.damaged(f"row {seen.index(0)} is not found")

    def _bucket(self, bucket: int) -> bytes:
        before, after = COUNTS.unpack_from(self._file.content, HEADER.size + 4 * bucket)
        start = self._buckets + CHECKSUM.size * bucket + ENTRY.size * before
        end = start + CHECKSUM.size + ENTRY.size * (after - before)
        if not before <= after <= self.n_ids:
            raise self._file.damaged(f"part {bucket} has no place")
        return self._file.part(start, end, bucket)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def hash_of(encoded: bytes) -> int:
    """Return the hash of an id, which is given in UTF-8."""
    return zlib.crc32(encoded)


def write_ids(ids: "Iterable[str]", build_id: str, path: "str | os.PathLike[str]") -> None:
    """Write ids with their numbers, which are their places, and wait until they are on the disk."""
    write_hashes((hash_of(paper_id.encode()) for paper_id in ids), build_id, path)


def write_hashes(found: "Iterable[int]", build_id: str, path: "str | os.PathLike[str]") -> None:
    """Write ids, of each the hash, as `write_ids` does."""
    import numpy as np  # only a rebuild has a use for it

    seed = seed_of(build_id)
    hashes = np.fromiter(found, dtype="<u4")
    n_buckets = max(1, len(hashes) // A_BUCKET)
    buckets = hashes % np.uint32(n_buckets)
    order = np.argsort(buckets, kind="stable")
    counts = np.concatenate([[0], np.cumsum(np.bincount(buckets, minlength=n_buckets))])
    entries = np.stack([hashes[order], order.astype("<u4")], axis=1).tobytes()
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(header(MAGIC, n_buckets, len(hashes), seed))
        file.write(counts.astype("<u4").tobytes())
        start = 0
        for bucket, end in enumerate((ENTRY.size * counts[1:]).tolist()):
            file.write(sealed(entries[start:end], bucket, seed))
            start = end
        file.flush()
        os.fsync(file.fileno())


def _hash(paper_id: str) -> int | None:
    try:
        return hash_of(paper_id.encode())
    except UnicodeEncodeError:
        return None
