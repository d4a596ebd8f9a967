"""A real server with 64 connections, while nights are published, rolled back and pruned: no request fails.

python -m tests.reliability.server            the short form, as the tests run it
python -m tests.reliability.server --long     60 s, 20 publications and rollbacks or more
"""

import argparse
import asyncio
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

from recommender.settings import Settings
from recommender.workspace import Workspace
from tests.reliability.nights import IDS, WORDS

ROOT = Path(__file__).resolve().parents[2]
SEED = 20261127
CONNECTIONS = 64
KEPT = 2
PATIENCE = 60.0  # seconds for one answer, on a machine that is busy
PLACES = (
    *(f"/papers/{name}/similar?k=5" for name in IDS), *(f"/papers/{name}" for name in IDS[:4]),
    "/search?q=quick+zebras&k=5", "/search?q=lazy+bees+vex&k=5", "/find?like=3&k=5", "/embed/7", "/readyz",
)  # fmt: skip


@dataclass
class Found:
    """What the askers have seen.

    Attributes:
        n: Requests.
        answers: Of each build and address, the one answer that there may be.
        builds: Those that have answered.
        failed: What was no answer, or another one than before, or mixed.
    """

    n: int = 0
    answers: dict[tuple[str, str], bytes] = field(default_factory=dict)
    builds: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)

    def take(self, place: str, status: int, tag: str, body: bytes) -> None:
        """Check one answer."""
        self.n += 1
        if status != 200:
            self.failed.append(f"{place}: {status} {body[:200]!r}")
            return
        nights = {*re.findall(rb"night \d+", body)}
        if len(nights) > 1:
            self.failed.append(f"{place}: mixed, {sorted(nights)}")
        if tag:
            self.builds.add(tag)
            plain = re.sub(rb'"seconds":[^,}]+', b"", body)
            if self.answers.setdefault((tag, place), plain) != plain:
                self.failed.append(f"{place}: build {tag} answers otherwise than before")


def write_night(file: Path, night: int) -> None:
    """Write the papers of a night: the same ids as every night, other words, and the night as their venue."""
    records = (
        {
            "id": name,
            "title": " ".join(WORDS[(int(name) * step + night) % len(WORDS)] for step in (1, 2, 5, 7)),
            "venue": f"night {night}",
            "language": "en",
        }
        for name in IDS
    )
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def run_night(workspace: Workspace, night: int) -> None:
    """Import, rebuild, publish and prune, as the nightly job does."""
    file = workspace.settings.home / "papers.jsonl"
    with workspace.writing(wait=PATIENCE):
        write_night(file, night)
        workspace.import_files([file], replace=True)
        workspace.rebuild()
        workspace.store.prune(KEPT)


@contextmanager
def serving(home: Path) -> Iterator[int]:
    """Serve a home folder in a process of its own; yield the port."""
    command = [sys.executable, "-m", "recommender", "serve", "--port", "0"]
    environment = os.environ | {"RECOMMENDER_HOME": str(home), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            port = next(
                int(found[1])
                for line in server.stderr
                if (found := re.search(r"listening on .*:(\d+)/", line))
            )
            threading.Thread(target=server.stderr.read, daemon=True).start()  # or it would wait for a reader
            _wait_until_ready(port)
            yield port
        finally:
            server.terminate()


def _wait_until_ready(port: int) -> None:
    """Wait until a build is open: before that the server says, rightly, that there is none."""
    began = time.monotonic()
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/readyz")
        if connection.getresponse().status == 200:
            connection.close()
            return
        connection.close()
        assert time.monotonic() - began < PATIENCE, "the server is never ready"
        time.sleep(0.05)


async def ask(port: int, found: Found, stop: threading.Event, chance: random.Random) -> None:
    """Ask on one connection, again and again, until it is time to stop."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while not stop.is_set():
            place = chance.choice(PLACES)
            writer.write(f"GET {place} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            found.take(place, *await asyncio.wait_for(answer(reader), PATIENCE))
    except (OSError, asyncio.IncompleteReadError, TimeoutError) as problem:
        found.failed.append(f"a connection was lost: {type(problem).__name__} {problem}")
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def answer(reader: asyncio.StreamReader) -> tuple[int, str, bytes]:
    """Return the status, the build by its tag, and the body of an answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = re.search(r"content-length: (\d+)", head)
    tag = re.search(r'etag: "(\w+)', head)
    body = await reader.readexactly(int(length[1]) if length else 0)
    return int(head.split()[1]), tag[1] if tag else "", body


def under_publications(
    folder: Path, *, n_least: int, seconds: float = 0, seed: int = SEED
) -> tuple[int, Found]:
    """Keep 64 connections busy while nights are published and rolled back.

    Returns:
        How many publications and rollbacks there were, and what the askers saw.
    """
    workspace, chance = Workspace(Settings(home=folder)), random.Random(seed)
    folder.mkdir(exist_ok=True)
    run_night(workspace, 0)
    run_night(workspace, 1)
    found, stop, done = Found(), threading.Event(), 0

    async def everybody(port: int) -> None:
        await asyncio.gather(
            *(ask(port, found, stop, random.Random(seed + number)) for number in range(CONNECTIONS))
        )

    with serving(folder) as port:
        asking = threading.Thread(target=lambda: asyncio.run(everybody(port)))
        asking.start()
        began = time.monotonic()
        try:
            while (done < n_least or time.monotonic() - began < seconds) and not found.failed:
                if chance.random() < 0.25 and workspace.store.predecessor():
                    with workspace.writing(wait=PATIENCE):
                        workspace.store.rollback()
                else:
                    run_night(workspace, 2 + done)
                done += 1
                _wait_for(found, workspace.store.current_id() or "")
        finally:
            stop.set()
            asking.join()
    return done, found


def _wait_for(found: Found, build_id: str) -> None:
    """Wait until the server has answered from a build."""
    began = time.monotonic()
    while build_id.lower() not in found.builds and not found.failed:
        assert time.monotonic() - began < PATIENCE, f"build {build_id} never answers"
        time.sleep(0.05)


def main() -> None:
    """Run the campaign of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        wanted = {"n_least": 20, "seconds": 60} if options.long else {"n_least": 4}
        done, found = under_publications(Path(folder) / "home", seed=options.seed, **wanted)
    print(  # noqa: T201
        f"{done} publications and rollbacks, {found.n} requests on {CONNECTIONS} connections, answered by"
        f" {len(found.builds)} builds, {len(found.failed)} failed {found.failed[:3]}"
    )
    sys.exit(bool(found.failed))


if __name__ == "__main__":
    main()
