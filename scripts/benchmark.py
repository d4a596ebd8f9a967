"""How fast, against named peers, each measured in turn in one call: `python scripts/benchmark.py`.

Commands from start to end are measured by benchmark_cli.py. Machines differ and are shared, so the ratios are
what counts; the times tell where they come from.
"""

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from recommender.embedding.static import StaticEmbedder
from recommender.readers import read_papers
from recommender.settings import Settings, bundled
from recommender.workspace import Workspace

ROUNDS = 15
Task = Callable[[], object]


def in_turn(tasks: dict[str, Task], rounds: int = ROUNDS) -> dict[str, float]:
    """Run all tasks once a round, and return the median seconds of each."""
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for task in tasks.values():
        task()  # once before the clock runs: files in memory, bytecode compiled
    for _ in range(rounds):
        for name, task in tasks.items():
            began = time.perf_counter()
            task()
            seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(values) for name, values in seconds.items()}


def show(title: str, peer: str, seconds: dict[str, float]) -> None:
    """Print one table: milliseconds, and how many times the peer's."""
    print(f"\n| {title} | median ms | × {peer} |\n|---|--:|--:|")
    for name, value in seconds.items():
        print(f"| {name} | {value * 1000:.3f} | {value / seconds[peer]:.2f} |")


def main() -> None:
    """Measure and print."""
    from sentence_transformers import SentenceTransformer

    model = bundled("models", "fast")
    papers = [entry.paper for entry in read_papers(bundled("data", "sample.jsonl"))]
    texts = [paper.text for paper in papers]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}; median of {ROUNDS} rounds")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        workspace = Workspace(Settings(home=home))
        workspace.build_sample()
        recommender = workspace.recommender()
        vectors = StaticEmbedder(model).encode(texts)
        questions = {
            "NumPy: vectors @ query, argsort": lambda: np.argsort(-(vectors @ vectors[8]), kind="stable")[:6],
            "Recommender.similar_to('9', k=5)": lambda: recommender.similar_to("9", k=5),
            "Recommender.similar_to_text(…, k=5)": lambda: recommender.similar_to_text("产教融合 治理", k=5),
        }
        peer = "NumPy: vectors @ query, argsort"
        show("one question in a running program, 360 papers", peer, in_turn(questions, 200))
    reference = SentenceTransformer(str(model), device="cpu").float()
    light = StaticEmbedder(model)
    embedders = {
        "SentenceTransformer.encode": lambda: reference.encode(texts, show_progress_bar=False),
        "the light path": lambda: light.encode(texts),
    }
    show("embedding the 360 abstracts of the sample", "SentenceTransformer.encode", in_turn(embedders))


if __name__ == "__main__":
    main()
