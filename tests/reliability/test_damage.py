"""No damage to a file of a build or of a library goes unnoticed, whatever its size and times say."""

import json
import os
import sys

import pytest

from recommender.main import run
from tests.reliability.damage import SHORT, campaign, library_campaign

PAPERS = [
    {"id": "1", "title": "Bees and pesticides", "abstract": "Foraging near treated fields."},
    {"id": "2", "title": "Wild bees", "abstract": "Foraging of bumblebees near fields."},
]


def test_every_mutation_of_every_file_of_a_build_is_noticed_and_no_answer_is_wrong(tmp_path):
    tally = campaign(tmp_path, SHORT)
    assert tally["kept from answering"] > SHORT // 2
    assert sum(tally.values()) == 2 * SHORT


def test_a_damaged_library_gives_no_wrong_record_and_what_is_lost_is_listed(tmp_path):
    tally = library_campaign(tmp_path, SHORT // 4)
    assert tally["recovered"] >= 10
    assert tally["records saved of those"] > 2 * tally["records lost of those"]


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


@pytest.mark.parametrize("name", ["vectors.npy", "lexical.weights.npy", "calibration.json", "manifest.json"])
def test_a_text_is_refused_with_the_name_of_the_file_or_answered_from_the_build_before(home, capsys, name):
    current = (home / "builds" / "CURRENT").read_text().strip()
    spoil(home / "builds" / current / name)
    assert run(["bees in the fields", "--json"]) == 4
    refused = capsys.readouterr()
    assert refused.out == ""
    assert name in refused.err
    assert len(refused.err.strip().splitlines()) == 1
    assert run(["bees in the fields", "--json", "--on-damage", "previous"]) == 0
    answered = capsys.readouterr()
    assert name in answered.err
    assert "answering from the build before" in answered.err
    assert [result["id"] for result in json.loads(answered.out)["results"]] == ["1"]


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
    assert "saved 1 papers" in said
    assert [path.name for path in home.glob("library.damaged-*.db")]
    assert run(["show", "1"]) == 0
    assert run(["library"]) == 0
    assert "2" not in capsys.readouterr().out.split()
