"""The bundled sample: what a new machine answers from, and the pairs that it is judged by."""

from pathlib import Path

from recommender.builds import Build
from recommender.builds.corpus import Corpus, HeldPapers
from recommender.builds.manifest import FROM_SAMPLE
from recommender.evaluation import judgements
from recommender.evaluation.judgements import Qrels
from recommender.files import FileStamp
from recommender.paper import Paper
from recommender.ranking import KnownPairs
from recommender.readers import read_papers
from recommender.settings import bundled


def sample_file() -> Path:
    """Return the file of the sample's papers."""
    return bundled("data", "sample.jsonl")


def sample_pairs() -> Path:
    """Return the file of the sample's known-similar pairs."""
    return bundled("data", "known_similar_pairs.tsv")


def sample_papers() -> list[Paper]:
    """Return the papers of the sample, in the order of their file."""
    return [entry.paper for entry in read_papers(sample_file())]


def sample_corpus() -> Corpus:
    """Return the sample as a rebuild takes it."""
    papers = HeldPapers(sample_papers())
    digest = FileStamp.of(sample_file()).sha256
    return Corpus(papers=papers, rejected={}, n_rejected=0, digest=digest, origin=FROM_SAMPLE)


def known_pairs() -> KnownPairs:
    """Return the sample's pairs as the labels are learnt from them."""
    papers = sample_papers()
    places = {paper.id: place for place, paper in enumerate(papers)}
    qrels = judgements.read(sample_pairs())
    graded = [
        (places[one], places[other], grade)
        for one, grades in qrels.items()
        for other, grade in grades.items()
        if one < other
    ]
    return KnownPairs(papers, graded)


def judgements_for(build: Build, pairs: Path | None) -> Qrels:
    """Return the judgements of a file; without one the sample's, if they speak of this build, else none.

    Raises:
        SourceError: The file cannot be read.
    """
    if pairs is None and not holds_sample(build):
        return {}
    return judgements.read(pairs or sample_pairs())


def holds_sample(build: Build) -> bool:
    """Tell whether a build holds every paper of the sample, so that its pairs speak of that build.

    An id alone says nothing: a user's papers may be called 1, 2, 3 as well.
    """
    if build.manifest.is_sample:
        return True
    papers = sample_papers()
    rows = [build.papers.row_of(paper.id) for paper in papers]
    return all(
        row is not None and build.papers.paper(row).digest == paper.digest
        for row, paper in zip(rows, papers, strict=True)
    )
