import numpy as np
import pytest

from recommender.ranking import spread

SCORES = [0.9, 0.8, 0.5, 0.1]
LIKENESS = np.array([[1, 0.9, 0.1, 0], [0.9, 1, 0.2, 0], [0.1, 0.2, 1, 0], [0, 0, 0, 1.0]])


@pytest.mark.parametrize(
    ("diversity", "k", "order"),
    [
        (0.0, 4, [0, 1, 2, 3]),
        (0.5, 3, [0, 2, 3]),  # 0.25 - 0.05 beats 0.4 - 0.45; then 0.05 - 0 beats 0.4 - 0.45
        (0.5, 9, [0, 2, 3, 1]),
        (0.1, 2, [0, 1]),
        (0.5, 0, []),
    ],
)
def test_the_next_one_is_near_the_question_and_unlike_those_taken(diversity, k, order):
    assert spread(SCORES, LIKENESS.__getitem__, k, diversity) == order


def test_of_equals_the_first_is_taken_and_nothing_of_nothing():
    assert spread([0.5, 0.5, 0.5], np.eye(3).__getitem__, 3, 0.5) == [0, 1, 2]
    assert spread([], LIKENESS.__getitem__, 3, 0.5) == []
