"""Do the tests see it when the code is wrong? One small change at a time, at random places, is tried.

    python -m venv /tmp/mutate && /tmp/mutate/bin/pip install cosmic-ray==8.7.0
    /tmp/mutate/bin/python scripts/mutate.py --mutants 50

What is committed is measured, in copies of the repository, with the interpreter of its .venv (`--python`).
Places are drawn with a seed among all that cosmic-ray knows how to change, then one change for each. A change
is killed if a test of its part fails or hangs, or else one of what the part serves. Survivors are listed: a
test is missing, or nobody could tell.
Left alone is what changes nothing that is computed (unions of types, decorators, `strict=`) or is a matter of
taste (the value of a constant of a module).
"""

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import cache_from_source
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

from cosmic_ray.ast import Visitor, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parent.parent
SEED = 20
TESTS = {  # of each part; the tests that are named like the module come first
    "ranking": ["tests/ranking", "tests/builds/test_lists.py", "tests/builds/test_carrying.py"],
    "builds": ["tests/builds", "tests/test_workspace.py"],
    "readers": ["tests/readers"],
    "evaluation": ["tests/evaluation"],
}
# What each part serves: asked about a change that the part's own tests did not see.
SERVED = [
    "tests/recommendation",
    "tests/test_sample.py",
    "tests/test_determinism.py",
    "tests/reliability/test_damage.py",
    "tests/reliability/test_full.py",
    "tests/presentation/test_evaluate.py",
    "tests/presentation/test_bad_input.py",
]
LEFT_ALONE = ("BitOr", "Variable", "NoOp", "RemoveDecorator")
UNSEEN = re.compile(r"^\s*@|strict=True|^[A-Z][A-Z_, ]* = |^\s*(def|class) ")  # lines that are left alone
SLOW, PATIENCE = 4, 30  # a test run that takes so many times as long, and so many seconds more, hangs


class Mutant(NamedTuple):
    """One change: of a file below the root, at a line, by the n-th use of an operator of cosmic-ray."""

    part: str
    path: str
    line: int
    operator: str
    occurrence: int


class _Places(Visitor):
    """Where an operator has something to change."""

    def __init__(self, operator: Any) -> None:
        self.found: list[tuple[int, int]] = []
        self._operator = operator

    def visit(self, node: Any) -> Any:
        self.found += [start for start, _ in self._operator.mutation_positions(node)]
        return node


def drawn(part: str, n: int, chance: random.Random) -> list[Mutant]:
    """Draw places in a part of the package, and a change for each."""
    at: dict[tuple[str, tuple[int, int]], list[Mutant]] = defaultdict(list)
    for file in sorted((ROOT / "recommender" / part).glob("*.py")):
        path = file.relative_to(ROOT).as_posix()
        content = file.read_text("utf-8")
        lines, tree = content.splitlines(), get_ast(content)
        for name in sorted(operator_names()):
            if any(word in name for word in LEFT_ALONE):
                continue
            places = _Places(get_operator(name)())
            places.walk(tree)
            for occurrence, start in enumerate(places.found):
                if UNSEEN.search(lines[start[0] - 1]):
                    continue
                at[path, start].append(Mutant(part, path, start[0], name, occurrence))
    return [chance.choice(at[place]) for place in chance.sample(sorted(at), min(n, len(at)))]


def tests_of(mutant: Mutant, copy: Path) -> list[str]:
    """Return the tests of a part, those that are named like the module first."""
    own = copy / "tests" / mutant.part / f"test_{Path(mutant.path).stem}.py"
    first = [own.relative_to(copy).as_posix()] if own.is_file() else []
    return [*first, *TESTS[mutant.part]]


def failed(python: Path, copy: Path, tests: list[str], seconds: float | None) -> str:
    """Return what the tests say that fail in a copy of the repository, or hang; "" where they pass."""
    command = [str(python), "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-k", "not milvus", *tests]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(copy)}
    try:
        run = subprocess.run(  # noqa: S603
            command, cwd=copy, env=environment, timeout=seconds, capture_output=True, text=True, check=False
        )
    except subprocess.TimeoutExpired:
        return f"more than {seconds} s"
    return run.stdout[-2_000:] or "nothing" if run.returncode else ""


def tried(mutant: Mutant, python: Path, copies: "SimpleQueue[Path]", usual: dict[str, float]) -> str | None:
    """Return the lines before and after a change that no test saw, None: it was killed."""
    copy = copies.get()
    file = copy / mutant.path
    before = file.read_text("utf-8")
    after = mutate_code(before, get_operator(mutant.operator)(), mutant.occurrence)
    try:
        file.write_text(after, "utf-8")
        # Python would take the one of another change of the same second and length for this one's.
        Path(cache_from_source(str(file))).unlink(missing_ok=True)
        for tests, seconds in ((tests_of(mutant, copy), usual[mutant.part]), (SERVED, usual[""])):
            if failed(python, copy, tests, SLOW * seconds + PATIENCE):
                return None
    finally:
        file.write_text(before, "utf-8")
        copies.put(copy)
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    old, new = next(pair for pair in pairs if pair[0] != pair[1])
    return f"{mutant.path}:{mutant.line}: {old.strip()}  →  {new.strip()}"


def survivors(
    mutants: list[Mutant], python: Path, copies: list[Path], usual: dict[str, float]
) -> Iterator[tuple[Mutant, str | None]]:
    """Try all, as many at once as there are copies; yield each with what survived of it."""
    free: SimpleQueue[Path] = SimpleQueue()
    for copy in copies:
        free.put(copy)
    with ThreadPoolExecutor(len(copies)) as pool:
        yield from zip(mutants, pool.map(lambda one: tried(one, python, free, usual), mutants), strict=True)


def main() -> None:
    """Try changes, and print a table and the survivors."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--mutants", type=int, default=50, help="so many of each part")
    options.add_argument("--parts", nargs="+", default=[*TESTS], choices=[*TESTS])
    options.add_argument("--seed", type=int, default=SEED)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--python", type=Path, default=ROOT / ".venv/bin/python")
    given = options.parse_args()
    chance = random.Random(given.seed)  # noqa: S311
    mutants = [one for part in given.parts for one in drawn(part, given.mutants, chance)]
    with tempfile.TemporaryDirectory() as name:
        copies = [Path(name) / str(number) for number in range(given.jobs)]
        for copy in copies:
            subprocess.run(["git", "clone", "--quiet", "--shared", str(ROOT), str(copy)], check=True)  # noqa: S603, S607
        usual = {}
        for part, tests in [*((part, TESTS[part]) for part in given.parts), ("", SERVED)]:
            began = time.monotonic()
            if said := failed(given.python, copies[0], tests, None):
                sys.exit(f"the tests of {part or 'what is served'} fail without any change: {said}")
            usual[part] = time.monotonic() - began
        killed: Counter[str] = Counter()
        left = []
        for mutant, survived in survivors(mutants, given.python, copies, usual):
            killed[mutant.part] += survived is None
            if survived:
                left.append(survived)
                print(survived, file=sys.stderr, flush=True)
    print("| part | changes | killed | share |\n|---|--:|--:|--:|")
    for part in [*given.parts, "all"]:
        n = sum(part in (one.part, "all") for one in mutants)
        n_killed = killed.total() if part == "all" else killed[part]
        print(f"| {part} | {n} | {n_killed} | {n_killed / max(1, n):.0%} |")
    print("\n" + "\n".join(left))


if __name__ == "__main__":
    main()
