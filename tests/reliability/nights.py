"""A home folder that sees one night after the other, small enough for thousands of them.

Every night has papers of its own, whose venue names the night: an answer that mixes two nights, or belongs to
none, is told from a right one by comparing it with what that night alone answers.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from recommender.builds import BuildStore
from recommender.builds.lock import writing
from recommender.builds.rebuild import Corpus, Parts, rebuild
from recommender.errors import NotAnswerableError, PaperNotFoundError
from recommender.index import engine_named
from recommender.library import Library, Source
from recommender.paper import Paper
from recommender.presentation import quick
from recommender.recommendation import Recommender
from tests.conftest import LetterEmbedder

N_NIGHTS = 6
WORDS = ("bees", "and", "quick", "foxes", "jump", "over", "lazy", "dogs", "vex", "big", "zebras", "wild")
IDS = tuple(str(number) for number in range(1, 13))
QUESTIONS = ("quick zebras", "lazy bees vex")
FIRST = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)
KEPT = 2
SPARED = frozenset({".checked"})  # what may be hidden among the builds


class Line(NamedTuple):
    paper: Paper
    place: str


@cache
def papers_of(night: int) -> tuple[Paper, ...]:
    """Return the papers of a night: one is missing, one has no text, and all say other words."""
    kept = [paper_id for paper_id in IDS if int(paper_id) % N_NIGHTS != night]
    return tuple(
        Paper(
            id=paper_id,
            title=" ".join(WORDS[(int(paper_id) * step + night) % len(WORDS)] for step in (1, 2, 5, 7)),
            venue=f"night {night}",
            language="en",
        )
        for paper_id in kept
    )


def night_of(papers: "list[Paper]") -> int:
    """Return the night that exactly these papers, in any order, are of.

    Raises:
        AssertionError: There is none: papers are lost, doubled, changed or mixed.
    """
    by_id = {paper.id: paper for paper in papers}
    assert len(by_id) == len(papers), "a paper is there twice"
    found = [night for night in range(N_NIGHTS) if by_id == {p.id: p for p in papers_of(night)}]
    assert found, f"these papers are of no night: {[(p.id, p.venue) for p in papers]}"
    return found[0]


@dataclass(frozen=True)
class Home:
    """The home folder: what the nightly job does to it, and what readers ask it."""

    folder: Path
    engine: str = "faiss"

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
        self.import_papers(papers_of(night))

    def import_papers(self, papers):
        """Make the library hold exactly these papers."""
        lines = [Line(paper, f"line {place}") for place, paper in enumerate(papers, start=1)]
        source = Source(name="papers.jsonl", format="jsonl", read=lambda on_reject: iter(lines))
        with Library.open(self.library, create=True) as library:
            library.import_papers([source], now=FIRST, replace=True)

    def rebuild(self, force=False):
        """Make a build of the library and return its id."""
        with Library.open_read_only(self.library) as library:
            corpus = Corpus(
                papers=list(library.papers()),
                rejected={},
                n_rejected=0,
                digest=library.corpus_digest(),
                origin="library",
            )
        parts = Parts(
            store=self.store,
            embeddings=self.folder / "embeddings",
            embedder=LetterEmbedder(),
            model="letters",
            engine=engine_named(self.engine),
        )
        done = rebuild(corpus, parts, now=FIRST, on_stage=lambda *_: None, force=force)
        return done.manifest.build_id

    def run(self, night, wait=0.0):
        """Do all that a night does: import, rebuild, publish, prune."""
        with self.writing(wait):
            self.import_night(night)
            self.store.publish(self.rebuild())
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
        build = self.store.current()
        build.verify()
        night = night_of([*build.papers.all()])
        build.close()
        assert self.answers() == right_answers(night, self.engine)
        return night

    def stored_night(self):
        """Return the night of the library."""
        with Library.open_read_only(self.library) as library:
            return night_of([*library.papers()])

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


def right_answers(night, engine="faiss"):
    """Return the answers of a home folder that never saw another night."""
    return _right(night, engine)[0]


def right_look_up(night, paper_id):
    """Return the look-up in a home folder that never saw another night."""
    return _right(night, "faiss")[1][paper_id]


@cache
def _right(night, engine):
    with TemporaryDirectory() as folder:
        home = Home(Path(folder), engine)
        home.run(night)
        return home.answers(), {paper_id: home.look_up(paper_id) for paper_id in IDS}
