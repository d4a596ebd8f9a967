"""Every file of a build and of a library, damaged in every way: noticed before an answer is given.

    python -m tests.reliability.damage            the short form, as the tests run it
    python -m tests.reliability.damage --long     2,400 mutations of a build

Size, times and number of a file are as they were before, as they are where a disk has forgotten a bit. A
whole other library in the place of the right one is valid by itself, and cannot be told from it.
"""

import argparse
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from recommender.errors import (
    BuildError,
    NotAnswerableError,
    PaperNotFoundError,
    RecommenderError,
    RecordError,
)
from recommender.library import Library, Source, recover
from recommender.library.records import Stored
from recommender.library.recovery import UNKNOWN
from recommender.recommendation import Recommender
from tests.conftest import LetterEmbedder
from tests.reliability.nights import FIRST, IDS, QUESTIONS, Home, Line, papers_of

SEED = 20261127
SHORT, LONG = 120, 2_400
BLOCK = 4096
SECOND = FIRST + timedelta(days=1)
ORIGIN = re.compile(rb"2026-11-\d\d|line \d+|\w+\.jsonl")  # when and from where a paper of a library came
Damage = Callable[[bytearray, bytes, random.Random], bytes]


def _truncated(content: bytearray, other: bytes, chance: random.Random) -> bytes:
    return bytes(content[: chance.randrange(len(content))])


def _one_bit(content: bytearray, other: bytes, chance: random.Random) -> bytes:
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(content)


def _zeroed(content: bytearray, other: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(0, len(content), min(BLOCK, max(1, len(content) // 4)))
    size = min(BLOCK, len(content) - start)
    content[start : start + size] = bytes(size)
    return bytes(content)


def _swapped(content: bytearray, other: bytes, chance: random.Random) -> bytes:
    return other


DAMAGES: dict[str, Damage] = {
    "truncated": _truncated,
    "one bit flipped": _one_bit,
    "a block of zeros": _zeroed,
    "of another build": _swapped,
}


def _origin(content: bytearray, other: bytes, chance: random.Random) -> bytes:
    """Change a time, a place or the name of a source into another."""
    content[chance.choice([*ORIGIN.finditer(content)]).end() - 1] ^= 1
    return bytes(content)


LIBRARY_DAMAGES: dict[str, Damage] = {
    **{kind: damage for kind, damage in DAMAGES.items() if kind != "of another build"},
    "another origin": _origin,
}


def campaign(folder: Path, n: int, seed: int = SEED) -> Counter[str]:
    """Damage the current build `n` times, file by file in turn, and ask everything after each.

    Returns:
        How many mutations there were, how many changed no byte, how many kept an answer from being given.

    Raises:
        AssertionError: An answer was wrong, or `verify` noticed nothing, or named another file.
    """
    home, chance, tally = Home(folder), random.Random(seed), Counter[str]()
    for night in (0, 1):
        home.run(night)
    current, before = home.store.current_id(), home.store.predecessor()
    assert current
    assert before
    right = one_by_one(home)
    files = sorted((home.store.root / current).iterdir())
    kinds = [*DAMAGES.items()]
    for number in range(n):
        path = files[number % len(files)]
        kind, damage = kinds[number // len(files) % len(kinds)]
        content, look = path.read_bytes(), path.stat()
        other = (home.store.root / before / path.name).read_bytes()
        damaged = damage(bytearray(content), other, chance)
        tally["mutations"] += 1
        if damaged == content:
            tally["changed nothing"] += 1
            continue
        _overwrite(path, damaged, look)
        try:
            tally[_checked(home, path.name, right, f"{path.name}, {kind}")] += 1
        finally:
            _overwrite(path, content, look)
    assert one_by_one(home) == right
    return tally


def one_by_one(home: Home) -> dict[str, object]:
    """Return every answer that is given, each asked of a build opened for it alone."""
    found: dict[str, object] = {}
    for question in (*IDS, "99", *QUESTIONS):
        try:
            recommender = Recommender(home.store.current(), LetterEmbedder)
            if question in QUESTIONS:
                found[question] = recommender.similar_to_text(question, 5).results
            else:
                found[question] = recommender.similar_to(question, 5).results
        except BuildError:
            continue
        except (PaperNotFoundError, NotAnswerableError) as reason:
            found[question] = type(reason).__name__
        try:
            found[f"look-up of {question}"] = home.look_up(question)
        except (BuildError, OSError, ValueError):
            continue
    return found


def _checked(home: Home, name: str, right: dict[str, object], what: str) -> str:
    found = one_by_one(home)
    wrong = [question for question, answer in found.items() if answer not in (right[question], None)]
    assert not wrong, f"{what}: wrong answers to {wrong}"
    try:
        build = home.store.current()
        build.verify()
    except BuildError as problem:
        _expect_named(problem, name.removesuffix(".json"))
        return "kept from answering" if len(found) < len(right) else "noticed by verify alone"
    raise AssertionError(f"{what}: not noticed")


def _expect_named(problem: RecommenderError, name: str) -> None:
    if name not in str(problem):
        raise AssertionError(f"{name} is not named: {problem}")


def _overwrite(path: Path, content: bytes, look: os.stat_result) -> None:
    with path.open("r+b") as file:
        file.truncate(len(content))
        file.write(content)
    os.utime(path, ns=(look.st_atime_ns, look.st_mtime_ns))


def library_campaign(folder: Path, n: int, seed: int = SEED) -> Counter[str]:
    """Damage a library `n` times: what it holds comes out right, or it is refused by name, and is recovered.

    Raises:
        AssertionError: A record or its origin was wrong, or was lost without being listed.
    """
    chance, tally = random.Random(seed), Counter[str]()
    content = make_library(folder / "library.db").read_bytes()
    right = held(folder / "library.db")
    papers = {paper.id: paper for paper in right["papers"]}
    kinds = [*LIBRARY_DAMAGES.values()]
    for number in range(n):
        spoilt = folder / str(number) / "library.db"
        spoilt.parent.mkdir()
        spoilt.write_bytes(kinds[number % len(kinds)](bytearray(content), b"", chance))
        tally["mutations"] += 1
        found = held(spoilt)
        check_held(found, right, f"mutation {number}")
        if len(found) == len(right):
            tally["of no consequence to a record"] += 1
            continue
        try:
            done = recover(spoilt, now=SECOND)
        except RecommenderError as problem:
            _expect_named(problem, "library.db")
            tally["beyond recovery, and said so"] += 1
            continue
        again = held(spoilt)
        assert len(again) == len(right), f"mutation {number}: damaged still"
        saved = {paper.id: paper for paper in again["papers"]}
        assert saved.items() <= papers.items(), f"mutation {number}: a wrong record was saved"
        missing = papers.keys() - saved.keys() - {*done.lost}
        assert not missing or done.n_nameless != 0, f"mutation {number}: {missing} are not listed"
        n_undated = sum(not _is_origin(it, right["origins"][it.paper.id]) for it in again["origins"].values())
        assert n_undated == done.n_undated, f"mutation {number}: {n_undated} with other times or places"
        tally["recovered"] += 1
        tally["records saved of those"] += len(saved)
        tally["records lost of those"] += len(papers) - len(saved)
    return tally


def _is_origin(found: Stored, right: Stored) -> bool:
    """Tell whether a recovered paper has its times and its place, and its source, unless that is lost."""
    is_lost = found.source.startswith(UNKNOWN)
    if found == (replace(right, source=found.source) if is_lost else right):
        return True
    assert is_lost, f"a wrong origin was saved: {found}"
    return False


def make_library(path: Path) -> Path:
    """Make a library of 400 papers from two sources, imported a day apart, with records that are none."""
    with Library.open(path, create=True) as library:
        for name, copies, now in (("papers.jsonl", range(20), FIRST), ("more.jsonl", range(20, 40), SECOND)):
            library.import_papers([_source(name, copies)], now=now, on_error="report")
    return path


def _source(name: str, copies: range) -> Source:
    def read(on_reject: Callable[[RecordError], None]) -> Iterator[Line]:
        for number, paper in enumerate(papers_of(1)):
            on_reject(RecordError(Path(name), f"line {number}", "no title", f"bad {number}"))
            for copy in copies:
                changed = replace(paper, id=f"{paper.id}-{copy}", abstract=f"{copy} " * 100)
                yield Line(changed, f"line {100 * number + copy}")

    return Source(name=name, format="jsonl", read=read)


def held(path: Path) -> dict[str, Any]:
    """Return all that a library gives, each asked of it opened for that alone; what is refused is left out.

    Raises:
        AssertionError: A refusal does not name the file.
    """
    found = {}
    for name, ask in HELD.items():
        try:
            with Library.open_read_only(path) as library:
                found[name] = ask(library)
        except RecommenderError as problem:
            _expect_named(problem, path.name)
    return found


HELD: dict[str, Callable[[Library], Any]] = {
    "papers": lambda library: [*library.papers()],
    "origins": lambda library: {
        paper_id: stored
        for number in IDS
        for copy in range(40)
        if (stored := library.get(paper_id := f"{number}-{copy}"))
    },
    "new": lambda library: [library.added_since(time) for time in (FIRST, SECOND)],
    "rejected": lambda library: library.rejected(),
    "sources": lambda library: [
        (source.name, source.format, source.imported_at) for source in library.summary().sources
    ],
}


def check_held(found: dict[str, Any], right: dict[str, Any], what: str) -> None:
    """See that whatever a library gives is right.

    Raises:
        AssertionError: It is not.
    """
    for name, value in found.items():
        if (
            name == "origins"
        ):  # the index of ids is under no checksum: what it does not find is no wrong answer
            assert value.items() <= right[name].items(), f"{what}: other origins"
        else:
            assert value == right[name], f"{what}: other {name}"


def main() -> None:
    """Run the campaigns of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    n = LONG if options.long else SHORT
    with TemporaryDirectory() as folder:
        print("build:", dict(campaign(Path(folder), n, options.seed)))  # noqa: T201
    with TemporaryDirectory() as folder:
        print("library:", dict(library_campaign(Path(folder), n // 4, options.seed)))  # noqa: T201


if __name__ == "__main__":
    main()
