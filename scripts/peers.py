"""What benchmark_peers.py compares: each system in the few lines that its own documentation shows.

The search engines get the same unit vectors; the whole systems the same papers and the same model, which
ours opens by itself, the others through `SentenceTransformer(folder)`.
"""

import json
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.settings import Settings, bundled
from recommender.vectors import Vectors

K = 10
LINKS, EFFORT = 16, 200  # of a graph: edges a node, candidates while it is built; the usual values


class Engine(NamedTuple):
    """A search engine, filled.

    Attributes:
        search: Returns the numbers of the K nearest of one vector (1, dim).
        widen: Makes it look at so many candidates; None: it has chosen for itself.
        save: Writes it into a folder.
    """

    search: Callable[[Vectors], NDArray[np.integer]]
    widen: Callable[[int], None] | None
    save: Callable[[Path], None]


class System(NamedTuple):
    """A whole system, opened.

    Attributes:
        by_id: Returns the ids of the K papers most similar to one, without itself.
        by_text: Returns the ids of the K papers most similar to a text.
    """

    by_id: Callable[[str], list[str]]
    by_text: Callable[[str], list[str]]


def our_engine(vectors: Vectors, folder: Path) -> Engine:
    """Fill the engine of the product, which measures its recall and chooses how far to look."""
    from recommender.index import engine_named
    from recommender.index.stored import write_vectors

    engine = engine_named("faiss")
    write_vectors(vectors, folder)
    engine.build(folder)
    index = engine.open(folder)
    return Engine(lambda query: index.search(query, K).rows[0], None, lambda folder: None)


def hnswlib_engine(vectors: Vectors, folder: Path) -> Engine:
    """Fill hnswlib."""
    import hnswlib

    index = hnswlib.Index("ip", vectors.shape[1])
    index.init_index(len(vectors), ef_construction=EFFORT, M=LINKS, random_seed=1)
    index.set_num_threads(1)
    index.add_items(vectors)
    return Engine(
        lambda query: index.knn_query(query, K)[0][0],
        index.set_ef,
        lambda folder: index.save_index(str(folder / "index")),
    )


def usearch_engine(vectors: Vectors, folder: Path) -> Engine:
    """Fill usearch."""
    from usearch.index import Index

    index = Index(
        ndim=vectors.shape[1],
        metric="ip",
        dtype="f32",
        connectivity=LINKS,
        expansion_add=EFFORT,
    )
    index.add(np.arange(len(vectors)), vectors, threads=1)

    def widen(candidates: int) -> None:
        index.expansion_search = candidates

    return Engine(
        lambda query: index.search(query[0], K, threads=1).keys,
        widen,
        lambda folder: index.save(str(folder / "index")),
    )


def our_system(source: Path, folder: Path) -> Callable[[], System]:
    """Import a file and rebuild, and return what opens it."""
    from recommender.workspace import Workspace

    workspace = Workspace(Settings(home=folder))
    with workspace.writing():
        workspace.import_files([source])
        workspace.rebuild()

    def opened() -> System:
        recommender = Workspace(Settings(home=folder)).recommender()
        return System(
            lambda paper_id: [found.paper.id for found in recommender.similar_to(paper_id, k=K).results],
            lambda text: [found.paper.id for found in recommender.similar_to_text(text, k=K).results],
        )

    return opened


def script_system(source: Path, folder: Path) -> Callable[[], System]:
    """Do it by hand: sentence-transformers, an exact index of FAISS, and a list of the ids."""
    import faiss

    ids, texts = zip(*papers(source), strict=True)
    index = faiss.IndexFlatIP(model().get_embedding_dimension())
    index.add(model().encode([*texts], normalize_embeddings=True))
    faiss.write_index(index, str(folder / "index"))
    (folder / "ids.json").write_text(json.dumps(ids))

    def opened() -> System:
        index, ids = faiss.read_index(str(folder / "index")), json.loads((folder / "ids.json").read_text())
        row_of = {paper_id: row for row, paper_id in enumerate(ids)}

        def near(vector: Vectors, k: int) -> list[str]:
            return [ids[row] for row in index.search(vector[None], k)[1][0]]

        return System(
            lambda paper_id: without(paper_id, near(index.reconstruct(row_of[paper_id]), K + 1)),
            lambda text: near(model().encode(text, normalize_embeddings=True), K),
        )

    return opened


def txtai_system(source: Path, folder: Path) -> Callable[[], System]:
    """Let txtai index the texts; it has no question by id, so that the text of the paper is asked."""
    from txtai import Embeddings

    made = Embeddings(path=str(bundled("models", "fast")), method="sentence-transformers", content=True)
    made.index((paper_id, text, None) for paper_id, text in papers(source))
    made.save(str(folder / "index"))

    def opened() -> System:
        found = Embeddings()
        found.load(str(folder / "index"))
        text_of = dict(papers(source))

        def near(text: str, k: int) -> list[str]:
            return [hit["id"] for hit in found.search(text, k)]

        return System(
            lambda paper_id: without(paper_id, near(text_of[paper_id], K + 1)), lambda text: near(text, K)
        )

    return opened


def llm_system(source: Path, folder: Path) -> Callable[[], System]:
    """Let llm embed the texts into its database, with our model plugged in."""
    import llm
    import sqlite_utils

    class Local(llm.EmbeddingModel):  # type: ignore[misc]  # its package has no types
        model_id = "local"
        batch_size = 256

        def embed_batch(self, items: Any) -> Iterator[list[float]]:
            yield from model().encode([*items], normalize_embeddings=True).tolist()

    def collection() -> Any:
        return llm.Collection("papers", sqlite_utils.Database(folder / "papers.db"), model=Local())

    collection().embed_multi(papers(source), store=True)

    def opened() -> System:
        found = collection()
        return System(
            lambda paper_id: [hit.id for hit in found.similar_by_id(paper_id, number=K)],
            lambda text: [hit.id for hit in found.similar(text, number=K)],
        )

    return opened


def papers(source: Path) -> Iterator[tuple[str, str]]:
    """Yield ids and texts of a file of papers."""
    with source.open(encoding="utf-8") as file:
        for record in map(json.loads, file):
            yield record["id"], f"{record['title']}\n\n{record['abstract']}"


def without(paper_id: str, ids: list[str]) -> list[str]:
    """Return K ids without that of the paper itself."""
    return [found for found in ids if found != paper_id][:K]


_models: list[Any] = []


def model() -> Any:
    """Return the bundled model as sentence-transformers opens it, once."""
    if not _models:
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(1)
        _models.append(
            SentenceTransformer(str(bundled("models", "fast")), device="cpu", local_files_only=True)
        )
    return _models[0]


OURS = "recommender"
ENGINES: dict[str, Callable[[Vectors, Path], Engine]] = {
    OURS: our_engine,
    "hnswlib": hnswlib_engine,
    "usearch": usearch_engine,
}
SYSTEMS: dict[str, Callable[[Path, Path], Callable[[], System]]] = {
    OURS: our_system,
    "sentence-transformers + FAISS": script_system,
    "txtai": txtai_system,
    "llm": llm_system,
}


def is_here(name: str) -> bool:
    """Tell whether what a row compares is installed."""
    return "-" in name or find_spec(name) is not None
