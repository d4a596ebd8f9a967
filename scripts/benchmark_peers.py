"""The product beside its peers, in turn, in one call: `python scripts/benchmark_peers.py`.

    pip install -e '.[peers]'

Search engines find the ten nearest of `--vectors` vectors of written papers (written_papers.py): ours has
chosen how far to look when it was built, the others look at as few candidates as find as many of the nearest.
Whole systems import and index `--papers` papers, each in a process of its own, and answer by id and by text.
The words' index stands beside bm25s, on the same tokens. One thread. What is not installed is said.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import benchmark_lexical
import numpy as np
from benchmark_lexical import load, peak, processor
from peers import ENGINES, OURS, SYSTEMS, Engine, K, is_here
from written_papers import records_of, write_papers

from recommender.embedding import open_embedder
from recommender.vectors import Vectors

HELD_OUT, ROUNDS = 200, 3
QUESTIONS = 100  # of a system, by id and by text
FEWEST, SECONDS = 5, 20.0
WIDER, MOST_CANDIDATES = 1.3, 5_000
MISSING = "not installed"


def compare_engines(n: int) -> None:
    """Print a table of the engines on the vectors of `n` papers."""
    texts = [f"{record['title']}\n\n{record['abstract']}" for record in records_of(n + HELD_OUT)]
    vectors = open_embedder("fast").encode(texts)
    base, queries = vectors[:n], vectors[n:]
    wanted = np.argsort(-(queries @ base.T), axis=1, kind="stable")[:, :K]
    filled: dict[str, Engine] = {}
    print(f"\n| search, {n:,} vectors × {vectors.shape[1]} | build s | MB on disk | recall@{K} | median ms |")
    print("|---|--:|--:|--:|--:|")
    told: dict[str, tuple[float, float, float]] = {}
    with tempfile.TemporaryDirectory() as root:
        for name in filter(is_here, ENGINES):
            folder = Path(root) / name
            folder.mkdir()
            began = time.perf_counter()
            filled[name] = ENGINES[name](base, folder)
            seconds = time.perf_counter() - began
            filled[name].save(folder)
            size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
            least = told[OURS][2] if name != OURS else 0.0
            told[name] = seconds, size, tuned(filled[name], queries, wanted, least)
        medians = times_in_turn(filled, queries)
    for name in ENGINES:
        if name not in told:
            print(f"| {name} | {MISSING} | | | |")
            continue
        seconds, size, recall = told[name]
        cells = beside(seconds, told[OURS][0]), beside(size, told[OURS][1]), f"{recall:.3f}"
        print(f"| {name} | {' | '.join(cells)} | {beside(medians[name], medians[OURS])} |")


def tuned(engine: Engine, queries: Vectors, wanted: np.ndarray[Any, Any], least: float) -> float:
    """Let an engine look at as few candidates as give a recall of `least`, and return its recall."""
    candidates = K
    while True:
        if engine.widen is not None:
            engine.widen(candidates)
        found = [{*engine.search(query[None]).tolist()} for query in queries]
        recall = statistics.fmean(
            len(hits & {*near}) / K for hits, near in zip(found, wanted.tolist(), strict=True)
        )
        if engine.widen is None or recall >= least or candidates > MOST_CANDIDATES:
            return recall
        candidates = int(WIDER * candidates) + 1


def times_in_turn(engines: dict[str, Engine], queries: Vectors) -> dict[str, float]:
    """Return the median milliseconds of a question to each engine; they take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(ROUNDS):
        for name, engine in engines.items():
            seconds[name] += timed(engine.search, queries[:, None])[0]
    return {name: 1000 * statistics.median(found) for name, found in seconds.items()}


def compare_systems(n: int) -> None:
    """Print a table of the whole systems on `n` papers."""
    print(
        f"\n| system, {n:,} papers | indexing, s | papers/s | peak MB | by id, ms | by text, ms | own first |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|")
    ours: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as root:
        source = Path(root) / "papers.jsonl"
        write_papers(n, source)
        for name in SYSTEMS:
            if not is_here(name):
                print(f"| {name} | {MISSING} | | | | | |")
                continue
            folder = Path(root) / name
            folder.mkdir()
            told = apart("whole", name, source, folder)
            ours = ours or told
            cells = [
                beside(told[part], ours[part]) for part in ("seconds", "rate", "peak", "by id", "by text")
            ]
            print(f"| {name} | {' | '.join(cells)} | {told['own first']:.0%} |")


def whole(name: str, source: str, folder: str) -> dict[str, float]:
    """Build a system, open it, ask it, and return what that took."""
    records = [json.loads(line) for line in Path(source).read_text(encoding="utf-8").splitlines()]
    began = time.perf_counter()
    opened = SYSTEMS[name](Path(source), Path(folder))
    seconds = time.perf_counter() - began
    highest = peak()
    system = opened()
    asked = records[:: max(1, len(records) // QUESTIONS)][:QUESTIONS]
    system.by_id(asked[0]["id"]), system.by_text(asked[0]["title"])  # once before the clock runs
    by_id, _ = timed(system.by_id, [record["id"] for record in asked])
    by_text, found = timed(system.by_text, [record["title"] for record in asked])
    return {
        "seconds": seconds,
        "rate": len(records) / seconds,
        "peak": highest,
        "by id": 1000 * statistics.median(by_id),
        "by text": 1000 * statistics.median(by_text),
        "own first": statistics.fmean(
            ids[0] == record["id"] for ids, record in zip(found, asked, strict=False)
        ),
    }


def compare_words(n: int) -> None:
    """Print a table of the words' index and bm25s on the same tokens of `n` papers."""
    print(f"\n| words, {n:,} papers | papers/s | MB on disk | 4 words, ms | an abstract, ms |")
    print("|---|--:|--:|--:|--:|")
    ours: list[float] = []
    with tempfile.TemporaryDirectory() as root:
        texts = Path(root) / "texts.tsv"
        benchmark_lexical.write(str(texts), str(n), "")
        for shown, name in ((OURS, "lexical index"), ("bm25s", "bm25s")):
            if not is_here(shown):
                print(f"| {shown} | {MISSING} | | | |")
                continue
            folder = Path(root) / shown
            folder.mkdir()
            built = benchmark_lexical.apart("build", name, texts, n, folder)
            asked = benchmark_lexical.apart("ask", name, texts, n, folder)["seconds"]
            kinds = [1000 * statistics.median(asked[kind]) for kind in ("4 words", "an abstract")]
            told = [n / built["seconds"], built["disk"], *kinds]
            ours = ours or told
            print(f"| {shown} | {' | '.join(map(beside, told, ours))} |")


def timed(question: Callable[[Any], Any], asked: Any) -> tuple[list[float], list[Any]]:
    """Return the seconds of every question and its answer; after so many seconds the fewest will do."""
    seconds: list[float] = []
    answers = []
    for one in asked:
        if sum(seconds) > SECONDS and len(seconds) >= FEWEST:
            break
        began = time.perf_counter()
        answers.append(question(one))
        seconds.append(time.perf_counter() - began)
    return seconds, answers


def beside(own: float, ours: float) -> str:
    """Return a value, and how many times ours it is.

    >>> beside(3.0, 2.0), beside(250.0, 250.0)
    ('3.00 (× 1.5)', '250 (× 1)')
    """
    shown = f"{own:,.0f}" if own >= 100 else f"{own:.3g}" if own < 1 else f"{own:.2f}"
    return f"{shown} (× {own / ours:.2g})"


def apart(part: str, *arguments: object) -> Any:
    """Run one part in a process of its own, and return what it tells."""
    command = [sys.executable, __file__, "--apart", part, *map(str, arguments)]
    run = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)  # noqa: S603
    return json.loads(run.stdout.splitlines()[-1])


def main(arguments: list[str] | None = None) -> None:
    """Measure everything in turn, and print tables in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--vectors", type=int, default=100_000, help="that the engines search; 0: leave out")
    parser.add_argument("--papers", type=int, default=10_000, help="of the whole systems; 0: leave out")
    given = parser.parse_args(arguments)
    os.environ |= {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    print(
        f"{processor()}, {os.cpu_count()} cores, one thread each; Python {platform.python_version()}. ",
        end="",
    )
    print(f"Load before: {load()}. (× …): of ours.")
    if given.vectors:
        compare_engines(given.vectors)
    if given.papers:
        compare_systems(given.papers)
        compare_words(given.papers)
    print(f"\nLoad after: {load()}.")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--apart"]:
        print(json.dumps(whole(*sys.argv[3:])))
    else:
        main()
