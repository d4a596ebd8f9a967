"""What a release depends on and brings: versions, licences, and known weaknesses.

    python scripts/release_report.py                     writes scripts/licences.md from what is installed
    python scripts/release_report.py --advisories FOLDER looks for every pin in advisories; exit code 1: found

Neither needs the network; what is installed aside, as the packages of the build are, is found on PYTHONPATH.
FOLDER holds advisories in the OSV format, one JSON file each, which has to be fetched: the PyPI part of the
OSV database, or the checkout of another that is written so. To ask a service over the network instead:
`pip-audit --require-hashes -r scripts/requirements.lock`.
"""

import argparse
import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from lock import PINS, one_spelling, pins
from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

HERE = Path(__file__).resolve().parent
PRESENTATION = HERE.parent / "recommender" / "presentation"
LICENCES = HERE / "licences.md"
NOT_FOR_USERS = {"test", "benchmark", "peers"}  # extras
LONGEST = 60  # characters; some write the whole text where its name belongs
HEAD = """# Licences of what is installed

By `scripts/release_report.py`, from the packages' own metadata. *For*: `use`, building and the extras that
users choose included, or `test`.

| package | version | licence | for |
|---|---|---|---|
"""
REST = """
Not among them: {names}. They are of the extra `peers`, other programs that
`scripts/benchmark_peers.py` measures beside ours where somebody installs them; the package imports none.

## Scripts that the pages bring

As the npm packages of these names have them, but for the last line of graphology's, each with its licence
beside it. What is bundled in them, `events` and `graphology-utils`, is under MIT too.

| package | version | licence | file below `recommender/presentation` | SHA-256 |
|---|---|---|---|---|
"""
SCRIPTS = [  # what other people wrote in JavaScript
    ("graphology", "0.26.0", "MIT", "atlas/graphology.min.js"),
    ("htmx.org", "4.0.1", "0BSD", "web/static/htmx.min.js"),
    ("sigma", "3.0.3", "MIT", "atlas/sigma.min.js"),
]


def pinned() -> dict[str, str]:
    """Return the version of each package that is installed."""
    return pins(PINS.read_text(encoding="utf-8"))


def licence_of(found: Distribution) -> str:
    """Return the licence that a package names, by whichever of three ways it does."""
    about = found.metadata
    if expression := about.get("License-Expression"):
        return str(expression)
    classes = [
        entry.rpartition(" :: ")[2]
        for entry in about.get_all("Classifier", [])
        if entry.startswith("License")
    ]
    named = str(about.get("License") or "").strip()
    if named and "\n" not in named and len(named) <= LONGEST:
        return named
    told = ", ".join(entry for entry in classes if entry != "OSI Approved") or named.partition("\n")[0]
    return told or _title(found) or "?"


def _title(found: Distribution) -> str:
    """Return the first line of the licence that a package brings, where it has no name for it."""
    texts = [path for path in found.files or () if re.fullmatch(r"LICEN[SC]E(\.\w+)?", path.name)]
    lines = texts[0].read_text().strip().splitlines() if texts else []
    return lines[0].strip() if lines else ""


def asked_for() -> list[tuple[str, str]]:
    """Return the packages and extras that our own package names, for users."""
    about = _about()
    project, building = about["project"], about["build-system"]
    extras = (lines for name, lines in project["optional-dependencies"].items() if name not in NOT_FOR_USERS)
    lines = [*building["requires"], *project["dependencies"], *(line for extra in extras for line in extra)]
    return [pair for line in lines for pair in _pairs(Requirement(line))]


def not_pinned() -> list[str]:
    """Return the packages of the extra `peers` that nothing else needs."""
    named = {
        one_spelling(Requirement(line).name) for line in _about()["project"]["optional-dependencies"]["peers"]
    }
    return sorted(named - pinned().keys())


def _about() -> dict[str, Any]:
    return tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))


def used(installed: dict[str, Distribution]) -> set[str]:
    """Return the packages that users may install: those that ours names, and what they need in turn."""
    asked, seen = asked_for(), set[tuple[str, str]]()
    while asked:
        pair = asked.pop()
        if pair in seen:
            continue
        seen.add(pair)
        name, extra = pair
        for needed in map(Requirement, installed[name].requires or () if name in installed else ()):
            if not needed.marker or needed.marker.evaluate({"extra": extra}):
                asked += _pairs(needed)
    return {name for name, _ in seen}


def _pairs(needed: Requirement) -> list[tuple[str, str]]:
    return [(one_spelling(needed.name), extra) for extra in ["", *needed.extras]]


def table(installed: dict[str, Distribution]) -> str:
    """Return the licences of all pins, and of the scripts that the pages bring, as Markdown."""
    for_use = used(installed)
    rows = [
        f"| {name} | {version} | {licence_of(installed[name]) if name in installed else 'not installed'} |"
        f" {'use' if name in for_use else 'test'} |\n"
        for name, version in sorted(pinned().items())
    ]
    return HEAD + "".join(rows) + rest()


def rest() -> str:
    """Return what is said below the pins: what is not among them, and the scripts that the pages bring."""
    return REST.format(names=", ".join(not_pinned())) + "".join(
        f"| {name} | {version} | {licence} | {file} |"
        f" {hashlib.sha256((PRESENTATION / file).read_bytes()).hexdigest()} |\n"
        for name, version, licence, file in SCRIPTS
    )


def advisories(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield every advisory below a folder that was not withdrawn."""
    for path in sorted(folder.rglob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        if "affected" in content and "withdrawn" not in content:
            yield content


def is_affected(version: str, affected: dict[str, Any]) -> bool:
    """Tell whether a version is among those that an advisory names, one by one or by ranges."""
    if version in affected.get("versions", ()):
        return True
    return any(
        _is_within(Version(version), part["events"])
        for part in affected.get("ranges", ())
        if part.get("type") == "ECOSYSTEM"
    )


def _is_within(version: Version, events: list[dict[str, str]]) -> bool:
    within = False
    for event in events:  # in order of version
        ((kind, named),) = event.items()
        try:
            limit = Version(named)
        except InvalidVersion:
            continue
        if kind == "introduced":
            within = within or version >= limit
        elif (kind == "fixed" and version >= limit) or (kind == "last_affected" and version > limit):
            within = False
    return within


def weaknesses(folder: Path) -> list[str]:
    """Return a line for every pin that an advisory names."""
    wanted = pinned()
    return [
        f"{name} {wanted[name]}: {', '.join([one['id'], *one.get('aliases', ())])}  {one.get('summary', '')}"
        for one in advisories(folder)
        for affected in one["affected"]
        if affected.get("package", {}).get("ecosystem") == "PyPI"
        and (name := one_spelling(affected["package"]["name"])) in wanted
        and is_affected(wanted[name], affected)
    ]


def main() -> int:
    """Write the licences, or look for weaknesses."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--advisories", type=Path, metavar="FOLDER")
    folder = parser.parse_args().advisories
    if folder is None:
        installed = {one_spelling(found.metadata["Name"]): found for found in distributions()}
        LICENCES.write_text(table(installed), encoding="utf-8")
        return 0
    if not any(folder.rglob("*.json")):
        parser.error(f"{folder} holds no advisories")
    found = weaknesses(folder)
    print("\n".join(found) or f"none of {len(pinned())} packages is named")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
