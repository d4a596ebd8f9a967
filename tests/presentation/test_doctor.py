"""One page on the state of everything, that names no paper."""

import pytest


def findings(page):
    return [(line[:3].strip(), *line[4:].split(maxsplit=1)) for line in page.splitlines()]


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
