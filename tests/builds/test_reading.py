"""What a rebuild reads of the papers by which labels are learnt."""

from dataclasses import replace

import pytest

from recommender.builds.reading import SIZED, known_of, sizes_of
from recommender.embedding import HeldTexts
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


@pytest.mark.parametrize("n", [1, 2, SIZED, 2 * SIZED - 1])
def test_the_size_of_texts_is_told_by_some_that_stand_for_all(n):
    texts = HeldTexts(" ".join(f"w{word}" for word in range(1 + number % 7)) for number in range(n))
    sizes = sizes_of(texts)
    assert len(sizes) == min(n, SIZED)
    assert (sizes[0], sizes[-1]) == (1, 1 + (n - 1) % 7)
    if n > SIZED:
        assert sizes.tolist() == [1 + number % 7 for number in range(0, n, 2)]


def test_without_known_papers_there_are_no_labels(parts, letters):
    assert known_of(parts) == Known()
    assert letters.read == []
