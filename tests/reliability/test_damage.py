"""No damage to a file of a build or of a library goes unnoticed, whatever its size and times say."""

import json
import os
import sys

import pytest

from recommender.main import run
from tests.reliability.damage import SHORT, campaign, check_held, held, library_campaign, make_library

PAPERS = [
    {"id": "1", "title": "Bees and pesticides", "abstract": "Foraging near treated fields."},
    {"id": "2", "title": "Wild bees", "abstract": "Foraging of bumblebees near fields."},
]
BOTH = ("manifest.json", "papers.bin", "ids.bin")  # a text may be the id of a paper
OF_TEXTS = (
    *BOTH, "calibration.json", "centres.npy", "facets.db", "facets.rows.npy", "facets.starts.npy",
    "lexical.frequencies.npy", "lexical.json", "lexical.pivots.npy", "lexical.postings.npy",
    "lexical.starts.npy", "lexical.terms.npy", "lexical.weights.npy", "hubness.npy", "vectors.npy",
)  # fmt: skip
OF_LOOK_UPS = (*BOTH, "neighbours.bin")
OF_NONE = (  # of so few papers all vectors are compared; what is kept is for the next rebuild
    "index.faiss", "kept.counts.npy", "kept.digests.npy", "kept.parts.npy", "kept.records.npy",
    "kept.windowed.npy",
)  # fmt: skip
FILES = sorted({*OF_TEXTS, *OF_LOOK_UPS, *OF_NONE})
QUESTIONS = (  # what is asked, the files that it is answered from, the answer, that of the build before
    (("bees in the fields",), OF_TEXTS, ["2", "1"], ["1"]),
    (("--id", "1"), OF_LOOK_UPS, ["2"], []),
)


def test_every_mutation_of_every_file_of_a_build_is_noticed_and_no_answer_is_wrong(tmp_path):
    tally = campaign(tmp_path, SHORT)
    assert tally["kept from answering"] > SHORT // 2
    assert sum(tally.values()) == 2 * SHORT


def test_a_damaged_library_gives_no_wrong_record_or_origin_and_what_is_lost_is_listed(tmp_path):
    tally = library_campaign(tmp_path, SHORT // 4)
    assert tally["recovered"] >= 10
    assert tally["records saved of those"] > 2 * tally["records lost of those"]


@pytest.mark.parametrize(
    ("value", "other", "refused"),
    [
        (b"2026-11-24T02:15", b"2026-11-24T02:16", {"papers", "origins", "new", "sources", "rejected"}),
        (b"line 137", b"line 138", {"papers", "origins", "new"}),
        (b"more.jsonl", b"mere.jsonl", {"origins", "sources", "rejected"}),
        (b"bad 3", b"bad 4", {"rejected"}),
    ],
)
def test_a_time_a_place_or_a_source_that_has_changed_is_not_given(tmp_path, value, other, refused):
    path = make_library(tmp_path / "library.db")
    right = held(path)
    content = path.read_bytes()
    assert value in content
    path.write_bytes(content.replace(value, other))
    found = held(path)
    check_held(found, right, "a changed value")
    assert right.keys() - found.keys() == refused


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A home folder with two builds, the newer one of two papers."""
    folder = tmp_path_factory.mktemp("damage")
    for number in (1, 2):
        path = folder / "papers.jsonl"
        path.write_text("".join(json.dumps(paper) + "\n" for paper in PAPERS[:number]))
        assert run(["rebuild", str(path), "--home", str(folder / "home")]) == 0
    return folder / "home"


@pytest.fixture
def home(once, monkeypatch):
    """The same for every test: what one has changed is put back."""
    monkeypatch.setenv("RECOMMENDER_HOME", str(once))
    monkeypatch.setattr(sys, "stdin", None)
    paths = [path for path in once.rglob("*") if path.is_file() and "embeddings" not in path.parts]
    whole = {path: path.read_bytes() for path in paths}
    yield once
    for path, content in whole.items():
        path.write_bytes(content)


def spoil(path):
    look = path.stat()
    content = path.read_bytes()
    with path.open("r+b") as file:
        file.seek(len(content) // 2)
        file.write(bytes([content[len(content) // 2] ^ 8]))
    os.utime(path, ns=(look.st_atime_ns, look.st_mtime_ns))


def answered(home, capsys, *question):
    """Ask a question in this process; return the exit code, the ids of the answer, and what was said."""
    code = run([*question, "--json"])
    said = capsys.readouterr()
    found = [result["id"] for result in json.loads(said.out)["results"]] if said.out else None
    return code, found, said.err


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_named_by_whoever_reads_it_and_by_verify(home, capsys, name):
    spoil(home / "builds" / (home / "builds" / "CURRENT").read_text().strip() / name)
    for question, files, right, before in QUESTIONS:
        code, found, said = answered(home, capsys, *question)
        if name not in files:
            assert (code, found) == (0, right)
            continue
        assert (code, found) == (4, None)
        assert name in said
        assert len(said.strip().splitlines()) == 1
        code, found, said = answered(home, capsys, *question, "--on-damage", "previous")
        assert (code, found) == (0, before)
        assert name in said
        assert "answering from the build before" in said
    assert run(["verify"]) == 4
    said = capsys.readouterr()
    assert said.out == ""
    assert name in said.err


def test_no_file_of_a_build_is_left_out_here(home):
    current = home / "builds" / (home / "builds" / "CURRENT").read_text().strip()
    assert {path.name for path in current.iterdir()} == {*FILES}


def test_a_library_is_recovered_by_the_command_and_what_is_lost_is_named(home, capsys):
    library = home / "library.db"
    content = library.read_bytes()
    assert content.count(b"Wild bees") == 1
    library.write_bytes(content.replace(b"Wild bees", b"Mild bees"))
    assert run(["show", "2"]) == 4
    assert "recommend library --recover" in capsys.readouterr().err
    assert run(["library", "--recover"]) == 0
    said = capsys.readouterr().err
    assert "lost: 2\n" in said
    assert "saved 1 paper;" in said
    assert [path.name for path in home.glob("library.damaged-*.db")]
    assert run(["show", "1"]) == 0
    assert run(["library"]) == 0
    assert "2" not in capsys.readouterr().out.split()
