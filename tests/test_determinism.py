"""The same corpus and model give the same bytes of neighbours, however a machine is set up."""

from datetime import UTC, datetime

import faiss
import pytest

from recommender.builds import BuildStore
from recommender.builds.rebuild import Corpus, HeldPapers, Parts, rebuild
from recommender.embedding import find_model, open_embedder
from recommender.index import engine_named
from recommender.sample import known_pairs, sample_papers

NIGHT = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)  # names the build, whose id is in every checksum


@pytest.fixture(scope="module")
def neighbours_of(tmp_path_factory):
    def build(name, papers, engine="faiss"):
        """Return the bytes of the neighbours of a corpus, built from nothing."""
        home = tmp_path_factory.mktemp(name)
        store = BuildStore(home / "builds")
        parts = Parts(
            store=store,
            embeddings=home / "embeddings",
            embedder=open_embedder(str(find_model("fast", allow_download=False))),
            model="fast",
            engine=engine_named(engine),
            known=known_pairs(),
        )
        corpus = Corpus(
            papers=HeldPapers(papers), rejected={}, n_rejected=0, digest="sample", origin="library"
        )
        built = rebuild(corpus, parts, now=NIGHT, on_stage=lambda *_: None)
        return (store.root / built.manifest.build_id / "neighbours.bin").read_bytes()

    return build


@pytest.fixture(scope="module")
def papers():
    return list(sample_papers())


@pytest.fixture(scope="module")
def usual(neighbours_of, papers):
    return neighbours_of("usual", papers)


def test_the_order_of_import_changes_nothing(neighbours_of, papers, usual):
    assert neighbours_of("reversed", papers[::-1]) == usual
    assert neighbours_of("shuffled", papers[1::2] + papers[::2]) == usual


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_the_number_of_threads_changes_nothing(neighbours_of, papers, usual, n_threads):
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(n_threads)
    try:
        assert neighbours_of("threads", papers) == usual
    finally:
        faiss.omp_set_num_threads(before)


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_the_size_of_a_batch_changes_nothing(monkeypatch, neighbours_of, papers, usual, size):
    monkeypatch.setattr("recommender.embedding.corpus.TEXTS_AT_ONCE", size)
    monkeypatch.setattr("recommender.ranking.nearest.ROWS_AT_ONCE", size)
    monkeypatch.setattr("recommender.lexical.matrix.PAIRS_AT_ONCE", 100 * size)
    assert neighbours_of("batches", papers) == usual


def test_the_engine_changes_nothing_where_it_is_exact(neighbours_of, papers, usual):
    assert neighbours_of("flat", papers, engine="flat") == usual


def test_another_paper_changes_the_neighbours(neighbours_of, papers, usual):
    assert neighbours_of("without", papers[1:]) != usual
