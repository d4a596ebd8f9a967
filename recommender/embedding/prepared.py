"""A tokenizer prepared for questions: a few look-ups in a mapped file instead of the whole vocabulary.

`tokens.bin` lies beside the cached vectors of its model. Its parts are buckets of tokens, spread by a hash,
each with its checksum; the last part holds the rest of the tokenizer. Deleting it costs time, nothing else.
"""

import json
import struct
import zlib
from pathlib import Path

from recommender.embedding.unigram import Unigram
from recommender.errors import BuildError
from recommender.files import write_durably
from recommender.lookup.mapped import HEADER, MappedFile, header, sealed, seed_of

FILE = "tokens.bin"
MAGIC = b"RECTOKN1"
PLACES = struct.Struct("<QQ")
A_BUCKET = 8  # tokens, on average


class PreparedUnigram(Unigram):
    """A model that looks its tokens up as they are asked for. Safe to share between threads."""

    def __init__(self, path: Path, fingerprint: str) -> None:
        """Open what `prepare` wrote for the model with this fingerprint.

        Raises:
            BuildError: The file is missing, damaged or of another model.
        """
        self._file = MappedFile(path, MAGIC, fingerprint)
        self._n_buckets, self._n_tokens = self._file.counts
        self._buckets: dict[int, dict[str, tuple[int, float]]] = {}
        self._found: dict[int, float] = {}  # the score of each number that was looked up
        rest, _, self.charsmap = self._part(self._n_buckets).partition(b"\0")
        described = json.loads(rest)
        self._longest, self._unknown = described["longest"], described["unknown"]
        self.unknown_score = float.fromhex(described["unknown score"])
        self._bytes = {int(byte): number for byte, number in described["bytes"].items()}

    def __len__(self) -> int:
        return self._n_tokens

    def number_of(self, token: str) -> int | None:
        bucket = zlib.crc32(token.encode()) % self._n_buckets
        known = self._buckets.get(bucket)
        if known is None:
            parts = self._part(bucket).decode().split("\0")
            known = {
                name: (int(number), float.fromhex(score))
                for name, number, score in zip(parts[::3], parts[1::3], parts[2::3], strict=False)
            }
            self._buckets[bucket] = known
        if token not in known:
            return None
        number, self._found[number] = known[token][0], known[token][1]
        return number

    def score_of(self, number: int) -> float:
        return self._found[number]

    def _part(self, number: int) -> bytes:
        try:
            start, end = PLACES.unpack_from(self._file.content, HEADER.size + 8 * number)
        except struct.error as problem:
            raise self._file.damaged(str(problem)) from problem
        return self._file.part(start, end, number)


def prepare(model: Unigram, charsmap: bytes, fingerprint: str, path: Path) -> None:
    """Write a model for `PreparedUnigram`; one whose tokens cannot be told apart there is not written."""
    scores = model.scores()
    n_buckets = max(1, len(model.numbers) // A_BUCKET)
    buckets: list[list[str]] = [[] for _ in range(n_buckets)]
    for token, number in model.numbers.items():
        if "\0" in token:
            return
        buckets[zlib.crc32(token.encode()) % n_buckets] += [token, str(number), scores[number].hex()]
    seed = seed_of(fingerprint)
    parts = ["\0".join(bucket).encode() for bucket in buckets]
    parts.append(json.dumps(model.description()).encode() + b"\0" + charsmap)
    content = [sealed(part, number, seed) for number, part in enumerate(parts)]
    places = [HEADER.size + 8 * (len(parts) + 1)]
    for part in content:
        places.append(places[-1] + len(part))
    beginning = [header(MAGIC, n_buckets, len(model), seed), struct.pack(f"<{len(places)}Q", *places)]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, b"".join(beginning + content))


def opened(path: Path | None, fingerprint: str) -> PreparedUnigram | None:
    """Open a prepared model, None where there is none that is whole."""
    if path is None or not path.is_file():
        return None
    try:
        return PreparedUnigram(path, fingerprint)
    except (BuildError, ValueError, KeyError):
        return None  # a cache that is damaged is none: what it was made of is still there
