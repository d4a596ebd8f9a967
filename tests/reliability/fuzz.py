"""Mutated samples of every format: papers, rejects or a refusal, both with file and place, in time, no more.

python -m tests.reliability.fuzz                 the short form, as the tests run it
python -m tests.reliability.fuzz --long          100,000 inputs
python -m tests.reliability.fuzz --keep FOLDER   writes what breaks a reader there
"""

import argparse
import random
import re
import resource
import signal
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from recommender.errors import RecommenderError, RecordError
from recommender.readers import read_papers
from recommender.readers.decoding import MAGIC

SAMPLES = Path(__file__).resolve().parent.parent / "readers" / "samples"
SEED = 20261127
SHORT, LONG = 1_500, 100_000
IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a disk takes many times as long
SECONDS_A_KB = 1.0
LEAST_SECONDS = 5.0  # of the processor, for a small file: 64 MiB may come out of it
FREE_MEMORY, MEMORY_A_BYTE = 1 << 28, 40  # bytes that reading one file may take
MEMORY = 1 << 20  # kB that the whole campaign may grow by
# Where a record stands that is rejected: `two.jsonl.gz, line 3`; `document` is the one record of its file.
PLACE = re.compile(
    r"(?:.{1,200}, )?(?:(?:after )?(?:line|record|row) \d+(?:, record \d+)?|page header|document)", re.DOTALL
)
# Behind the name of the file, or of the file within an archive, stands the place of what is wrong.
PLACED = re.compile(
    r"(?:/.{1,200}?)?"
    r"(?:, (?:after )?(?:line|row|record) \d+: |, (?:header|schema): | [^;:]*\b(?:byte|line) \d)"
    r"|, .{1,200} is encrypted; unpack the archive first",
    re.DOTALL,
)
WITHOUT_PLACE = (
    # The file is another thing than papers: no place in it is wrong.
    "is empty; export it again, or leave it out",
    "is in no known format; the formats are: .*",
    "is a tar archive; unpack it first",
    *(f"is {re.escape(what)}" for _, what in MAGIC),
    "is an Office document or a program; save its text or sheet as CSV",
    # What should be there is nowhere.
    r"holds no record; read as \w+",
    "is an archive without any file; pack it again",
    "is no page of 相似文献: no line `1.` begins a record; check the format",
    # Compressed bytes have no lines, and one of them that is damaged spoils all that come after it.
    "is cut off: its compressed data end too early; copy it again",
    "is damaged: .*; copy it again",
    "expands to more than 300 times its size; if that is right, unpack it first",
    "holds [0-9,]+ files; at most [0-9,]+ make an archive",
    # What the end of a Parquet file says holds for all of it; the rows before are named where there are any.
    ": no readable Parquet file: .*; export it again",
    "has a row group of [0-9,]+ bytes; write it with smaller row groups",
    # One object over many lines: what is wrong in it is quoted, and Python does not say where it stood.
    "is no whole JSON document: (?:the key|[A-Za-z-]+ is not|a number of|the number|broken JSON: nested) .*",
)
WHOLE = re.compile(rf"(?:/.{{1,200}}?)? ?(?:{'|'.join(WITHOUT_PLACE)})", re.DOTALL)
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


class TooSlowError(BaseException):
    """Not an `Exception`, so that nothing that is expected of a file is taken for it."""


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """End a block of the main thread after so many seconds of the processor, also one that has no end.

    Python looks for signals between its own steps and in regular expressions; other code in C is ended when
    it returns.
    """

    def ring(*_: object) -> NoReturn:
        raise TooSlowError(f"more than {seconds:.0f} s")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)  # and again, should somebody catch everything
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def most_held() -> int:
    """Return the most bytes of memory that this process has held since `forget_most_held`, or ever."""
    with suppress(OSError), open("/proc/self/status") as status:  # noqa: PTH123 - once for every input
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def forget_most_held() -> None:
    """Have Linux begin anew with `most_held`; elsewhere it only grows."""
    with suppress(OSError), open("/proc/self/clear_refs", "w") as mark:  # noqa: PTH123
        mark.write("5")


@contextmanager
def bounded(size: int, seconds_a_kb: float | None = None) -> Iterator[None]:
    """Bound what reading a file of `size` bytes may take, in time by `SECONDS_A_KB` or as it is given.

    Raises:
        TooSlowError: It took too long.
        AssertionError: It took too much memory.
    """
    forget_most_held()
    before = most_held()
    with alarm(max(LEAST_SECONDS, (seconds_a_kb or SECONDS_A_KB) * size / 1000)):
        yield
    grown = most_held() - before
    assert grown < FREE_MEMORY + MEMORY_A_BYTE * size, f"{grown:,} bytes of memory for {size:,} of a file"


def read(path: Path) -> str:
    """Read a file and return what came of it.

    Raises:
        AssertionError: Another exception than a refusal; a refusal or a reject without the file's name or
            without a place; too long, or too much memory.
    """
    rejected: list[RecordError] = []
    refusal: RecommenderError | None = None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            with bounded(path.stat().st_size):
                for _ in read_papers(path, rejected.append):
                    pass
        except RecommenderError as problem:
            refusal = problem
        except BaseException as problem:
            raise AssertionError(traceback.format_exc()) from problem
    for reject in rejected:
        check_reject(reject, path)
    if refusal:
        check_refusal(refusal, path)
    return "refused" if refusal else "with rejects" if rejected else "papers"


def check_reject(reject: RecommenderError, path: Path) -> None:
    """See that a reject names its file and its place there.

    Raises:
        AssertionError: It does not.
    """
    assert type(reject) is RecordError, f"no reject: {reject!r}"
    assert str(reject).startswith(f"{path}, {reject.place}: "), f"the file is not named: {reject}"
    assert PLACE.fullmatch(reject.place), f"no place is named: {reject}"


def check_refusal(refusal: RecommenderError, path: Path) -> None:
    """See that a refusal names its file, and a place in it where there is one.

    Raises:
        AssertionError: It does not.
    """
    said = str(refusal)
    assert said.startswith(str(path)), f"the file is not named: {said}"
    said = said.removeprefix(str(path))
    assert PLACED.match(said) or WHOLE.fullmatch(said), f"no place is named: {said}"


def main() -> None:
    """Run the campaign of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with TemporaryDirectory(dir=IN_MEMORY) as folder:
        n = LONG if options.long else SHORT
        print(dict(campaign(Path(folder), n, options.seed, options.keep)))  # noqa: T201


if __name__ == "__main__":
    main()
