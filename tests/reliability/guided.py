"""The parsers that are written by hand, given what leads into ever new branches of them (atheris, libFuzzer).

    pip install atheris==3.0.0
    python -m tests.reliability.guided                 every parser, 20,000 inputs each
    python -m tests.reliability.guided --long          500,000 each
    python -m tests.reliability.guided latex records   these

A parser takes an input or refuses it in its own words; anything else ends the run, with the input in a file.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from recommender.embedding.charsmap import Charsmap
from recommender.embedding.light import LightTokenizer
from recommender.embedding.safetensors_file import check_numbers, places_of
from recommender.errors import BuildError, ModelError
from recommender.lookup.ids import IdFile
from recommender.lookup.mapped import header, seed_of
from recommender.lookup.neighbours import MAGIC, NeighbourFile
from recommender.lookup.records import MAGIC as RECORDS
from recommender.lookup.records import RecordFile
from recommender.readers.latex import from_latex, from_verbatim, to_latex
from recommender.text.tokens import tokens
from tests.reliability import fuzz

SHORT, LONG = 20_000, 500_000
LONGEST = 4_096  # bytes of an input
BUILD = "20261127T000000Z"
CHILD = """
import sys, atheris
with atheris.instrument_imports(include=["recommender"]):
    from tests.reliability import guided
guided.guide(sys.argv[1], int(sys.argv[2]), guided.Path(sys.argv[3]))
"""


def records(content: bytes, file: Path) -> None:
    """Read a file of any format: papers, rejects, or a refusal with its name."""
    file.write_bytes(content)
    fuzz.read(file)


def latex(content: bytes, file: Path) -> None:
    """Read a field of BibTeX, and write it so that it is read again as it was."""
    text = content.decode("utf-8", "replace")
    plain = from_latex(text)
    from_verbatim(text)
    assert from_latex(to_latex(plain)) == plain


def words(content: bytes, file: Path) -> None:
    """Cut any text into tokens: none is empty, and none has a space."""
    assert all(token and not token.isspace() for token in tokens(content.decode("utf-8", "replace")))


def replacements(content: bytes, file: Path) -> None:
    """Look characters of every length up in a table of replacements."""
    try:
        table = Charsmap(content)
        for character in "a\0ß产🐝":
            table.match(character)
    except ValueError:
        return


def tokenizer(content: bytes, file: Path) -> None:
    """Read a tokenizer.json lightly."""
    try:
        LightTokenizer.from_json(content).encode("abc")
    except (ValueError, RecursionError):
        return


def weights(content: bytes, file: Path) -> None:
    """Find the tensors of a file of weights, and look at all numbers."""
    file.write_bytes(content)
    try:
        check_numbers(file, places_of(file))
    except ModelError:
        return


def neighbours(content: bytes, file: Path) -> None:
    """Read every line of a file of neighbours whose header fits."""
    n, k = (content[0] % 7, content[1] % 5) if len(content) > 1 else (0, 0)
    file.write_bytes(header(MAGIC, n, k, seed_of(BUILD)) + content[2:])
    try:
        opened = NeighbourFile(file, BUILD)
        for row in range(opened.n_rows):
            opened.entries(row, 3)
    except BuildError:
        return


def papers(content: bytes, file: Path) -> None:
    """Read every record of a file whose header fits, and look ids up in one of ids."""
    n = content[0] % 5 if content else 0
    file.write_bytes(header(RECORDS, n, 1, seed_of(BUILD)) + content[1:])
    try:
        opened = RecordFile(file, BUILD)
        for row in range(n):
            opened.paper(row)
            opened.copies(row)
        opened.reason(n)
    except BuildError:
        pass
    file.write_bytes(content)
    try:
        IdFile(file, BUILD)
    except BuildError:
        return


TARGETS: dict[str, Callable[[bytes, Path], None]] = {
    parser.__name__: parser
    for parser in (records, latex, words, replacements, tokenizer, weights, neighbours, papers)
}


def guide(name: str, n: int, folder: Path) -> None:
    """Have libFuzzer look for inputs of one parser; it ends the process."""
    import atheris  # no part of the tests' environment

    seeds, file = folder / "seeds", folder / "input.txt"
    seeds.mkdir()
    if name in ("records", "latex"):
        for number, sample in enumerate(sorted(fuzz.SAMPLES.rglob("*.*"))):
            if sample.stat().st_size < LONGEST:
                (seeds / str(number)).write_bytes(sample.read_bytes())
    arguments = ["guided", f"-runs={n}", f"-max_len={LONGEST}", f"-seed={fuzz.SEED}", str(seeds)]
    atheris.Setup(arguments, lambda content: TARGETS[name](content, file))
    atheris.Fuzz()


def main() -> None:
    """Run the parsers of the command line, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parsers", nargs="*", default=[*TARGETS], metavar="PARSER", help=", ".join(TARGETS))
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    for name in options.parsers:
        with TemporaryDirectory() as folder:
            n = LONG if options.long else SHORT
            run = subprocess.run(
                [sys.executable, "-c", CHILD, name, str(n), folder],
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        if run.returncode:
            sys.exit(f"{name}: {run.stderr[-3_000:]}")
        covered = re.findall(r"cov: (\d+)", run.stderr)
        print(f"{name}: {n:,} inputs, {covered[-1] if covered else 0} branches, none broke it", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
