"""How much of the package the tests run, lines and branches: `python scripts/measure_coverage.py`.

The processes that tests start count as well, but for those that are killed; the tests of these are left out,
since hundreds of forks of a process that is traced take an hour. Compiled code runs as Python once more, for
the tests of the ranking alone: it is a hundred times slower. Arguments go to pytest instead of the whole
suite. What is not run is listed, file by file, with its lines.

Exit code 1: the whole suite runs less than 95 % of the branches.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SUITE = ["-n", "auto", "--dist", "worksteal", "--ignore", "tests/reliability/test_kill.py"]
COMPILED = ["tests/ranking", "-k", "compiled and not milvus"]
SHOWN = 12  # numbers of lines a file
LEAST = 0.95  # of the branches


def run(arguments: list[str], folder: Path, **more: str) -> None:
    """Run tests under coverage; those that fail are told of, and what they ran counts."""
    command = [sys.executable, "-m", "coverage", "run", "-m", "pytest", *arguments]
    environment = {"OMP_NUM_THREADS": "1"} | os.environ | more | {"COVERAGE_FILE": str(folder / "data")}
    if subprocess.run(command, cwd=ROOT, env=environment).returncode:  # noqa: S603
        print(f"some of these tests failed: {' '.join(arguments)}", file=sys.stderr)


def measured(folder: Path) -> dict[str, Any]:
    """Return what coverage says of all that was run."""
    environment = os.environ | {"COVERAGE_FILE": str(folder / "data")}
    for command in (["combine", "--quiet"], ["json", "--quiet", "-o", str(folder / "coverage.json")]):
        subprocess.run([sys.executable, "-m", "coverage", *command], cwd=ROOT, env=environment, check=True)  # noqa: S603
    content: dict[str, Any] = json.loads((folder / "coverage.json").read_text())
    return content


def share(done: int, of: int) -> str:
    """Return a share in words.

    >>> share(19, 20), share(0, 0)
    ('95.0 %, 19 of 20', '100.0 %, 0 of 0')
    """
    return f"{done / of if of else 1:.1%}, {done:,} of {of:,}".replace("%", " %")


def table(content: dict[str, Any]) -> str:
    """Return what was run, and what was not."""
    totals, files = content["totals"], content["files"]
    lines = [
        f"lines: {share(totals['covered_lines'], totals['num_statements'])}",
        f"branches: {share(totals['covered_branches'], totals['num_branches'])}",
        "",
    ]
    for name in sorted(files, key=lambda name: -_missing(files[name])):
        if not _missing(files[name]):
            continue
        branches = {f"{start}→{end if end > 0 else 'end'}" for start, end in files[name]["missing_branches"]}
        told = [*map(str, files[name]["missing_lines"]), *sorted(branches)]
        more = f" and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
        lines.append(f"{name}: {', '.join(told[:SHOWN])}{more}")
    return "\n".join(lines)


def _missing(file: dict[str, Any]) -> int:
    return len(file["missing_lines"]) + len(file["missing_branches"])


def is_enough(content: dict[str, Any]) -> bool:
    """Tell whether the branches that were run are as many as they should be.

    >>> [is_enough({"totals": {"covered_branches": n, "num_branches": 1000}}) for n in (949, 950)]
    [False, True]
    """
    totals = content["totals"]
    return bool(totals["covered_branches"] >= LEAST * totals["num_branches"])


def main(arguments: list[str]) -> int:
    """Run the tests, print what they ran, and return the exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(arguments or SUITE, folder)
        if not arguments:
            run(COMPILED, folder, NUMBA_DISABLE_JIT="1")
        content = measured(folder)
    print(table(content))
    if arguments or is_enough(content):  # of a part of the suite nobody expects that
        return 0
    print(f"less than {100 * LEAST:.0f} % of the branches are run", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
