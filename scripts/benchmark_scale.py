"""What a rebuild of many papers takes, and how it answers: `python scripts/benchmark_scale.py`.

`--papers N` written papers (see written_papers.py; with `--data` real ones and mixtures) are imported and
built in a process of its own, so that the peak of memory is its own; another one asks: the neighbours of
papers by id, and free text. With `--home HOME` the build is kept there. Machines differ and are shared: the
load is told, and the stages were timed from start to end.
"""

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmark_lexical import load, ninety_ninth, peak, processor
from written_papers import SEED, write_papers

from recommender.recommendation import Answer
from recommender.settings import Settings
from recommender.workspace import Workspace

BY_ID, BY_TEXT = 2_000, 100  # questions
HELD_OUT = 200  # papers whose stored neighbours are compared with those of an exhaustive search
FEW, K = 5, 10
EVERY = 0.5  # seconds between two looks at the memory


def build(home: str, source: str) -> dict[str, Any]:
    """Import and build a file into a home, and return what it took."""
    workspace = Workspace(Settings(home=Path(home)))
    with workspace.writing(), own_memory() as own:
        began = time.perf_counter()
        workspace.import_files([Path(source)])
        imported = time.perf_counter()
        corpus = workspace.corpus()
        read = time.perf_counter()
        rebuilt = workspace.rebuild_corpus(corpus, publish=False)
        made = time.perf_counter()
        workspace.store.publish(rebuilt.manifest.build_id)
        ended = time.perf_counter()
    seconds = {"import": imported - began, "read": read - imported}
    seconds["open model"] = made - read - sum(rebuilt.seconds.values())
    seconds |= {**rebuilt.seconds, "publish": ended - made}
    disk = {
        "library": workspace.settings.library.stat().st_size,
        "embeddings": size_of(workspace.settings.embeddings),
        "build": size_of(workspace.store.root),
    }
    recall = rebuilt.manifest.recall_of_neighbours
    return {"seconds": seconds, "disk": disk, "peak": peak(), "own": max(own), "recall": recall}


@contextmanager
def own_memory() -> Iterator[list[float]]:
    """Look again and again how many MB this process has for itself, without the files that it has mapped.

    The system may drop those; none is seen where there is no `/proc`.
    """
    seen, is_done = [0.0], threading.Event()

    def look() -> None:
        status = Path("/proc/self/status")
        while status.exists() and not is_done.wait(EVERY):
            (line,) = (line for line in status.read_text().splitlines() if line.startswith("RssAnon"))
            seen.append(int(line.split()[1]) * 1024 / 1e6)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        is_done.set()
        watcher.join()


def ask(home: str) -> dict[str, Any]:
    """Open the build of a home, ask it, and return the seconds of every question."""
    began = time.perf_counter()
    workspace = Workspace(Settings(home=Path(home)))
    recommender = workspace.recommender()
    papers = workspace.store.current().papers
    source = random.Random(SEED)  # noqa: S311
    ids = [papers.paper(source.randrange(len(papers))).id for _ in range(BY_ID)]
    read = [papers.paper(source.randrange(len(papers))) for _ in range(BY_TEXT)]
    texts = {"title": [one.title for one in read], "abstract": [one.abstract or one.title for one in read]}
    opened = time.perf_counter() - began
    recommender.similar_to_text(texts["title"][0], k=K)
    by_id = {
        f"similar_to(id), k={k}{again}": timed(lambda paper_id, k=k: recommender.similar_to(paper_id, k), ids)
        for k in (FEW, K)
        for again in ("", ", again")  # what was never read before is found page by page
    }
    by_text = {
        f"similar_to_text({kind}), k={K}{again}": timed(
            lambda text: recommender.similar_to_text(text, K), asked
        )
        for again in ("", ", again")  # by then the sums are compiled
        for kind, asked in texts.items()
    }
    return {
        "opening": opened,
        "questions": by_id | by_text,
        "recall": recall(workspace),
        "kept": {kind: kept(workspace, asked) for kind, asked in texts.items()},
        "peak": peak(),
    }


def recall(workspace: Workspace) -> float:
    """Return how many of the nearest candidates that an exhaustive search finds the engine finds too."""
    import numpy as np

    from recommender.index import engine_named

    opened = workspace.store.current()
    exact = engine_named("flat").open(opened.folder)
    rows = np.random.default_rng(SEED).choice(len(exact), min(HELD_OUT, len(exact)), replace=False)
    queries = opened.search.vectors[np.sort(rows)]
    found, wanted = opened.index.search(queries, K).rows, exact.search(queries, K).rows
    return float(
        np.mean([len({*a} & {*b}) / K for a, b in zip(found.tolist(), wanted.tolist(), strict=True)])
    )


def kept(workspace: Workspace, texts: list[str]) -> float:
    """Return the share found of the papers for texts, all vectors compared and all words added up."""
    from recommender.index import engine_named
    from recommender.lexical import index
    from recommender.ranking import Search

    recommender, opened = workspace.recommender(), workspace.store.current()
    found = [ids_of(recommender.similar_to_text(text, K)) for text in texts]
    search, looked_up_from = opened.search, index.LOOKED_UP_FROM
    exact = engine_named("flat").open(opened.folder)
    lists = opened.neighbours
    recommender.build.search = Search(exact, search.vectors, search.lexical, search.calibration, lists)
    index.LOOKED_UP_FROM = len(exact) + 1
    wanted = [ids_of(recommender.similar_to_text(text, K)) for text in texts]
    index.LOOKED_UP_FROM = looked_up_from
    return sum(len(a & b) / len(b) for a, b in zip(found, wanted, strict=True)) / len(texts)


def ids_of(answer: Answer) -> set[str]:
    """Return the ids of the papers of an answer."""
    return {one.paper.id for one in answer.results}


def timed(question: Callable[[str], object], asked: list[str]) -> list[float]:
    """Return the seconds of every question."""
    seconds = []
    for one in asked:
        began = time.perf_counter()
        question(one)
        seconds.append(time.perf_counter() - began)
    return seconds


def size_of(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def apart(part: str, *arguments: object) -> dict[str, Any]:
    """Run one part of the measurement in a process of its own, and return what it tells."""
    command = [sys.executable, __file__, "--apart", part, *map(str, arguments)]
    run = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)  # noqa: S603
    told: dict[str, Any] = json.loads(run.stdout)
    return told


def show(n: int, built: dict[str, Any], asked: dict[str, Any]) -> None:
    """Print what it took and how it answers."""
    total = sum(built["seconds"].values())
    print(f"\n| stage, {n:,} papers | s | share | papers/s |\n|---|--:|--:|--:|")
    for stage, seconds in {**built["seconds"], "all": total}.items():
        print(f"| {stage} | {seconds:,.1f} | {seconds / total:.0%} | {n / max(seconds, 1e-9):,.0f} |")
    print(
        f"\npeak memory of building {built['peak']:,.0f} MB, its own {built['own']:,.0f};"
        f" of asking {asked['peak']:,.0f} MB; on disk: ",
        end="",
    )
    print(", ".join(f"{name} {size / 1e6:,.0f} MB" for name, size in built["disk"].items()))
    print(f"recall@{K} of the engine against exhaustive search: {asked['recall']:.4f}")
    print(f"recall@{K} of the neighbours, all papers compared: {built['recall']}")
    shares = ", ".join(f"{share:.4f} for {kind}s" for kind, share in asked["kept"].items())
    print(f"of the {K} papers for a text, all vectors compared and all words added up, are found: {shares}")
    print("\n| one question in a running program | p50 ms | p99 ms | questions |\n|---|--:|--:|--:|")
    for name, times in asked["questions"].items():
        seconds = sorted(times)
        middle, late = 1000 * seconds[len(seconds) // 2], 1000 * ninety_ninth(seconds)
        print(f"| {name} | {middle:,.3f} | {late:,.3f} | {len(seconds):,} |")


PARTS: dict[str, Callable[..., Any]] = {"build": build, "ask": ask}


def main(arguments: list[str] | None = None) -> None:
    """Measure one size, and print tables in Markdown."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--papers", type=int, default=100_000)
    options.add_argument("--data", type=Path, help="folder with papers/: real ones, and mixtures of them")
    options.add_argument("--home", type=Path, help="an empty or new folder, where the build is kept")
    given = options.parse_args(arguments)
    threads = os.environ.get("OMP_NUM_THREADS", "not set")
    print(f"{processor()}, {os.cpu_count()} cores, OMP_NUM_THREADS {threads}; ", end="")
    print(f"Python {platform.python_version()}; load before: {load()}")
    with tempfile.TemporaryDirectory() as folder:
        home, source = given.home or Path(folder) / "home", Path(folder) / "papers.jsonl"
        write_papers(given.papers, source, given.data)
        built = apart("build", home, source)
        show(given.papers, built, apart("ask", home))
    print(f"\nLoad after: {load()}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--apart"]:
        print(json.dumps(PARTS[sys.argv[2]](*sys.argv[3:])))
    else:
        main()
