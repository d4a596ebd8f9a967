"""What a release depends on: locked with hashes, licensed as a user may have it, looked up in advisories."""

import hashlib
import importlib
import json
import re
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
LOCK = (SCRIPTS / "requirements.lock").read_text("utf-8")
LICENCES = (SCRIPTS / "licences.md").read_text("utf-8")
FORBIDDEN = re.compile(
    r"\b(A?GPL|SSPL|BUSL|GNU (Affero )?General Public)|[Pp]roprietary|[Nn]on-?[Cc]ommercial"
)


@pytest.fixture(scope="module")
def lock():
    sys.path.insert(0, str(SCRIPTS))
    yield importlib.import_module("lock")
    sys.path.remove(str(SCRIPTS))


@pytest.fixture(scope="module")
def report(lock):
    return importlib.import_module("release_report")


def rows(heading="Licences of what is installed"):
    """Return the cells of the table below a heading."""
    below = LICENCES.partition(f"# {heading}\n")[2].partition("\n#")[0]
    return [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in below.splitlines() if line[:1] == "|"
    ][2:]


def test_the_lock_has_every_pin_and_no_other_each_with_a_hash_and_no_address(lock):
    pins = lock.pins(lock.PINS.read_text("utf-8"))
    assert len(pins) > 100
    assert lock.pins(LOCK) == pins
    entries = LOCK.splitlines()[1:]
    assert [
        entry for entry in entries if not re.fullmatch(r"\S+==\S+ --hash=sha256:[0-9a-f]{64}", entry)
    ] == []
    assert len({entry.rpartition(":")[2] for entry in entries}) == len(entries)


def test_what_the_tests_run_with_is_what_the_lock_names(lock):
    pins = lock.pins(LOCK)
    installed = {lock.one_spelling(found.metadata["Name"]): found.version for found in distributions()}
    other = {
        name: (version, pins[name])
        for name, version in installed.items()
        if name in pins and version.partition("+")[0] != pins[name]
    }
    assert other == {}
    assert len(installed.keys() & pins.keys()) > 50


def test_every_pin_has_a_licence_that_a_user_may_take():
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)", LOCK, re.M))
    assert {name: version for name, version, _, _ in rows()} == pins
    assert [row for row in rows() if row[2] in ("?", "", "not installed")] == []
    assert [row for row in rows() if FORBIDDEN.search(row[2])] == []
    of = {name: use for name, _, _, use in rows()}
    assert (of["numpy"], of["pymilvus"], of["hatchling"], of["pytest"]) == ("use", "use", "use", "test")
    for licence in ("GPL-3.0-only", "AGPL-3.0", "GNU General Public License v3", "Proprietary"):
        assert FORBIDDEN.search(licence)


def test_the_licences_are_those_that_the_packages_name(lock, report):
    installed = {lock.one_spelling(found.metadata["Name"]): found for found in distributions()}
    told = {name: licence for name, _, licence, _ in rows() if name in installed}
    assert told == {name: report.licence_of(installed[name]) for name in told}


def test_the_scripts_that_the_pages_bring_have_their_rows_and_their_licences():
    package = SCRIPTS.parent / "recommender" / "presentation"
    found = rows("Scripts that the pages bring")
    assert {row[3] for row in found} == {
        path.relative_to(package).as_posix() for path in package.rglob("*.min.js")
    }
    texts = {"MIT": "Permission is hereby granted, free of charge", "0BSD": "Zero-Clause BSD"}
    for name, version, licence, file, digest in found:
        path = package / file
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
        assert texts[licence] in path.with_name(path.name.replace(".min.js", ".LICENSE.txt")).read_text(
            "utf-8"
        )
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert name.partition(".")[0] in path.name
    assert ["htmx.org", "4.0.1"] in [row[:2] for row in found]
    assert '"4.0.1"' in (package / "web/static/htmx.min.js").read_text("utf-8")  # the only one that says so


def test_no_other_script_is_brought():
    ours = {"app.js", "map.js"}
    package = SCRIPTS.parent / "recommender"
    assert {path.name for path in package.rglob("*.js") if not path.name.endswith(".min.js")} == ours


def test_peers_of_benchmarks_are_named_instead_and_the_package_imports_none(report):
    (said,) = re.findall(r"^Not among them: (.*?)\. They", LICENCES, re.M)
    assert said.split(", ") == report.not_pinned() == ["hnswlib", "llm", "txtai", "usearch"]
    sources = [path.read_text("utf-8") for path in (SCRIPTS.parent / "recommender").rglob("*.py")]
    named = re.compile(
        rf"(?:import|from|require\(\"|import_module\(\") ?(?:{'|'.join(report.not_pinned())})\b"
    )
    assert named.search("import txtai")
    assert [source for source in sources if named.search(source)] == []


def test_the_list_is_that_of_the_script(report):
    for heading in ("Not among them", "## Scripts that the pages bring"):
        assert heading in LICENCES
    assert LICENCES.endswith(report.rest())


def advisory(folder, name="numpy", **affected):
    content = {"id": "PYSEC-1", "aliases": ["CVE-1"], "summary": "a weakness"}
    affected = {"package": {"ecosystem": "PyPI", "name": name}} | affected
    (folder / "a.json").write_text(json.dumps(content | {"affected": [affected]}))


def ranged(*events):
    return {"ranges": [{"type": "ECOSYSTEM", "events": [*events]}]}


@pytest.mark.parametrize(
    ("affected", "is_named"),
    [
        ({"versions": ["2.4.5", "2.4.6"]}, True),
        ({"versions": ["2.4.5"]}, False),
        (ranged({"introduced": "0"}), True),
        (ranged({"introduced": "0"}, {"fixed": "2.4.6"}), False),
        (ranged({"introduced": "0"}, {"fixed": "2.4.10"}), True),
        (ranged({"introduced": "2.4.7"}), False),
        (ranged({"introduced": "0"}, {"last_affected": "2.4.6"}), True),
        (ranged({"introduced": "0"}, {"last_affected": "2.4.5"}), False),
        (ranged({"introduced": "0"}, {"fixed": "1"}, {"introduced": "2.4"}, {"fixed": "2.5"}), True),
        ({"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}, False),
        ({"name": "NumPy", "versions": ["2.4.6"]}, True),
        ({"name": "numpydoc", "versions": ["2.4.6"]}, False),
        ({"package": {"ecosystem": "npm", "name": "numpy"}, "versions": ["2.4.6"]}, False),
    ],
)
def test_an_advisory_names_the_versions_that_it_is_about(
    report, monkeypatch, capsys, tmp_path, affected, is_named
):
    monkeypatch.setattr(report, "pinned", lambda: {"numpy": "2.4.6"})
    advisory(tmp_path, **affected)
    monkeypatch.setattr(sys, "argv", ["release_report.py", "--advisories", str(tmp_path)])
    assert report.main() == int(is_named)
    told = capsys.readouterr().out
    assert told == (
        "numpy 2.4.6: PYSEC-1, CVE-1  a weakness\n" if is_named else "none of 1 packages is named\n"
    )


def test_a_folder_without_advisories_is_no_clean_bill(report, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["release_report.py", "--advisories", str(tmp_path)])
    with pytest.raises(SystemExit) as refused:
        report.main()
    assert refused.value.code == 2


def test_the_advisories_withdrawn_are_left_out(report, tmp_path):
    advisory(tmp_path, versions=["2.4.6"])
    content = json.loads((tmp_path / "a.json").read_text()) | {"withdrawn": "2026-01-01T00:00:00Z"}
    (tmp_path / "a.json").write_text(json.dumps(content))
    assert [*report.advisories(tmp_path)] == []
