"""Milvus: the vectors in a collection of a server or a cluster, one collection a build.

For corpora beyond one machine. The server finds the candidates; they are scored again from the build's own
`vectors.npy`, as the reference scores, so that answers do not depend on the server's arithmetic. Which build
answers stays the one file that says so on this machine: the collection of another build is never touched.

The server is named by MILVUS_URI (and MILVUS_TOKEN), so that a build can move from one to another.
Source: https://milvus.io/api-reference/pymilvus/v2.6.x/MilvusClient (collections, upsert, search).
"""

import json
import logging
import os
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from recommender.errors import BuildError, EngineError, first_line
from recommender.extras import require
from recommender.files import sync_folder, write_through
from recommender.index.engine import Before, Hits, VectorIndex
from recommender.index.flat import FlatIndex
from recommender.index.stored import (
    ROUNDING,
    SPARE,
    best_first,
    checked_question,
    exact_scores,
    read_vectors,
    rows_of,
)
from recommender.vectors import Rows, Scores, Vectors

FILE = "milvus.json"
PREFIX = "recommender_"
DEFAULT_URI = "http://127.0.0.1:19530"
BATCH_BYTES = 4_000_000  # of vectors in one request; a server refuses more than 64 MB
MOST_FOUND = 16_384  # rows in one answer: the limit of Milvus
MOST_NAMED = 10_000  # rows in one filter
FLAT = {"index_type": "FLAT", "metric_type": "IP"}
T = TypeVar("T")


class Server:
    """A Milvus server, asked again while it does not answer."""

    def __init__(self, uri: str, token: str, *, timeout: float, attempts: int, pause: float) -> None:
        """Connect at the first call.

        Args:
            uri: Address, as `http://host:19530`.
            token: `user:password` or an API key; "" for none.
            timeout: Seconds that one call may take.
            attempts: How often a call is made before it is given up.
            pause: Seconds before the second attempt, doubled before each one after.
        """
        self.uri = uri
        self.timeout = timeout
        self._token = token
        self._attempts = attempts
        self._pause = pause
        self._client: Any = None

    def call(self, what: str, ask: Callable[[Any], T]) -> T:
        """Return what `ask` returns when it is given the client; it must be safe to repeat.

        Raises:
            EngineError: The server cannot be reached, or refuses.
            MissingExtraError: pymilvus is not installed.
        """
        require("pymilvus", "milvus")
        from pymilvus import MilvusClient, MilvusException

        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # what it says is said once, by us
        for attempt in range(1, self._attempts + 1):
            try:
                if self._client is None:
                    self._client = MilvusClient(uri=self.uri, token=self._token, timeout=self.timeout)
                return ask(self._client)
            except MilvusException as problem:
                if attempt == self._attempts:
                    raise EngineError(
                        f"Milvus at {self.uri} could not {what} ({first_line(problem)}); "
                        "see that it runs and that MILVUS_URI names it"
                    ) from problem
                time.sleep(self._pause * 2 ** (attempt - 1))
        raise AssertionError("no attempt was made")


class MilvusIndex:
    """A collection beside the vectors it was filled with."""

    def __init__(self, server: Server, collection: str, vectors: Vectors) -> None:
        self._server = server
        self._collection = collection
        self._vectors = vectors
        self._local = FlatIndex(vectors)

    def __len__(self) -> int:
        return len(self._vectors)

    @property
    def recall(self) -> None:
        """None: it compares all."""

    def candidates(self, queries: Vectors, n: int, rows: range, effort: float = 1.0) -> Rows:
        return self.search(queries, n, rows).rows

    def gathered(self, rows: range) -> Rows:
        return np.asarray(rows, dtype=np.int64)

    def search(self, queries: Vectors, k: int, allowed: Rows | range | None = None) -> Hits:
        queries = checked_question(queries, k, self._vectors)
        rows = rows_of(allowed, len(self))
        candidates = len(rows)
        wanted = min(k + SPARE, candidates)
        chosen = _filter(rows)
        if chosen is None or wanted == candidates or wanted > MOST_FOUND or not len(queries):
            return self._local.search(queries, k, rows)
        hits = Hits.blank(len(queries), k)
        found = self._found(queries, wanted, chosen)
        for place, (near, scores) in enumerate(found):
            if scores[-1] >= scores[k - 1] - ROUNDING:  # more may share the k-th score than were asked for
                alone = self._local.search(queries[place : place + 1], k, rows)
                hits.rows[place], hits.scores[place] = alone.rows[0], alone.scores[0]
            else:
                exact = exact_scores(self._vectors, near, queries[place])
                hits.rows[place], hits.scores[place] = best_first(near, exact, k)
        return hits

    def _found(self, queries: Vectors, wanted: int, chosen: str) -> list[tuple[Rows, Scores]]:
        """Return the rows and scores that the server finds for each query, best first."""
        answers = self._server.call(
            "search",
            lambda client: client.search(
                self._collection,
                data=[*queries],
                limit=wanted,
                filter=chosen,
                search_params={"metric_type": "IP"},
                timeout=self._server.timeout,
            ),
        )
        found = []
        for answer in answers:
            if len(answer) != wanted:
                raise EngineError(
                    f"Milvus at {self._server.uri} found {len(answer)} of {wanted} rows in "
                    f"{self._collection}, which is not whole; rebuild the index"
                )
            near = np.array([hit["row"] for hit in answer], dtype=np.int64)
            found.append((near, np.array([hit["distance"] for hit in answer], dtype=np.float32)))
        return found


def _filter(rows: Rows | range) -> str | None:
    """Return what lets the server look at these rows only; None where it would be too long to say."""
    if isinstance(rows, range):
        return f"row >= {rows.start} and row < {rows.stop}"
    return f"row in {rows.tolist()}" if 0 < len(rows) <= MOST_NAMED else None


class MilvusEngine:
    """One collection a build: rows as primary keys, compared by inner product, every one of them."""

    name = "milvus"

    def __init__(
        self, uri: str | None = None, *, timeout: float = 30.0, attempts: int = 4, pause: float = 0.5
    ) -> None:
        """Use the server of MILVUS_URI unless another is named; nothing is asked of it yet."""
        address = uri or os.environ.get("MILVUS_URI", DEFAULT_URI)
        token = os.environ.get("MILVUS_TOKEN", "")
        self._server = Server(address, token, timeout=timeout, attempts=attempts, pause=pause)

    def build(self, folder: Path, sizes: Sequence[int] = (), before: Before | None = None) -> None:
        vectors = read_vectors(folder)
        collection = f"{PREFIX}{secrets.token_hex(8)}"
        self._server.call("be asked", lambda client: client.has_collection(collection))
        # Before it is made: whoever finds the folder unfinished knows what to drop.
        write_through(folder / FILE, json.dumps({"collection": collection}).encode())
        for named in (folder, folder.parent):  # the folder is as new as the file
            sync_folder(named)
        self._create(collection, vectors.shape[1])
        step = max(1, BATCH_BYTES // (4 * vectors.shape[1]))
        for start in range(0, len(vectors), step):
            self._insert(collection, start, vectors[start : start + step])
        self._server.call("flush", lambda client: client.flush(collection, timeout=self._server.timeout))
        self._whole(collection, len(vectors))

    def open(self, folder: Path) -> VectorIndex:
        vectors, collection = read_vectors(folder), _collection(folder)
        self._whole(collection, len(vectors))
        return MilvusIndex(self._server, collection, vectors)

    def drop(self, folder: Path) -> None:
        """Drop the collection of a build.

        Raises:
            EngineError: The server cannot be reached; nothing is lost, and the next time drops it.
        """
        collection = _collection(folder)
        self._server.call("drop a collection", lambda client: client.drop_collection(collection))

    def _create(self, collection: str, dim: int) -> None:
        require("pymilvus", "milvus")
        from pymilvus import DataType, MilvusClient

        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("row", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)

        def create(client: Any) -> None:
            if client.has_collection(collection):  # made by an attempt whose answer was lost
                return
            index = client.prepare_index_params()
            index.add_index("vector", **FLAT)
            client.create_collection(
                collection, schema=schema, index_params=index, consistency_level="Strong"
            )

        self._server.call("make a collection", create)

    def _insert(self, collection: str, start: int, vectors: Vectors) -> None:
        """Send a batch; sent twice, it is there once."""
        entries = [{"row": row, "vector": vector} for row, vector in enumerate(vectors, start=start)]
        self._server.call(
            "take vectors",
            lambda client: client.upsert(collection, entries, timeout=self._server.timeout),
        )

    def _whole(self, collection: str, expected: int) -> None:
        """Refuse a collection that does not hold every row.

        Raises:
            BuildError: It is gone, or holds more or fewer rows.
        """

        def count(client: Any) -> int | None:
            if not client.has_collection(collection):
                return None
            client.load_collection(collection)
            (found,) = client.query(collection, filter="", output_fields=["count(*)"])
            return int(found["count(*)"])

        held = self._server.call("count the rows", count)
        if held is None:
            raise BuildError(
                f"{FILE} names the collection {collection}, which Milvus at {self._server.uri} does not "
                "have; rebuild the index"
            )
        if held != expected:
            raise BuildError(
                f"the collection {collection} of {FILE} holds {held} vectors, vectors.npy {expected}; "
                "rebuild the index"
            )


def _collection(folder: Path) -> str:
    try:
        name = json.loads((folder / FILE).read_text(encoding="utf-8"))["collection"]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise BuildError(f"{folder / FILE} cannot be read: {problem}") from problem
    if not (isinstance(name, str) and name.startswith(PREFIX)):
        raise BuildError(f"{folder / FILE} names no collection of a build")
    return name
