"""What others see while, and after, somebody writes."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from recommender.errors import LibraryError, LockedError
from recommender.library import Library, Source
from tests.library.conftest import NIGHT, digest_of, paper, source

ROOT = Path(__file__).resolve().parents[2]


def during_import(library, action):
    """Import one paper into `library`, with `action` carried out when it is written but not committed."""

    def read(on_reject):
        yield from source("x.txt", paper("x", "Xerus"), paper("a", "Apes")).read(on_reject)
        action()

    library.import_papers([Source(name="x.txt", format="lines", read=read)], now=NIGHT, replace=True)


def test_a_reader_sees_the_old_state_until_the_import_is_done(three, path):
    seen = []

    def look():
        with Library.open_read_only(path) as reader:
            seen.append([(held.id, held.title) for held in reader.papers()])

    during_import(three, look)
    look()
    assert seen == [[("b", "Bees"), ("a", "Ants"), ("c", "Crabs")], [("a", "Apes"), ("x", "Xerus")]]


def test_papers_are_those_of_the_moment_at_which_the_iteration_began(three, path):
    with Library.open_read_only(path) as reader:
        papers = reader.papers()
        first = next(papers).id
        three.remove(["a", "c"])
        assert [first, *(held.id for held in papers)] == ["b", "a", "c"]


def test_a_second_writer_is_told_to_try_again(three, path):
    def interfere():
        with (
            Library.open(path, wait=0.01) as other,
            pytest.raises(LockedError, match="in use by another process"),
        ):
            other.remove(["a"])

    during_import(three, interfere)


def test_a_reader_leaves_the_folder_as_it_was(three, path):
    three.close()
    before = path.read_bytes()
    with Library.open_read_only(path) as reader:
        assert reader.get("a").paper.title == "Ants"
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["library.db"]


def test_a_reader_cannot_write(three, path):
    with (
        Library.open_read_only(path) as reader,
        pytest.raises(LibraryError, match="cannot be opened or written"),
    ):
        reader.remove(["a"])
    assert three.get("a").paper.title == "Ants"


def test_a_kill_in_the_middle_of_an_import_leaves_the_old_library(three, path):
    before = digest_of(path)
    three.close()
    script = textwrap.dedent(
        f"""
        import sys, time
        from datetime import UTC, datetime
        from pathlib import Path
        from typing import NamedTuple
        from recommender.library import Library, Source
        from recommender.paper import Paper

        class Line(NamedTuple):
            paper: Paper
            place: str

        def read(on_reject):
            for number in range(4_000):  # more than the cache holds: pages reach the log before the kill
                yield Line(Paper(id=str(number), title="word " * 300, language="en"), f"line {{number}}")
            print("written", flush=True)
            time.sleep(60)

        with Library.open(Path({str(path)!r})) as library:
            sources = [Source(name="big", format="lines", read=read)]
            library.import_papers(sources, now=datetime.now(UTC), replace=True)
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "written\n"
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert path.with_name("library.db-wal").stat().st_size > 1_000_000
    with Library.open(path) as library:
        assert digest_of(path) == before
        library.import_papers([source("x.txt", paper("x", "Xerus"))], now=NIGHT)
        assert [held.id for held in library.papers()] == ["b", "a", "c", "x"]
