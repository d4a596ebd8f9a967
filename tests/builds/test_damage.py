"""Whatever happens to a file of a published build: it is noticed, and no answer is ever wrong."""

import os
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender import seen
from recommender.builds import Build
from recommender.builds.manifest import FILE as MANIFEST
from recommender.builds.neighbours import write_neighbours
from recommender.builds.papers import PaperWriter, record_of
from recommender.errors import BuildError, NotAnswerableError, PaperNotFoundError
from recommender.files import FileStamp
from recommender.index.stored import read_vectors
from recommender.lookup.ids import write_ids
from recommender.paper import Paper
from recommender.ranking import FUSED, Listed
from recommender.recommendation import Recommender

TEXTS = {"1": "aab", "2": "abb", "3": "zzz", "4": "aab", "5": "abc", "15": "", "9": "quick fox"}
OTHERS = {"9": "abb", "5": "aac", "1": "xyz", "4": "xyz", "2": "quick", "15": "", "3": "lazy dog runs " * 8}
EVERY = [
    "calibration.json",
    "centres.npy",
    "facets.db",
    "facets.rows.npy",
    "facets.starts.npy",
    "hubness.npy",
    "ids.bin",
    "kept.counts.npy",
    "kept.digests.npy",
    "kept.parts.npy",
    "kept.windowed.npy",
    "lexical.frequencies.npy",
    "lexical.json",
    "lexical.pivots.npy",
    "lexical.postings.npy",
    "lexical.starts.npy",
    "lexical.terms.npy",
    "lexical.weights.npy",
    "manifest.json",
    "neighbours.bin",
    "papers.bin",
    "vectors.npy",
]
FILES = {
    "flat": EVERY,
    "faiss": sorted([*EVERY, "index.faiss"]),
    "milvus": sorted([*EVERY, "milvus.json"]),
}
DAMAGES = {
    "emptied": lambda path, other: path.write_bytes(b""),
    "cut in half": lambda path, other: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "one byte short": lambda path, other: path.write_bytes(path.read_bytes()[:-2]),
    "one byte longer": lambda path, other: path.write_bytes(path.read_bytes() + b"\1"),
    "one bit flipped": lambda path, other: path.write_bytes(flipped(path.read_bytes())),
    "deleted": lambda path, other: path.unlink(),
    "of another build": lambda path, other: path.write_bytes(other.read_bytes()),
}


@pytest.fixture
def ranking():
    return FUSED


def flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def answers(store, embedder):
    """Return every answer of the current build: results, a reason why not, or that it was refused."""
    found = {}
    questions = [(paper_id, k) for paper_id in [*TEXTS, "7", "99"] for k in (3, 60)]
    try:
        build = store.current()
    except BuildError:
        return {}
    recommender = Recommender(build, lambda: embedder)
    for paper_id, k in questions:
        try:
            found[paper_id, k] = recommender.similar_to(paper_id, k).results
        except (PaperNotFoundError, NotAnswerableError) as reason:
            found[paper_id, k] = str(reason)
        except BuildError:
            continue
    try:
        found["text"] = recommender.similar_to_text("aabz", 7).results
    except BuildError:
        pass
    finally:
        build.close()
    return found


def verify(store, build_id):
    build = store.open(build_id)
    try:
        build.verify()
    finally:
        build.close()


@pytest.fixture
def two_builds(store, rebuilt, published):
    """The current build, and another one of the same number of papers."""
    other = rebuilt(OTHERS, rejected={"7": "no text"}).manifest.build_id
    return published(TEXTS, rejected={"7": "no year"}), other


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_damage_to_every_file_is_named_and_no_answer_is_wrong(
    store, letters, two_builds, engine, damage
):
    current, other = two_builds
    right = answers(store, letters)
    assert len(right) == 19
    assert sorted(path.name for path in (store.root / current).iterdir()) == FILES[engine.name]
    for name in FILES[engine.name]:
        path = store.root / current / name
        content = path.read_bytes()
        DAMAGES[damage](path, store.root / other / name)
        with pytest.raises(BuildError, match=name.removesuffix(".json")):
            verify(store, current)
        found = answers(store, letters)
        assert found.items() <= right.items(), name
        path.write_bytes(content)
    assert answers(store, letters) == right


def test_a_question_does_not_read_what_only_a_rebuild_needs(store, letters, two_builds, monkeypatch):
    compared = []
    read = seen._checksum
    monkeypatch.setattr(seen, "_checksum", lambda path: compared.append(path.name) or read(path))
    answers(store, letters)
    assert "lexical.weights.npy" in compared
    assert not [name for name in compared if name.startswith("kept.")]


@pytest.fixture
def broken_in(store, letters, two_builds):
    """Ask everything while one byte of one file is wrong."""
    current, _ = two_builds
    right = answers(store, letters)

    def ask(name, place, mask):
        path = store.root / current / name
        content = path.read_bytes()
        place %= len(content)
        path.write_bytes(content[:place] + bytes([content[place] ^ mask]) + content[place + 1 :])
        try:
            return answers(store, letters), right
        finally:
            path.write_bytes(content)

    return ask


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each question repairs what it broke
)
@given(data=st.data(), place=st.integers(0, 2**20), mask=st.integers(1, 255))
def test_a_wrong_byte_anywhere_is_refused_or_changes_no_answer(broken_in, engine, data, place, mask):
    found, right = broken_in(data.draw(st.sampled_from(FILES[engine.name])), place, mask)
    assert found.items() <= right.items()


@pytest.fixture
def rewritten(store, two_builds):
    """Change files of the current build and give the manifest the digests that fit: a faulty writer."""

    def rewrite(name, change):
        build = store.current()
        change(build.folder / name)
        files = {name: FileStamp.of(build.folder / name) for name in build.manifest.files}
        replace(build.manifest, files=files).write(build.folder)
        return build.manifest.build_id

    return rewrite


def test_a_build_whose_papers_are_out_of_step_is_not_verified(store, rewritten, two_builds):
    current, _ = two_builds
    fewer = [Paper(id=paper_id, title=text) for paper_id, text in TEXTS.items() if text][1:]
    store.current().close()
    (aside := store.root.parent / "aside").mkdir()
    with PaperWriter(aside, current) as writer:
        for paper in fewer:
            writer.add(record_of(paper))
        writer.finish(np.arange(len(fewer)), {})
    for name in ("papers.bin", "ids.bin"):
        build_id = rewritten(name, lambda path: path.write_bytes((aside / path.name).read_bytes()))
    with pytest.raises(BuildError, match=r"out of step: .*'papers': 5"):
        verify(store, build_id)


def test_a_build_whose_vectors_are_out_of_step_is_not_verified(store, rewritten):
    build_id = rewritten("vectors.npy", lambda path: np.save(path, np.eye(5, 26, dtype=np.float32)))
    with pytest.raises(BuildError, match=r"holds 6 vectors|the index has 5 rows"):
        verify(store, build_id)


def test_a_build_whose_neighbours_are_out_of_step_is_not_verified(store, rewritten, two_builds):
    current, _ = two_builds
    nothing = np.zeros((7, 50), dtype=np.int64)
    seven = Listed(np.arange(7), nothing[:, 0], *[nothing] * 5)
    build_id = rewritten("neighbours.bin", lambda path: write_neighbours([seven], (7, 50), current, path))
    with pytest.raises(BuildError, match=r"out of step: .*'neighbours': 7"):
        verify(store, build_id)


def test_a_build_whose_ids_lead_elsewhere_is_not_verified(store, rewritten, two_builds):
    current, _ = two_builds
    build_id = rewritten(
        "ids.bin", lambda path: write_ids(["2", "1", "3", "4", "5", "9", "15", "7"], current, path)
    )
    with pytest.raises(BuildError, match=r"ids\.bin is damaged .*row 0 is not found"):
        verify(store, build_id)


def test_a_manifest_that_lists_a_file_less_is_not_verified(store, two_builds):
    current, _ = two_builds
    path = store.root / current / MANIFEST
    path.write_text(path.read_text().replace("papers.bin", "papers.bon"))
    with pytest.raises(BuildError, match="manifest"):
        verify(store, current)


@pytest.mark.parametrize("engine", ["flat"], indirect=True)  # all engines read them alike
def test_a_damaged_header_of_the_vectors_is_refused_whatever_numpy_makes_of_it(store, two_builds):
    current, _ = two_builds
    folder = store.root / current
    whole = read_vectors(folder)
    content = (folder / "vectors.npy").read_bytes()
    for place in range(content.index(b"\n") + 1):
        for byte in b"0(-b'\n\xff":
            (folder / "vectors.npy").write_bytes(content[:place] + bytes([byte]) + content[place + 1 :])
            try:
                found = read_vectors(folder)
            except BuildError:
                continue
            assert found.dtype == whole.dtype  # another shape: the length of the index then does not fit


def test_files_that_nobody_touched_are_compared_but_once(store, letters, published, monkeypatch):
    later = time.time_ns() + 3600 * 10**9
    monkeypatch.setattr("recommender.seen.time.time_ns", lambda: later)
    build_id = published(TEXTS)
    right = answers(store, letters)
    compared = []
    check_file = Build.check_file
    monkeypatch.setattr(
        Build, "check_file", lambda self, name: compared.append(name) or check_file(self, name)
    )
    assert answers(store, letters) == right
    assert compared == []
    for name in ("vectors.npy", "lexical.weights.npy", "calibration.json", "hubness.npy"):
        path = store.root / build_id / name
        content = path.read_bytes()
        path.write_bytes(flipped(content))
        os.utime(path, (1, 1))
        found = answers(store, letters)
        assert "text" not in found
        assert found.items() <= right.items()
        assert name in compared
        path.write_bytes(content)


@pytest.mark.parametrize("small", [0, 10**9], ids=["by threads", "one after the other"])
def test_what_was_compared_with_its_digest_is_not_read_for_that_again(store, rebuilt, monkeypatch, small):
    monkeypatch.setattr("recommender.builds.build.SMALL", small)
    build_id = rebuilt(TEXTS).manifest.build_id
    read = []
    of = FileStamp.of
    monkeypatch.setattr(FileStamp, "of", lambda path: read.append(path.name) or of(path))
    store.publish(build_id)
    assert sorted(read) == sorted(store.current().manifest.files)
    path = store.root / build_id / "vectors.npy"
    path.write_bytes(flipped(path.read_bytes()))
    with store.current() as build, pytest.raises(BuildError, match=r"vectors\.npy is damaged"):
        _ = build.index


def test_a_pruned_build_leaves_no_note_behind(store, published):
    ids = [published({"1": "ab" + night}) for night in "cdef"]
    notes = store.root / ".checked"
    assert sorted(path.stem for path in notes.iterdir()) == ids
    store.prune(1)
    assert sorted(path.stem for path in notes.iterdir()) == store.builds() == ids[2:]
