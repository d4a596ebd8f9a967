"""Mutated samples of every format: papers, rejects or a refusal with the file's name, in time, no more.

python -m tests.reliability.fuzz                 the short form, as the tests run it
python -m tests.reliability.fuzz --long          100,000 inputs
python -m tests.reliability.fuzz --keep FOLDER   writes what breaks a reader there
"""

import argparse
import random
import resource
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from recommender.errors import RecommenderError
from recommender.readers import read_papers

SAMPLES = Path(__file__).resolve().parent.parent / "readers" / "samples"
SEED = 20261127
SHORT, LONG = 1_500, 100_000
SECONDS_A_KB = 1.0
LEAST_SECONDS = 5.0  # of a small file: the machine may be busy
MEMORY = 1 << 20  # kB that the whole campaign may grow by
PIECES = (
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    "\U0001f41d".encode(),
    "؀مرحبا‏".encode(),
    "摘要：".encode(),
    b"NaN",
    b"-1",
    b"1e999",
    b"9" * 5_000,
    b"[" * 3_000,
    b'{"a":' * 3_000,
    b"<a>" * 300,
    b"]]>",
    b"<![CDATA[",
    b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>',
    b"&c;",
    b"&#0;",
    b"&#x10FFFF;",
    b"../../etc/passwd",
    b"@article{",
    b"}",
    b"{",
    b"\\",
    b'"',
    b"ER  - ",
    b"TY  - ",
    b"%0 ",
    b"\r",
    b"\n",
    b"\x0b",
    b"\x85",
    b"\t",
    b",",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"null",
    b"true",
    b"{}",
    b"[]",
    b"2024-13-45",
    b"A" * 10_000,
)


def mutated(content: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """Return a content changed in up to six places: bits, pieces, parts lost, doubled or of others."""
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(content) + 1)
        length = chance.choice((0, 1, 2, 8, 64, 512))
        part = content[place : place + length]
        match chance.randrange(5):
            case 0:
                part = bytes(byte ^ (1 << chance.randrange(8)) for byte in part[:2]) + part[2:]
            case 1:
                part = chance.choice(PIECES)
            case 2:
                part = b""
            case 3:
                part = part * chance.choice((2, 3, 50))
            case 4:
                other = chance.choice(others)
                start = chance.randrange(len(other) + 1)
                part = other[start : start + length]
        content = content[:place] + part + content[place + length :]
    return content


def campaign(folder: Path, n: int, seed: int = SEED, keep: Path | None = None) -> Counter[str]:
    """Read `n` mutated samples.

    Returns:
        How many gave papers, rejects, or a refusal; with `keep`, how many broke a reader too.

    Raises:
        AssertionError: One broke a reader, without `keep`.
    """
    samples = sorted(path for path in SAMPLES.rglob("*.*") if not path.name.endswith(".expected.json"))
    contents = [path.read_bytes() for path in samples]
    chance, tally = random.Random(seed), Counter[str]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(n):
        sample = samples[number % len(samples)]
        path = folder / f"fuzzed{''.join(sample.suffixes)}"
        content = mutated(contents[number % len(samples)], contents, chance)
        path.write_bytes(content)
        try:
            tally[read(path)] += 1
        except AssertionError as problem:
            if keep is None:
                raise AssertionError(f"input {number}, of {sample}: {problem}") from problem
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{number}-{sample.name}").write_bytes(content)
            (keep / f"{number}-{sample.name}.why").write_text(str(problem))
            tally["broken"] += 1
        path.unlink()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < MEMORY, f"{grown} kB more than at the beginning"
    return tally


def read(path: Path) -> str:
    """Read a file and return what came of it.

    Raises:
        AssertionError: Another exception than a refusal, a refusal without the file's name, or too long.
    """
    rejected: list[RecommenderError] = []
    began = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            n_papers = sum(1 for _ in read_papers(path, rejected.append))
        except RecommenderError as problem:
            rejected.append(problem)
            n_papers = -1
        except BaseException as problem:
            raise AssertionError(traceback.format_exc()) from problem
    seconds = time.process_time() - began
    limit = max(LEAST_SECONDS, SECONDS_A_KB * path.stat().st_size / 1000)
    assert seconds < limit, f"{seconds:.1f} s for {path.stat().st_size} bytes"
    unnamed = [str(problem) for problem in rejected if not str(problem).startswith(str(path))]
    assert not unnamed, f"the file is not named: {unnamed[:1]}"
    return "refused" if n_papers < 0 else "with rejects" if rejected else "papers"


def main() -> None:
    """Run the campaign of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        n = LONG if options.long else SHORT
        print(dict(campaign(Path(folder), n, options.seed, options.keep)))  # noqa: T201


if __name__ == "__main__":
    main()
