"""One page on the state of everything, that names no paper."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from recommender.builds.rebuild import Corpus, HeldPapers, rebuild
from recommender.index import engine_named
from recommender.paper import Paper
from recommender.presentation.cli import doctor
from tests.conftest import letter_parts


def findings(page):
    return [(line[:3].strip(), *line[4:].split(maxsplit=1)) for line in page.splitlines()]


def bad(told):
    """Return what is not well on a page that goes on to its end, by what was looked at."""
    assert told.code == 4
    found = findings(told.out)
    assert found[-1][1] == "night"
    return {name: what for state, name, what in found if state == "BAD"}


def test_a_home_that_is_well_is_told_on_one_page_that_names_no_paper(built):
    told = built("doctor")
    assert told.code == 0
    found = findings(told.out)
    assert {state for state, _, _ in found} == {"ok"}
    names = {name for _, name, _ in found}
    assert names >= {"version", "libraries", "home", "disk", "library", "builds", "build", "model", "night"}
    assert len(found) < 20
    assert "4 papers read, 4 counted" in told.out
    assert not any(word in told.out for word in ("产教", "erovskite"))


def test_a_new_home_is_well(call):
    assert call("doctor").code == 0


@pytest.mark.parametrize("name", ["vectors.npy", "papers.bin", "manifest.json"])
def test_a_damaged_build_is_told_and_the_page_goes_on(built, home, name):
    (path,) = (home / "builds").glob(f"*/{name}")
    content = path.read_bytes()
    path.write_bytes(content[:-3] + bytes([content[-3] ^ 1]) + content[-2:])
    told = built("doctor")
    assert told.code == 4
    bad = [what for state, _, what in findings(told.out) if state == "BAD"]
    assert any(name in what for what in bad)
    assert "no nightly job has run" in told.out


def test_a_night_that_failed_is_told(built, home):
    (home / "nightly.failed").write_text("2026-11-27T02:15:00Z exit 2, failed: nothing stays current\n")
    told = built("doctor")
    assert told.code == 4
    assert ("BAD", "night", "2026-11-27T02:15:00Z exit 2, failed: nothing stays current") in findings(
        told.out
    )


def test_of_a_long_log_the_end_alone_is_read(built, home, monkeypatch):
    line = "2026-11-27T02:15:00Z done: nothing has changed\n"
    (home / "nightly.log").write_bytes(b"\xff" * 1_000_000 + b"\n" + line.encode())
    sizes, read = [], Path.read_text
    monkeypatch.setattr(
        Path, "read_text", lambda path, *a, **k: (sizes.append(path.name), read(path, *a, **k))[1]
    )
    assert ("ok", "night", line.strip()) in findings(built("doctor").out)
    assert "nightly.log" not in sizes


def test_a_home_in_which_nobody_may_write_is_told(built, home, monkeypatch):
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: False)  # of a superuser it is always true
    assert bad(built("doctor")) == {"home": f"{home}, may not be written"}


def test_a_home_that_cannot_be_is_told(call, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RECOMMENDER_HOME", str(tmp_path / "file" / "home"))
    assert bad(call("doctor"))["home"] == f"{tmp_path}/file/home, may not be written"


@pytest.mark.parametrize(
    ("free", "is_low", "words"),
    [(1 << 30, True, "1.1 GB"), ((1 << 30) + 1, False, "1.1 GB"), (1 << 20, True, "1.0 MB")],
)
def test_a_disk_that_is_nearly_full_is_told(built, monkeypatch, free, is_low, words):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    told = built("doctor")
    assert told.code == (4 if is_low else 0)
    state = "BAD" if is_low else "ok"
    assert (state, "disk", f"{words} free") in findings(told.out)


DAMAGES = {
    "no library": lambda content: b"x" * len(content),
    "cut off": lambda content: content[: len(content) // 2],
    "a letter of a record": lambda content: content.replace(b"Moisture degrades", b"Moisture degraded"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_library_is_told(built, home, damage):
    library = home / "library.db"
    content = library.read_bytes()
    library.write_bytes(DAMAGES[damage](content))
    assert library.read_bytes() != content
    assert [*bad(built("doctor"))] == ["library"]


def test_a_model_that_is_not_there_is_told(call, monkeypatch):
    monkeypatch.setenv("RECOMMENDER_MODEL", "./nowhere")
    assert bad(call("doctor")) == {"model": "there is no model folder ./nowhere"}


def test_a_model_of_a_build_that_is_not_there_any_more_is_told(built, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr("recommender.embedding.folder.bundled", lambda *parts: tmp_path / "empty")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert [*bad(built("doctor"))] == ["model"]


def test_however_many_builds_there_are_the_page_is_one(built, home, monkeypatch):
    """Fifteen are whole, the first among them; the second and the fifth from the end are not."""
    parts = letter_parts(home, engine_named("flat"))
    corpus = Corpus(
        papers=HeldPapers([Paper(id="a", title="aab")]),
        rejected={},
        n_rejected=0,
        digest="d",
        origin="library",
    )
    now = datetime(2026, 11, 23, tzinfo=UTC)
    for number in range(16):
        made = rebuild(corpus, parts, now=now, on_stage=lambda *_: None, force=True)
        if number in (0, 11):
            (home / "builds" / made.manifest.build_id / "papers.bin").write_bytes(b"")

    def builds():
        return [(state, what) for state, name, what in findings(built("doctor").out) if name == "build"]

    told = builds()
    assert [state for state, _ in told] == ["ok"] * 4 + ["BAD"] + ["ok"] * 6 + ["BAD", "ok"]
    assert told[-1] == ("ok", "5 older ones are whole too")
    monkeypatch.setattr(doctor, "LISTED", 1)
    told = builds()
    assert told[2:] == [("ok", "14 older ones are whole too"), ("BAD", "1 older ones are damaged too")]
    assert [state for state, _ in told[:2]] == ["ok", "BAD"]
