"""How long a command takes from start to end, beside `python -c pass`: `python scripts/benchmark_cli.py`.

With `--papers N` it answers from N written papers as well (see written_papers.py), which it builds first,
and with `--home HOME` it keeps them there for the next time. All commands run in turn, once a round. Machines
differ and are shared, so the ratios are what counts; beside the time from start to end stands the time of the
processor, which other programs disturb less.
"""

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmark_lexical import load, processor
from written_papers import write_papers

from recommender.settings import Settings
from recommender.workspace import Workspace

ROUNDS = 21
PEER = "python -c pass"
QUESTION = "产教融合 治理"
Seconds = tuple[float, float]  # from start to end, and of the processor
Task = Callable[[], Seconds]


def command(home: Path, *arguments: str) -> Task:
    """Return a task that runs one Python process to its end."""
    environment = {**os.environ, "RECOMMENDER_HOME": str(home)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a user has the bytecode

    def run() -> Seconds:
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(  # noqa: S603
            [sys.executable, *arguments], env=environment, capture_output=True, check=True
        )
        ended, after = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        return ended - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return run


def commands_of(home: Path, paper: str, n: int) -> dict[str, Task]:
    """Return what is asked of the papers of a home, by its title in the table."""
    recommend = ("-m", "recommender")
    titles = {
        f"recommend --id {paper} --k 5": ("--id", paper, "--k", "5"),
        f"recommend --id {paper} --json": ("--id", paper, "--json"),
        f"recommend {QUESTION}": (QUESTION,),
    }
    return {
        f"{title}, {n:,} papers": command(home, *recommend, *arguments) for title, arguments in titles.items()
    }


def in_turn(tasks: dict[str, Task], rounds: int) -> dict[str, Seconds]:
    """Run all tasks once a round, and return the median seconds of each."""
    found: dict[str, list[Seconds]] = {name: [] for name in tasks}
    for task in tasks.values():
        task()  # once before the clock counts: files in memory, bytecode compiled
    for _ in range(rounds):
        for name, task in tasks.items():
            found[name].append(task())
    return {
        name: (statistics.median(part[0] for part in parts), statistics.median(part[1] for part in parts))
        for name, parts in found.items()
    }


def show(seconds: dict[str, Seconds]) -> None:
    """Print the table."""
    print("\n| one process, from start to end | ms | × python -c pass | processor ms | × |")
    print("|---|--:|--:|--:|--:|")
    for name, (wall, cpu) in seconds.items():
        ratios = wall / seconds[PEER][0], cpu / seconds[PEER][1]
        print(f"| {name} | {wall * 1000:.1f} | {ratios[0]:.2f} | {cpu * 1000:.1f} | {ratios[1]:.2f} |")


def build_written(home: Path, n: int) -> None:
    """Build `n` written papers into a home that has no build yet."""
    workspace = Workspace(Settings(home=home))
    if workspace.store.current_id():
        return
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "papers.jsonl"
        write_papers(n, source)
        with workspace.writing():
            workspace.import_files([source])
            workspace.rebuild()


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--papers", type=int, default=0, help="written papers to answer from as well")
    options.add_argument("--home", type=Path, help="where these are, or shall be kept")
    options.add_argument("--rounds", type=int, default=ROUNDS)
    given = options.parse_args()
    print(f"{processor()}, {os.cpu_count()} cores, {load()}, Python {platform.python_version()}")
    print(f"median of {given.rounds} rounds, in turn")
    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder) / "sample"
        Workspace(Settings(home=sample)).build_sample()
        tasks = {PEER: command(sample, "-c", "pass")}
        tasks["recommend --help"] = command(sample, "-m", "recommender", "--help")
        tasks |= commands_of(sample, "9", 360)
        if given.papers:
            home = given.home or Path(folder) / "written"
            build_written(home, given.papers)
            tasks |= commands_of(home, "9", given.papers)
        show(in_turn(tasks, given.rounds))


if __name__ == "__main__":
    main()
