"""How fast `recommend serve` answers: python scripts/benchmark_web.py [CONNECTIONS] [SECONDS].

Starts a server on the bundled sample in a folder of its own, and asks it over keep-alive connections on
loopback, from one process: closed loop (each connection asks again as soon as it is answered), and paced
(each asks twice a second, as people would). Prints a table; exits 1 if anything was answered with 5xx.
"""

import asyncio
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

CONNECTIONS, SECONDS, PAUSE = 64, 6.0, 0.5
PAPERS = 360
WORDS = (
    *("产教融合", "治理", "协同", "园区", "电池", "土壤", "瓷器", "睡眠", "家庭", "教育"),
    *("soil", "battery", "bees", "school", "porcelain", "carbon", "sleep", "galaxy"),
)
draw = random.Random(7)  # noqa: S311 - no secret


def look_up() -> str:
    """Return the address of the papers similar to one."""
    return f"/papers/{draw.randint(1, PAPERS)}/similar?k=10"


def look_up_anew() -> str:
    """Return one that was not asked before, so that nothing is kept of it."""
    return f"/papers/{draw.randint(1, PAPERS)}/similar?k=10&min_similarity={draw.random() / 10:.12f}"


def text() -> str:
    """Return a question in words, hardly ever the same."""
    return f"/search?k=10&q={quote(' '.join(draw.sample(WORDS, 4)))}"


def page() -> str:
    """Return the address of a page, which is written anew each time."""
    return f"/find?like={draw.randint(1, PAPERS)}"


@dataclass
class Tally:
    """Times in seconds, and how many answers there were of each status."""

    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def add(self, seconds: float, status: int) -> None:
        """Count one answer."""
        self.times.append(seconds)
        self.statuses[status] = self.statuses.get(status, 0) + 1

    def share(self, part: float) -> float:
        """Return the time in ms within which a part of the answers came."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1000


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str) -> int:
    """Ask on an open connection and return the status."""
    writer.write(f"GET {address} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    if length is None:
        raise ValueError(head)
    await reader.readexactly(int(length[1]))
    return int(head[9:12])


async def one(port: int, until: float, tally: Tally, make: Callable[[], str], pause: float) -> None:
    """Ask over one connection until the time is over."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(draw.random() * pause)
    while (started := time.perf_counter()) < until:
        status = await ask(reader, writer, make())
        tally.add(time.perf_counter() - started, status)
        if pause:
            await asyncio.sleep(max(0.0, pause - (time.perf_counter() - started)))
    writer.close()


async def measure(
    port: int, connections: int, seconds: float, make: Callable[[], str], pause: float
) -> Tally:
    """Ask over several connections at once, after one question before the clock counts."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await ask(reader, writer, make())
    writer.close()
    tally, until = Tally(), time.perf_counter() + seconds
    await asyncio.gather(*(one(port, until, tally, make, pause) for _ in range(connections)))
    return tally


def main() -> int:
    """Start the server, measure, print."""
    connections = int(sys.argv[1]) if len(sys.argv) > 1 else CONNECTIONS
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "recommender", "serve", "--port", "0", "--home", home]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)  # noqa: S603
        try:
            return report(port_of(server), connections, seconds)
        finally:
            server.terminate()
            server.wait()


def port_of(server: "subprocess.Popen[str]") -> int:
    """Return the port of a server once it is ready."""
    for line in server.stderr or ():
        if found := re.search(r"listening on http://127\.0\.0\.1:(\d+)/", line):
            break
    port = int(found[1]) if found else 0
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz")
            return port
        except OSError:
            time.sleep(0.1)


def report(port: int, connections: int, seconds: float) -> int:
    """Print a table and return the exit code."""
    cases = [
        ("a paper's similar papers, JSON, asked before", look_up, 0.0),
        ("a paper's similar papers, JSON, anew", look_up_anew, 0.0),
        ("a paper's similar papers, JSON, anew, paced", look_up_anew, PAUSE),
        ("four words, JSON, anew, paced", text, PAUSE),
        ("a page of 20 papers, paced", page, PAUSE),
    ]
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    print(f"{connections} connections, {seconds:g} s each, {load}\n")
    print("| asked for | answers/s | median ms | p99 ms | 5xx |\n|---|--:|--:|--:|--:|")
    asyncio.run(measure(port, 1, 2.0, look_up, 0.0))  # nothing is measured cold
    failed = 0
    for name, make, pause in cases:
        if make is look_up:
            asyncio.run(fill(port))
        tally = asyncio.run(measure(port, connections, seconds, make, pause))
        failures = sum(n for status, n in tally.statuses.items() if status >= 500)
        rate = len(tally.times) / seconds
        print(f"| {name} | {rate:,.0f} | {tally.share(0.5):.1f} | {tally.share(0.99):.1f} | {failures} |")
        failed += failures
    return int(failed > 0)


async def fill(port: int) -> None:
    """Ask once for everything that is measured as asked before."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for paper in range(1, PAPERS + 1):
        await ask(reader, writer, f"/papers/{paper}/similar?k=10")
    writer.close()


if __name__ == "__main__":
    sys.exit(main())
