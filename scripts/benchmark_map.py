"""How fast a map moves in a browser: `python scripts/benchmark_map.py`, with Chromium and its driver.

For each of `--papers`, points are drawn in clusters, with titles; the page is opened in headless Chromium,
which has no graphics card: its processor draws. Then the map is moved in steps, as fast as the browser draws
them. All sizes in turn, on a machine that may be shared; the others are beside a map of a thousand points.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from benchmark_lexical import load, processor
from screenshots import browser
from selenium import webdriver

from recommender.presentation.atlas.page import page

SEED, CLUSTERS = 0, 60
FRAMES, PATIENCE = 60, 240
READY = "return !!window.paperMap && window.paperMap.pace.measured"
MOVE = """
const done = arguments[arguments.length - 1], { sigma } = window.paperMap, times = [];
let last = performance.now(), step = 0;
requestAnimationFrame(function move() {
  const now = performance.now();
  times.push(now - last);
  last = now;
  if (step++ >= arguments_frames) return done(times.slice(1));
  sigma.getCamera().setState({ x: 0.5 + 0.003 * step, y: 0.5, ratio: 0.9 - 0.01 * step });
  requestAnimationFrame(move);
});
""".replace("arguments_frames", str(FRAMES))


def content_of(n: int) -> dict[str, Any]:
    """Return what the page of a map of `n` papers draws."""
    chance = np.random.default_rng(SEED)
    centres = chance.normal(size=(CLUSTERS, 2)) * 30
    cluster = chance.integers(CLUSTERS, size=n)
    points = np.round(centres[cluster] + chance.normal(size=(n, 2)) * 3, 3)
    return {
        "build": "benchmark", "similar": "", "names": {},
        "id": [str(row) for row in range(n)],
        "title": [f"产教融合的治理研究，第 {row} 篇" for row in range(n)],
        "citation": [f"Author {row}. Journal, 2020" for row in range(n)],
        "link": [""] * n, "language": ["zh"] * n, "subject": ["教育学"] * n,
        "year": chance.integers(1990, 2026, n).tolist(),
        "x": points[:, 0].tolist(), "y": points[:, 1].tolist(), "cluster": cluster.tolist(),
        "clusters": [
            {"terms": [f"聚类{number}"], "language": "zh", "n": 1, "x": x, "y": y}
            for number, (x, y) in enumerate(centres.tolist())
        ],
        "near": [[(row + step) % n for step in range(1, 6)] for row in range(n)],
    }  # fmt: skip


def measured(driver: webdriver.Chrome, file: Path) -> tuple[float, float, list[float], int]:
    """Return seconds until a map is there, ms of all its points, ms of frames in movement, points in them."""
    began = time.perf_counter()
    driver.get(file.as_uri())
    while not driver.execute_script(READY):
        time.sleep(0.05)
    opened = time.perf_counter() - began
    frames = driver.execute_async_script(MOVE)
    pace = driver.execute_script("return window.paperMap.pace")
    return opened, pace["measured"], frames, pace["most"]


def main(arguments: list[str] | None = None) -> None:
    """Measure every size, and print a table in Markdown."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--papers", type=int, nargs="*", default=[1_000, 20_000, 100_000])
    given = options.parse_args(arguments)
    print(f"{processor()}, {os.cpu_count()} cores, no graphics card; load before: {load()}\n")
    print("| papers | MB | open s | all points, ms | in movement: points | ms a frame, median (95th) |")
    print("|--:|--:|--:|--:|--:|--:|")
    with browser() as driver, tempfile.TemporaryDirectory() as folder:
        driver.set_window_size(1280, 900)
        driver.set_script_timeout(PATIENCE)
        for n in given.papers:
            file = Path(folder) / f"{n}.html"
            file.write_text(page(content_of(n), "文献地图"), encoding="utf-8")
            opened, whole, frames, most = measured(driver, file)
            late = sorted(frames)[int(0.95 * len(frames))]
            size = file.stat().st_size / 1e6
            moved = f"{min(n, most):,} | {statistics.median(frames):.0f} ({late:.0f})"
            print(f"| {n:,} | {size:.1f} | {opened:.1f} | {whole:,.0f} | {moved} |")
    print(f"\nLoad after: {load()}")


if __name__ == "__main__":
    main()
