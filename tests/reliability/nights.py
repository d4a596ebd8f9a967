"""A home folder that sees one night after the other, small enough for thousands of them.

Every night has papers of its own, whose venue names the night: an answer that mixes two nights, or belongs to
none, is told from a right one by comparing it with what that night alone answers.
"""

import os
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple, get_args
from unittest.mock import patch

import faiss

from recommender.builds import BuildStore
from recommender.builds.lock import writing
from recommender.builds.rebuild import Corpus, rebuild
from recommender.errors import NotAnswerableError, PaperNotFoundError
from recommender.index import engine_named, list_training
from recommender.library import Library, LibraryPapers, Source
from recommender.paper import Paper
from recommender.presentation import quick
from recommender.recommendation import Recommender
from tests.conftest import LetterEmbedder, letter_parts

N_NIGHTS = 6
WORDS = ("bees", "and", "quick", "foxes", "jump", "over", "lazy", "dogs", "vex", "big", "zebras", "wild")
IDS = tuple(str(number) for number in range(1, 13))
MORE_IDS = tuple(str(number) for number in range(1, 37))  # so many that what changes in a night is a tenth
TITLES = tuple(map(" ".join, random.Random(0).sample([*combinations(WORDS, 4)], len(MORE_IDS) + N_NIGHTS)))
QUESTIONS = ("quick zebras", "lazy bees vex")
FIRST = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)
DAYS = (0, 3, -2, 365, -400, 1)  # what the clock says in each night, counted from the first
KEPT = 2
SPARED = frozenset({".checked"})  # what may be hidden among the builds
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder below it gets a name of its own
Changes = Literal["all", "few"]  # of the texts, from one night to the next
KINDS: tuple[Changes, ...] = get_args(Changes)


class Line(NamedTuple):
    paper: Paper
    place: str


@cache
def papers_of(night: int, changes: Changes = "all") -> tuple[Paper, ...]:
    """Return the papers of a night, of which some are missing that other nights have."""
    if changes == "few":
        kept = [paper_id for paper_id in MORE_IDS if int(paper_id) != night + 1]
        return tuple(_paper(paper_id, _usual_title(paper_id, night), night) for paper_id in kept)
    kept = [paper_id for paper_id in IDS if int(paper_id) % N_NIGHTS != night]
    return tuple(_paper(paper_id, _new_title(paper_id, night), night) for paper_id in kept)


def _paper(paper_id: str, title: str, night: int) -> Paper:
    return Paper(id=paper_id, title=title, venue=f"night {night}", language="en")


def _new_title(paper_id: str, night: int) -> str:
    return " ".join(WORDS[(int(paper_id) * step + night) % len(WORDS)] for step in (1, 2, 5, 7))


def _usual_title(paper_id: str, night: int) -> str:
    """Return the title that a paper has every night, but one of them."""
    is_changed = int(paper_id) == night + N_NIGHTS
    return TITLES[len(MORE_IDS) + night if is_changed else int(paper_id) - 1]


def time_of(night: int) -> datetime:
    """Return what the clock says: since nights come in any order, it goes back as often as forth."""
    return FIRST + timedelta(days=DAYS[night])


def night_of(papers: "list[Paper]", changes: Changes = "all") -> int:
    """Return the night that exactly these papers, in any order, are of.

    Raises:
        AssertionError: There is none: papers are lost, doubled, changed or mixed.
    """
    by_id = {paper.id: paper for paper in papers}
    assert len(by_id) == len(papers), "a paper is there twice"
    found = [night for night in range(N_NIGHTS) if by_id == {p.id: p for p in papers_of(night, changes)}]
    assert found, f"these papers are of no night: {[(p.id, p.venue) for p in papers]}"
    return found[0]


@dataclass(frozen=True)
class Home:
    """The home folder: what the nightly job does to it, and what readers ask it.

    Attributes:
        folder: Where it is.
        engine: What searches.
        changes: With `few` a build takes over most of the one before: vectors, words and neighbours.
    """

    folder: Path
    engine: str = "faiss"
    changes: Changes = "all"

    @property
    def store(self) -> BuildStore:
        return BuildStore(self.folder / "builds")

    @property
    def library(self) -> Path:
        return self.folder / "library.db"

    def writing(self, wait=0.0):
        return writing(self.folder / "writer.lock", wait=wait)

    def import_night(self, night):
        """Make the library hold exactly the papers of a night."""
        self.import_papers(papers_of(night, self.changes), time_of(night))

    def import_papers(self, papers, now=FIRST):
        """Make the library hold exactly these papers."""
        lines = [Line(paper, f"line {place}") for place, paper in enumerate(papers, start=1)]
        source = Source(name="papers.jsonl", format="jsonl", read=lambda on_reject: iter(lines))
        with Library.open(self.library, create=True) as library:
            library.import_papers([source], now=now, replace=True)

    def rebuild(self, now=FIRST, force=False):
        """Make a build of the library and return its id."""
        papers = LibraryPapers(self.library)
        corpus = Corpus(papers=papers, rejected={}, n_rejected=0, digest=papers.digest, origin="library")
        parts = letter_parts(self.folder, engine_named(self.engine))
        with in_lists() if self.changes == "few" else nullcontext():
            done = rebuild(corpus, parts, now=now, on_stage=lambda *_: None, force=force)
        return done.manifest.build_id

    def run(self, night, wait=0.0):
        """Do all that a night does: import, rebuild, publish, prune."""
        with self.writing(wait):
            self.import_night(night)
            self.store.publish(self.rebuild(time_of(night)))
            self.store.prune(KEPT)

    def roll_back(self, wait=0.0):
        """Publish the build before, if there is one."""
        with self.writing(wait):
            if self.store.predecessor():
                self.store.rollback()

    def published_night(self):
        """Return the night of the current build, whole as it is.

        Raises:
            AssertionError: It answers otherwise than that night.
            BuildError: It is damaged.
        """
        night = self.checked_night(self.store.current())
        assert self.answers() in right_answers(night, self.engine, self.changes)
        return night

    def checked_night(self, build):
        """Return the night of a build, whole as it is, and close it.

        Raises:
            AssertionError: It is of no night.
            BuildError: It is damaged.
        """
        try:
            build.verify()
            return night_of([*build.papers.all()], self.changes)
        finally:
            build.close()

    def stored_night(self):
        """Return the night of the library."""
        with Library.open_read_only(self.library) as library:
            return night_of([*library.papers()], self.changes)

    def answers(self):
        """Return all that the current build says, as (question: results) of one and the same build."""
        build = self.store.current()
        try:
            return everything(Recommender(build, LetterEmbedder))
        finally:
            build.close()

    def look_up(self, paper_id):
        """Return what a look-up in a process of its own finds, None where that leaves it to the commands."""
        answer = quick.look_up(str(self.folder), paper_id, 3)
        if answer is None:
            return None
        rows = ((r.rank, r.paper.id, r.paper.venue, r.score, r.similarity) for r in answer.results)
        return (answer.liked[0].venue, *rows)

    def left_over(self):
        """Return the names of whatever no finished run leaves behind, below the builds and beside them."""
        found = [path for path in self.folder.rglob(".*") if path.name not in SPARED]
        builds = {*self.store.builds()}
        notes = [path for path in (self.store.root / ".checked").glob("*") if path.stem not in builds]
        return sorted(str(path.relative_to(self.folder)) for path in [*found, *notes])


def everything(recommender):
    """Return the answers to all questions: results, or why there are none."""
    found = {}
    for paper_id in (*IDS, "99"):
        try:
            found[paper_id] = recommender.similar_to(paper_id, 5).results
        except (PaperNotFoundError, NotAnswerableError) as reason:
            found[paper_id] = type(reason).__name__
    for text in QUESTIONS:
        found[text] = recommender.similar_to_text(text, 5).results
    return found


def right_answers(night, engine="faiss", changes="all"):
    """Return the answers of home folders that saw this night alone, or after one that it goes on from."""
    return [answers for answers, _ in _right(night, engine, changes)]


def right_look_ups(night, paper_id, changes="all"):
    """Return the look-ups in home folders that saw this night alone, or after one that it goes on from."""
    return [look_ups[paper_id] for _, look_ups in _right(night, "faiss", changes)]


@cache
def _right(night, engine, changes):
    # where few texts change, what is usual may still be that of the night before
    others = [other for other in range(N_NIGHTS) if other != night] if changes == "few" else []
    found = []
    for nights in ((night,), *((other, night) for other in others)):
        with in_memory() as folder:
            home = Home(folder, engine, changes)
            for one in nights:
                home.run(one)
            found.append((home.answers(), {paper_id: home.look_up(paper_id) for paper_id in IDS}))
    return found


@contextmanager
def in_memory() -> Iterator[Path]:
    """Yield a folder that is gone afterwards, on no disk where the system has such folders.

    A process that is killed loses nothing that it has written: waiting for a disk would show nothing more.
    """
    with TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        yield Path(folder)


@contextmanager
def in_lists() -> Iterator[None]:
    """Let a rebuild make inverted lists, few as the papers are: only from these are neighbours taken over.

    All lists are probed, so that what is found depends on no night before.
    """
    faiss.omp_set_num_threads(1)  # a process that is forked has none of the threads of before
    n_lists = len(MORE_IDS)
    with (
        patch.multiple(list_training, EXACT_ROWS=n_lists // 2, FEWEST_PROBES=n_lists),
        ExitStack() as stack,
        Path(os.devnull).open("wb") as nowhere,
    ):
        usual = os.dup(2)
        stack.callback(os.close, usual)
        stack.callback(os.dup2, usual, 2)
        os.dup2(nowhere.fileno(), 2)  # FAISS says of every list how few papers there are
        yield
