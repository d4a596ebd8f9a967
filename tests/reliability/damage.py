"""Every file of a build and of a library, damaged in every way: noticed before an answer is given.

    python -m tests.reliability.damage            the short form, as the tests run it
    python -m tests.reliability.damage --long     2,400 mutations of a build

Size, times and number of a file are as they were before, as they are where a disk has forgotten a bit.
"""

import argparse
import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from recommender.errors import BuildError, NotAnswerableError, PaperNotFoundError, RecommenderError
from recommender.library import Library, recover
from recommender.paper import Paper
from recommender.recommendation import Recommender
from tests.conftest import LetterEmbedder
from tests.reliability.nights import IDS, QUESTIONS, Home, papers_of

SEED = 20261127
SHORT, LONG = 120, 2_400
BLOCK = 4096
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
    """Damage a library `n` times: its records come out right, or it is refused by name, and is recovered.

    Raises:
        AssertionError: A record was wrong, or was lost without being listed.
    """
    home, chance, tally = Home(folder / "home"), random.Random(seed), Counter[str]()
    home.import_papers(
        [
            replace(paper, id=f"{paper.id}-{copy}", abstract=f"{copy} " * 100)
            for copy in range(40)
            for paper in papers_of(1)
        ]
    )
    content = home.library.read_bytes()
    right = {paper.id: paper for paper in _papers(home.library)}
    kinds = [kind for kind in DAMAGES if kind != "of another build"]
    for number in range(n):
        spoilt = folder / str(number) / "library.db"
        spoilt.parent.mkdir()
        spoilt.write_bytes(DAMAGES[kinds[number % len(kinds)]](bytearray(content), b"", chance))
        tally["mutations"] += 1
        try:
            found = _papers(spoilt)
            assert {paper.id: paper for paper in found} == right, f"mutation {number}: other papers"
            tally["of no consequence to a record"] += 1
            continue
        except RecommenderError as problem:
            _expect_named(problem, "library.db")
        try:
            done = recover(spoilt, now=datetime(2026, 11, 27, tzinfo=UTC))
        except RecommenderError as problem:
            _expect_named(problem, "library.db")
            tally["beyond recovery, and said so"] += 1
            continue
        with Library.open(spoilt) as library:
            saved = {paper.id: paper for paper in library.papers()}
            library.summary()
        assert saved.items() <= right.items(), f"mutation {number}: a wrong record was saved"
        missing = right.keys() - saved.keys() - {*done.lost}
        assert not missing or done.n_nameless != 0, f"mutation {number}: {missing} are not listed"
        tally["recovered"] += 1
        tally["records saved of those"] += len(saved)
        tally["records lost of those"] += len(right) - len(saved)
    return tally


def _papers(path: Path) -> list[Paper]:
    with Library.open_read_only(path) as library:
        return [*library.papers()]


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
