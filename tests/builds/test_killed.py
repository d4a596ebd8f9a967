"""A rebuild that is killed in the middle: the old build answers, the next run works."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from recommender.builds import unfinished
from recommender.builds.build import CHECKED
from recommender.builds.rebuild import Corpus, HeldPapers, rebuild
from recommender.paper import Paper
from recommender.ranking import FUSED

TESTS = Path(__file__).resolve().parent.parent
REBUILD = """
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path[:0] = [sys.argv[1], str(Path(sys.argv[1]).parent)]
from conftest import letter_parts
from recommender.builds import unfinished
from recommender.builds.rebuild import Corpus, HeldPapers, rebuild
from recommender.index import engine_named
from recommender.paper import Paper
from recommender.ranking import FUSED

home, engine, stage = Path(sys.argv[2]), sys.argv[3], sys.argv[4]
unfinished.WORTH = float(sys.argv[5])


def wait_there(name, done, total):
    if name == stage:
        print("there", flush=True)
        time.sleep(600)


rebuild(
    Corpus(
        papers=HeldPapers([Paper(id="1", title="new"), Paper(id="2", title="texts")]),
        rejected={},
        n_rejected=0,
        digest="new",
        origin="library",
    ),
    letter_parts(home, engine_named(engine)),
    now=datetime(2026, 11, 24, 2, 15, tzinfo=UTC),
    on_stage=wait_there,
)
"""


@pytest.fixture
def killed_at(store, engine):
    def run(stage, worth=5.0):
        process = subprocess.Popen(
            [sys.executable, "-c", REBUILD, TESTS, store.root.parent, engine.name, stage, str(worth)],
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            assert process.stdout.readline() == "there\n"
            process.kill()

    return run


@pytest.mark.parametrize("stage", ["writing records", "embedding", "reading words", "finding neighbours"])
def test_a_killed_rebuild_leaves_the_old_build_answering_and_the_next_run_works(
    store, letters, published, killed_at, stage
):
    yesterday = published({"1": "aab", "2": "abb"})
    killed_at(stage)
    assert len([*store.root.glob(".*.partial")]) == 1
    assert store.builds() == [yesterday]
    store.current().verify()
    assert [found[:2] for found in store.current().neighbours.of(0)] == [(1, pytest.approx(0.8))]

    letters.read.clear()
    tonight = published({"1": "new", "2": "texts", "3": "more"})
    known = [] if stage == "writing records" else ["new", "texts"]  # by the killed run
    assert letters.read == [text for text in ["new", "texts", "more"] if text not in known]
    assert store.current_id() == tonight != yesterday
    assert {path.name for path in store.root.glob(".*")} <= {CHECKED}


def test_a_rebuild_of_the_same_goes_on_where_the_killed_one_was(
    store, letters, parts, published, killed_at, now
):
    published({"1": "aab"})
    killed_at("finding neighbours", worth=0.0)
    (left,) = store.unfinished()
    is_noted = (left / unfinished.FILE).exists()
    assert is_noted == (parts.engine.name != "milvus")  # whose server may have lost what it had
    before = {path.name: path.stat().st_mtime_ns for path in left.iterdir()}
    letters.read.clear()
    papers = HeldPapers([Paper(id="1", title="new"), Paper(id="2", title="texts")])
    corpus = Corpus(papers=papers, rejected={}, n_rejected=0, digest="new", origin="library")
    same = replace(parts, ranking=FUSED)  # as the killed one ranked
    manifest = rebuild(corpus, same, now=now + timedelta(days=1), on_stage=lambda *_: None).manifest
    assert letters.read == []
    after = {path.name: path.stat().st_mtime_ns for path in (store.root / manifest.build_id).iterdir()}
    kept = [name for name in after if before.get(name) == after[name]]
    assert ({"papers.bin", "vectors.npy", "lexical.postings.npy"} <= {*kept}) == is_noted
    store.publish(manifest.build_id)
    assert store.unfinished() == []
