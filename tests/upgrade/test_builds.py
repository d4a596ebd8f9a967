"""Builds of other versions: a sentence that says what to do, and no night that is stuck on them.

The manifests are what the program wrote at the time: format 1 of a library, formats 2 to 6 of the sample.
"""

import hashlib
import json
from pathlib import Path

import pytest

from recommender.builds.manifest import Manifest
from recommender.errors import OtherFormatError
from recommender.lookup.summary import FORMAT
from recommender.main import run

MANIFESTS = Path(__file__).parent / "manifests"
OLD = [1, 2, 3, 4, 5, 6]
PAPERS = [
    {"id": "a", "title": "产教融合的治理", "abstract": "市域产教联合体推动职业教育发展。"},
    {"id": "b", "title": "Perovskite solar cells", "abstract": "The stability of perovskite films."},
]


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RECOMMENDER_HOME", str(tmp_path / "home"))

    def call_(*arguments):
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call_


@pytest.fixture
def put(tmp_path):
    """Put a build of another format there, and publish it."""

    def put_(content):
        record = json.loads(content)
        folder = tmp_path / "home" / "builds" / record["build_id"]
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_bytes(content)
        (folder.parent / "CURRENT").write_text(record["build_id"] + "\n")
        return record["build_id"]

    return put_


def old(number):
    return (MANIFESTS / f"format_{number}.json").read_bytes()


def newer(origin="library"):
    """Write a manifest as a version after this one might."""
    record = json.loads(old(2)) | {"format": FORMAT + 1, "origin": origin, "colour": "blue"}
    del record["checksum"]
    record.pop("crc32", None)
    canonical = json.dumps(record, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    record["checksum"] = hashlib.sha256(canonical.encode()).hexdigest()
    return json.dumps(record, indent=1).encode()


@pytest.fixture
def papers(tmp_path):
    path = tmp_path / "papers.jsonl"
    path.write_text("".join(json.dumps(paper) + "\n" for paper in PAPERS), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (old(1), rf"has format 1, this version reads {FORMAT}; make a new build: recommend rebuild$"),
        (old(2), rf"has format 2, this version reads {FORMAT}; make a new build: recommend rebuild$"),
        (old(3), rf"has format 3, this version reads {FORMAT}; make a new build: recommend rebuild$"),
        (old(4), rf"has format 4, this version reads {FORMAT}; make a new build: recommend rebuild$"),
        (old(5), rf"has format 5, this version reads {FORMAT}; make a new build: recommend rebuild$"),
        (old(6), rf"has format 6, this version reads {FORMAT}; make a new build: recommend rebuild$"),
        (newer(), rf"has format {FORMAT + 1}, this .*; update recommender, or make a new build: rec"),
    ],
    ids=["1", "2", "3", "4", "5", "6", "newer"],
)
def test_a_manifest_of_another_format_says_what_to_do(tmp_path, content, why):
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(OtherFormatError, match=why):
        Manifest.read(tmp_path)


@pytest.mark.parametrize("content", [old(1), newer()], ids=["older", "newer"])
@pytest.mark.parametrize(
    "arguments", [("--id", "9"), ("bees",), ("verify",), ("rollback",), ("--id", "9", "--why")]
)
def test_a_build_of_another_format_answers_nothing_in_one_sentence(call, put, papers, content, arguments):
    put(content)
    assert call("import", papers)[0] == 0
    code, out, err = call(*arguments)
    assert (code, out) == (4, "")
    if arguments != ("rollback",):
        assert err.count("\n") == 1
        assert "recommend rebuild" in err


@pytest.mark.parametrize("content", [old(1), old(2), newer()], ids=["1", "2", "newer"])
def test_the_gate_lets_a_build_take_the_place_of_one_that_nothing_can_be_compared_with(
    call, put, papers, content
):
    before = put(content)
    code, build_id, _ = call("rebuild", "--no-publish", papers)
    assert code == 0
    build_id = build_id.strip()
    code, _, err = call("evaluate", "--gate", "--build", build_id)
    assert code == 0, err
    code, out, err = call("builds")
    assert code == 0
    assert build_id in out
    assert f"build {before} (current): " in err
    assert "recommend rebuild" in err
    listed = json.loads(call("builds", "--json")[1])
    assert [(entry["build_id"], entry["current"], "problem" in entry) for entry in listed] == [
        (build_id, False, False), (before, True, True),
    ]  # fmt: skip
    assert call("publish", build_id)[0] == 0
    assert call("--id", "a", "--k", "1")[0] == 0
    assert call("prune", "--keep", "1")[0] == 0
    code, _, err = call("rollback")
    assert code == 4
    assert before in err
    assert call("--id", "a", "--k", "1")[0] == 0


def test_an_old_build_of_the_sample_is_made_anew_unasked(call, put):
    before = put(old(2))
    code, out, err = call("--id", "9", "--k", "1")
    assert code == 0
    assert "built the bundled sample of 360 papers" in err
    assert "299" in out
    assert f"build {before}" not in err


@pytest.mark.parametrize("content", [newer("bundled sample"), old(1)], ids=["newer sample", "old library"])
def test_no_other_build_gives_way_to_the_sample(call, put, content):
    before = put(content)
    code, _, err = call("--id", "9")
    assert code == 4
    assert before in err


def test_the_sample_gives_way_to_no_library(call, put, papers):
    put(old(2))
    assert call("import", papers)[0] == 0
    assert call("--id", "9")[0] == 4
