"""What a night costs in which little changed: `python scripts/benchmark_nights.py --papers 100000`.

So many written papers (see written_papers.py; with `--data` real ones and mixtures) are imported and built.
Then one in a hundred is new or changed and as many are gone, and the night's rebuild, which takes over what
it can, is timed beside a rebuild of everything from the same embeddings, in turn, in one process. Which part
of the ten nearest either found, all papers compared, stands in its manifest; the share of the full rebuild's
ten first that are among the night's is counted over 2,000 papers: the night weighs words as the build before.
With `--home` the first build is the one that `benchmark_scale.py --home` left, of the same papers.
"""

import argparse
import json
import os
import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np
from benchmark_lexical import load, processor
from written_papers import SEED, records_of

from recommender.builds import Build
from recommender.library import Library
from recommender.settings import Settings
from recommender.workspace import Workspace

CHANGED = 0.01  # of the papers
ASKED, K = 2_000, 10


def write(records: list[dict[str, object]], path: Path) -> Path:
    """Write records as JSON lines."""
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), encoding="utf-8")
    return path


def night_after(records: list[dict[str, object]], n: int) -> tuple[list[dict[str, object]], list[str]]:
    """Return what is imported the night after, new papers and changed ones, and the ids of those that go."""
    chance = np.random.default_rng(SEED)
    few = int(CHANGED * n / 2)
    rows = chance.choice(n, 3 * few, replace=False).tolist()
    changed = [
        {**records[row], "abstract": f"{records[row + few]['abstract']}"}
        for row in rows[:few]
        if row + few < n
    ]
    return [*records[n : n + few], *changed], [str(records[row]["id"]) for row in rows[few:]]


def nearest(build: Build, ids: list[str]) -> list[set[str]]:
    """Return the ids of the nearest of some papers."""
    rows = [build.papers.row_of(paper_id) for paper_id in ids]
    return [
        {build.papers.paper(one.row).id for one in build.neighbours.of(row, K)}
        for row in rows
        if row is not None
    ]


def begun(home: Path, records: list[dict[str, object]], folder: Path) -> Workspace:
    """Return a workspace with a published build of some papers, which is made if there is none."""
    workspace = Workspace(Settings(home=home))
    if not home.exists():
        workspace.import_files([write(records, folder / "first.jsonl")])
        with workspace.writing():
            workspace.rebuild_corpus(workspace.corpus())
    return workspace


def main(arguments: list[str] | None = None) -> None:
    """Measure one size, and print a table in Markdown."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--papers", type=int, default=100_000)
    options.add_argument("--data", type=Path, help="folder with papers/: real ones, and mixtures of them")
    options.add_argument("--home", type=Path, help="what benchmark_scale.py left of as many; it is changed")
    given = options.parse_args(arguments)
    n = given.papers
    threads = os.environ.get("OMP_NUM_THREADS", "not set")
    print(
        f"{processor()}, {os.cpu_count()} cores, OMP_NUM_THREADS {threads}; load before: {load()}", flush=True
    )
    records = [*records_of(n + int(CHANGED * n), given.data)]
    with tempfile.TemporaryDirectory() as folder:
        workspace = begun(given.home or Path(folder) / "home", records[:n], Path(folder))
        fresh, gone = night_after(records, n)
        del records
        began = time.perf_counter()
        workspace.import_files([write(fresh, Path(folder) / "second.jsonl")])
        imported = time.perf_counter() - began
        with Library.open(workspace.settings.library) as library:
            library.remove(gone)
        with workspace.writing():
            began = time.perf_counter()
            corpus = workspace.corpus()
            read = time.perf_counter() - began
            night = workspace.rebuild_corpus(corpus, publish=False)
            between = time.perf_counter()
            full = workspace.rebuild_corpus(corpus, publish=False, force=True)
            wall = {"night": between - began - read, "full": time.perf_counter() - between}
        builds = [workspace.store.open(one.manifest.build_id) for one in (full, night)]
        every = max(1, len(corpus.papers) // ASKED)
        ids = [heading.id for heading in islice(corpus.papers.headings(), 0, None, every)]
        wanted, found = (nearest(build, ids) for build in builds)
        kept = sum(len(a & b) for a, b in zip(wanted, found, strict=True)) / sum(map(len, wanted))
    print(f"\n| stage, {n:,} papers | the night, s | all anew, s |\n|---|--:|--:|")
    for stage in {**full.seconds, **night.seconds}:
        print(
            f"| {stage} | " + " | ".join(f"{one.seconds.get(stage, 0):.1f}" for one in (night, full)) + " |"
        )
    print("| all | " + " | ".join(f"{sum(one.seconds.values()):.1f}" for one in (night, full)) + " |")
    print(f"| with opening the model and the build before | {wall['night']:.1f} | {wall['full']:.1f} |")
    carried, recall = night.manifest.n_carried, night.manifest.recall
    recalls = " and ".join(f"{one.manifest.recall_of_neighbours}" for one in (night, full))
    print(f"\nImporting what is new took {imported:.1f} s, reading the library {read:.1f} s.")
    print(f"{len(fresh):,} papers new or changed, {len(gone):,} gone; lists taken over of {carried:,};")
    print(f"recall@{K} of the index {recall}, of the neighbours found {recalls};")
    print(f"of the full rebuild's first {K} the night has {kept:.2%}.")
    print(f"Load after: {load()}")


if __name__ == "__main__":
    main()
