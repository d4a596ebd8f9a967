"""The lexical index beside named peers: `python scripts/benchmark_lexical.py [SIZES] [--data DATA]`.

The peers are SQLite's FTS5 and `bm25s` (`pip install -e ".[benchmark]"`). All three are given the tokens of
`recommender.text.tokens` and asked for their best 100 papers. Each is built, and asked, in a process of its
own, so that its peak of memory is its own; that of asking holds the pages of mapped files that were read.

FTS5 keeps no copy of the texts, since no peer does, but its positions: with `detail=none` bm25() of a
contentless table is 0 for every row. It is given 64 MiB to work in and is optimised after the last row.

The texts are those of written_papers.py, 120 tokens long and without topics: what a million of them take is
then a matter of minutes. With `--data DATA` real papers (DATA/papers) come first.
"""

import argparse
import itertools
import json
import math
import os
import platform
import random
import re
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from written_papers import SEED, SHORT, UNIT, Paper, papers_of

from recommender.text.tokens import tokens

SIZES = (10_000, 100_000, 1_000_000)
TOP = 100
QUESTIONS, FEWEST, SECONDS = 100, 5, 20.0  # of each kind; after so many seconds the fewest will do
KINDS = ("4 words", "a title", "an abstract")
LIBRARIES = ("bm25s", "numpy", "scipy")
Ask = Callable[[str], list[int]]  # the rows that answer a text, best first


class System(NamedTuple):
    """What a system imports, before the clock runs, and how it is built of texts and opened."""

    module: str
    build: Callable[[Iterable[str], Path], int | None]  # the number of distinct tokens, where it is known
    open: Callable[[Path, int], Ask]


def build_ours(texts: Iterable[str], folder: Path) -> int:
    """Build the index of the product."""
    from recommender.lexical import TermMatrix, write_lexical

    matrix = TermMatrix.of(texts)
    write_lexical(matrix, folder)
    return len(matrix.terms)


def open_ours(folder: Path, n: int) -> Ask:
    """Open the index of the product."""
    import numpy as np

    from recommender.lexical import LexicalIndex

    index = LexicalIndex(folder, n)
    top = min(TOP, n)

    def ask(text: str) -> list[int]:
        matches = index.scores(index.request(text))
        rows = np.sort(matches.best(2 * top, range(n)))  # more than are wanted: common words turn ranks
        best: list[int] = rows[np.argsort(-matches.of(rows), kind="stable")][:top].tolist()
        return best

    return ask


def build_fts5(texts: Iterable[str], folder: Path) -> None:
    """Build a contentless table: its tokenizer only splits at blanks."""
    rows = ((number, " ".join(tokens(text))) for number, text in enumerate(texts))
    with closing(sqlite3.connect(folder / "fts5.db")) as database:
        database.executescript("PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY")
        database.execute(
            "CREATE VIRTUAL TABLE papers USING fts5(text, content='', tokenize=\"ascii tokenchars '.'\")"
        )
        database.execute("INSERT INTO papers(papers, rank) VALUES ('hashsize', 67108864)")
        database.executemany("INSERT INTO papers(rowid, text) VALUES (?, ?)", rows)
        database.execute("INSERT INTO papers(papers) VALUES ('optimize')")
        database.commit()


def open_fts5(folder: Path, n: int) -> Ask:
    """Open the table; a question asks for any of its tokens."""
    database = sqlite3.connect(folder / "fts5.db")
    database.execute("PRAGMA cache_size = -65536")
    sql = f"SELECT rowid FROM papers WHERE papers MATCH ? ORDER BY rank LIMIT {TOP}"  # noqa: S608

    def ask(text: str) -> list[int]:
        wanted = " OR ".join(f'"{token}"' for token in dict.fromkeys(tokens(text)))
        return [row for (row,) in database.execute(sql, (wanted,))]

    return ask


def build_bm25s(texts: Iterable[str], folder: Path) -> int:
    """Build the index of bm25s, of numbers: a list of the words themselves would take far more memory."""
    import bm25s

    numbers: dict[str, int] = {}
    found = [[numbers.setdefault(token, len(numbers)) for token in tokens(text)] for text in texts]
    distinct = len(numbers)  # bm25s will add the empty one
    index = bm25s.BM25()
    index.index((found, numbers), show_progress=False)
    index.save(folder, show_progress=False)
    return distinct


def open_bm25s(folder: Path, n: int) -> Ask:
    """Open the index of bm25s, mapped into memory as ours is."""
    import bm25s

    index = bm25s.BM25.load(folder, mmap=True, show_progress=False)

    def ask(text: str) -> list[int]:
        question = [[*dict.fromkeys(tokens(text))]]
        rows: list[int] = index.retrieve(question, k=min(TOP, n), show_progress=False).documents[0].tolist()
        return rows

    return ask


PEER = "SQLite FTS5"
SYSTEMS = {
    "lexical index": System("recommender.lexical", build_ours, open_ours),
    PEER: System("sqlite3", build_fts5, open_fts5),
    "bm25s": System("bm25s", build_bm25s, open_bm25s),
}


def read(texts: Path, n: int) -> Iterator[Paper]:
    """Yield the first `n` papers of a file of lines."""
    with texts.open(encoding="utf-8") as file:
        for line in itertools.islice(file, n):
            title, abstract = line.rstrip("\n").split("\t")
            yield title, abstract


def write(texts: str, n: str, data: str) -> None:
    """Write a corpus, one paper a line."""
    with Path(texts).open("w", encoding="utf-8") as file:
        for title, abstract in itertools.islice(papers_of(Path(data) if data else None, SHORT), int(n)):
            file.write(f"{title}\t{abstract}\n")


def build(system: str, texts: str, n: str, folder: str) -> dict[str, Any]:
    """Build a system of the first `n` papers, and return what it took."""
    papers = ("\n\n".join(paper) for paper in read(Path(texts), int(n)))
    import_module(SYSTEMS[system].module)
    began = time.perf_counter()
    distinct = SYSTEMS[system].build(papers, Path(folder))
    seconds = time.perf_counter() - began
    size = sum(path.stat().st_size for path in Path(folder).iterdir())
    return {"seconds": seconds, "disk": size / 1e6, "peak": peak(), "distinct": distinct}


def ask(system: str, texts: str, n: str, folder: str) -> dict[str, Any]:
    """Open a system, ask it, and return the seconds of every question and how many found their own paper."""
    import_module(SYSTEMS[system].module)
    began = time.perf_counter()
    answer = SYSTEMS[system].open(Path(folder), int(n))
    found: dict[str, Any] = {"opening": time.perf_counter() - began, "seconds": {}, "own": {}}
    for kind, questions in questions_of(Path(texts), int(n)).items():
        seconds: list[float] = []
        own = 0
        answer(questions[0][1])  # once before the clock runs: its pages are in memory then
        for row, text in questions:
            began = time.perf_counter()
            rows = answer(text)
            seconds.append(time.perf_counter() - began)
            own += rows[0] == row
            if sum(seconds) > SECONDS and len(seconds) >= FEWEST:
                break
        found["seconds"][kind], found["own"][kind] = seconds, own / len(seconds)
    return {**found, "peak": peak()}


def questions_of(texts: Path, n: int) -> dict[str, list[tuple[int, str]]]:
    """Return questions of each kind, each with the row of the paper that it was taken from."""
    step = max(1, n // QUESTIONS)
    source = random.Random(SEED)  # noqa: S311
    asked: dict[str, list[tuple[int, str]]] = {kind: [] for kind in KINDS}
    for row, (title, abstract) in enumerate(read(texts, n)):
        if row % step == 0 and row // step < QUESTIONS:
            words = [*dict.fromkeys(UNIT.findall(abstract))]
            asked["4 words"].append((row, " ".join(source.sample(words, min(4, len(words))))))
            asked["a title"].append((row, title))
            asked["an abstract"].append((row, abstract))
    return asked


def peak() -> float:
    """Return the most memory that this process has held, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def apart(part: str, *arguments: object) -> Any:
    """Run one part of the measurement in a process of its own, and return what it tells."""
    command = [sys.executable, __file__, "--apart", part, *map(str, arguments)]
    run = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)  # noqa: S603
    return json.loads(run.stdout)


def measure(texts: Path, n: int) -> None:
    """Measure every system on the first `n` papers, one after the other, and print what it took."""
    built, asked = {}, {}
    for name in SYSTEMS:
        with tempfile.TemporaryDirectory(dir=texts.parent) as folder:
            built[name] = apart("build", name, texts, n, folder)
            asked[name] = apart("ask", name, texts, n, folder)
    show(n, built, asked)


def show(n: int, built: dict[str, Any], asked: dict[str, Any]) -> None:
    """Print two tables of what `build` and `ask` returned of each system."""
    (distinct,) = {own["distinct"] for own in built.values()} - {None}  # all have read the same
    print(f"\n### {n:,} papers, {distinct:,} distinct tokens\n")
    print(
        "| system | build s | papers/s | on disk MB | peak MB of building | opening ms | peak MB of asking |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name in built:
        own, peer = built[name], built[PEER]
        cells = [
            beside(own["seconds"], peer["seconds"], 1),
            f"{n / own['seconds']:,.0f}",
            beside(own["disk"], peer["disk"], 1),
            beside(own["peak"], peer["peak"], 0),
            f"{1000 * asked[name]['opening']:,.1f}",
            beside(asked[name]["peak"], asked[PEER]["peak"], 0),
        ]
        print(f"| {name} | {' | '.join(cells)} |")
    print("\n| question of | system | median ms | p99 ms | own paper first | questions |")
    print("|---|---|--:|--:|--:|--:|")
    for kind, name in itertools.product(KINDS, asked):
        own, peer = ([1000 * value for value in asked[which]["seconds"][kind]] for which in (name, PEER))
        median = beside(statistics.median(own), statistics.median(peer), 2)
        late = beside(ninety_ninth(own), ninety_ninth(peer), 2)
        print(f"| {kind} | {name} | {median} | {late} | {asked[name]['own'][kind]:.0%} | {len(own)} |")


def beside(own: float, peer: float, digits: int) -> str:
    """Return a value, and how many times the peer's it is."""
    ratio = own / peer
    return f"{own:,.{digits}f} (× {ratio:.2g})" if ratio < 0.1 else f"{own:,.{digits}f} (× {ratio:.2f})"


def ninety_ninth(values: list[float]) -> float:
    """Return what 99 % of the values do not exceed; of fewer than a hundred it is the greatest."""
    return sorted(values)[math.ceil(0.99 * len(values)) - 1]


PARTS: dict[str, Callable[..., Any]] = {"write": write, "build": build, "ask": ask}


def main(arguments: list[str] | None = None) -> None:
    """Measure every size, the systems in turn, and print tables in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=[], help="numbers of papers")
    parser.add_argument("--data", type=Path, help="folder with papers/: real texts instead of the sample's")
    given = parser.parse_args(arguments)
    sizes = given.sizes or [*SIZES]
    print(f"{processor()}, {os.cpu_count()} cores; Python {platform.python_version()}, ", end="")
    print(f"SQLite {sqlite3.sqlite_version}, {', '.join(f'{name} {version(name)}' for name in LIBRARIES)}.")
    print(f"{'Real papers first' if given.data else 'Written papers'}, seed {SEED}; (× …): of {PEER}'s.")
    print(
        f"{QUESTIONS} questions of a kind; after {SECONDS:.0f} s no further ones, but for the first {FEWEST}."
    )
    print(f"Load of the machine before: {load()}.")
    with tempfile.TemporaryDirectory() as folder:
        texts = Path(folder) / "texts.tsv"
        apart("write", texts, max(sizes), given.data or "")
        for n in sizes:
            measure(texts, n)
    print(f"\nLoad of the machine after: {load()}.")


def processor() -> str:
    """Return the name of the processor, or its family where the system does not tell."""
    told = Path("/proc/cpuinfo")
    names = re.findall(r"^model name\s*:\s*(.+)$", told.read_text(), re.MULTILINE) if told.exists() else []
    return names[0] if names else platform.machine()


def load() -> str:
    """Return how busy the machine was in the last 1, 5 and 15 minutes."""
    return ", ".join(f"{value:.1f}" for value in os.getloadavg())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--apart"]:
        print(json.dumps(PARTS[sys.argv[2]](*sys.argv[3:])))
    else:
        main()
