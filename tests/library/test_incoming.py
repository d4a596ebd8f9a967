"""Records are read and made ready some batches ahead, and arrive as they stand in their source."""

from collections import deque
from pathlib import Path

import pytest

from recommender.errors import RecordError, SourceError
from recommender.library import Library, Source
from recommender.library.incoming import AT_ONCE, incoming
from recommender.workers import HERE, Processes

from .conftest import NIGHT, Line, digest_of, paper, source

MANY = 3 * AT_ONCE + 20


class Ahead:
    """Has read three batches more than were asked for."""

    def map(self, work, batches):
        ahead = deque()
        for batch in batches:
            ahead.append(work(batch))
            if len(ahead) > 3:
                yield ahead.popleft()
        yield from ahead


ALL_WORKERS = pytest.mark.parametrize(
    "workers", [HERE, Ahead(), Processes(short=0)], ids=["here", "ahead", "apart"]
)


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")


def mixed(n=MANY):
    """A source in which every seventh record is none."""
    records = [
        f"no JSON {number}" if number % 7 == 6 else paper(f"p{number}", "产教融合") for number in range(n)
    ]
    return source("mixed.txt", *records)


def breaking_off(n):
    """A source that cannot be read beyond `n` records."""

    def read(on_reject):
        for number in range(n):
            yield Line(paper(f"p{number}", "Title"), f"line {number + 1}")
        raise SourceError("the disk is gone")

    return Source(name="broken.txt", format="lines", read=read)


def places(found):
    return [one.place for one in found]


@ALL_WORKERS
@pytest.mark.parametrize("n", [0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, MANY])
def test_papers_and_rejects_keep_their_order(workers, n):
    found = [*incoming(mixed(n), workers)]
    assert places(found) == [f"line {number + 1}" for number in range(n)]
    assert [isinstance(one, RecordError) for one in found] == [number % 7 == 6 for number in range(n)]


@ALL_WORKERS
def test_a_library_holds_the_same_whoever_made_its_records_ready(tmp_path, workers):
    held = []
    for name, who in (("one.db", HERE), ("other.db", workers)):
        with Library.open(tmp_path / name, create=True) as library:
            report = library.import_papers([mixed()], now=NIGHT, on_error="report", workers=who)
            digest = digest_of(tmp_path / name)
            held.append((report, library.rejected(), digest, [*library.papers()]))
    assert held[0] == held[1]
    assert held[0][0].sources[0].n_rejected == MANY // 7


@ALL_WORKERS
def test_what_ends_the_reading_comes_after_all_that_was_read(workers):
    found = incoming(breaking_off(AT_ONCE + 5), workers)
    assert len([next(found) for _ in range(AT_ONCE + 5)]) == AT_ONCE + 5
    with pytest.raises(SourceError, match="the disk is gone"):
        next(found)


@ALL_WORKERS
def test_the_first_of_two_mistakes_is_the_one_that_is_told(library, workers):
    records = [paper("a", "Ants"), paper("a", "Apes"), "no JSON"]
    with pytest.raises(RecordError, match="already used") as told:
        library.import_papers([source("x.txt", *records)], now=NIGHT, workers=workers)
    assert told.value.place == "line 2"
    assert told.value.path == Path("x.txt")


def test_no_more_than_a_batch_is_read_before_its_papers_are_kept(library):
    ahead = []

    def read(on_reject):
        for number in range(MANY):
            if number % AT_ONCE == 0:
                ahead.append(number - sum(len(some.ids) for some in library.listed()))
            yield Line(paper(str(number), "Title"), f"line {number + 1}")

    library.import_papers([Source(name="x.txt", format="lines", read=read)], now=NIGHT)
    assert ahead == [0] * len(ahead)


class Closing:
    """Tells whether it was left."""

    is_left = False

    def map(self, work, batches):
        try:
            yield from map(work, batches)
        finally:
            self.is_left = True


def test_an_import_that_ends_early_sends_the_workers_home(library):
    workers = Closing()
    records = [paper("a", "Ants"), "no JSON", *(paper(str(number), "Title") for number in range(MANY))]
    with pytest.raises(RecordError):
        library.import_papers([source("x.txt", *records)], now=NIGHT, workers=workers)
    assert workers.is_left
