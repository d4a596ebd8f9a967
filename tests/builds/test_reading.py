"""What a rebuild reads of the papers by which labels are learnt."""

from dataclasses import replace

import pytest

from recommender.builds.reading import known_of
from recommender.ranking import Known, KnownPairs
from tests.ranking.test_labels import known


@pytest.fixture
def engine():
    return None  # nothing is searched


def test_known_papers_are_read_whole_and_by_their_first_sentence(parts, letters):
    plain = known()
    papers = [
        replace(paper, title=f"{'abcdef'[n % 6] * (n + 1)} first.", abstract=f"Second {n}. Last.")
        for n, paper in enumerate(plain.papers)
    ]
    found = known_of(replace(parts, known=KnownPairs(papers, plain.graded)))
    assert found.titles is not None
    assert found.legs
    assert {*letters.read} == {*(paper.text for paper in papers), *(paper.title for paper in papers)}


def test_without_known_papers_there_are_no_labels(parts, letters):
    assert known_of(parts) == Known()
    assert letters.read == []
