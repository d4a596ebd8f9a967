import numpy as np
import pytest

from recommender.mapping.layout import attraction, beginning, layout, within_square


def quiet(stage, done, total):
    pass


@pytest.fixture(scope="module")
def two_crowds():
    """Forty papers of two crowds, each near some of its own; half of each crowd is of another language."""
    rng = np.random.default_rng(0)
    crowd, language = np.repeat([0, 1], 20), np.tile([0, 1], 20)
    vectors = rng.normal(size=(40, 8)) * 0.2
    vectors[:, 0] += np.where(crowd, 1, -1)
    vectors[:, 1] += np.where(language, 3, -3)
    others = [np.flatnonzero((crowd == crowd[row]) & (np.arange(40) != row)) for row in range(40)]
    near = np.array([rng.permutation(some)[:9] for some in others])
    return near, vectors.astype(np.float32), language, crowd


def test_papers_lie_near_their_neighbours_whatever_their_language_and_always_at_the_same_place(two_crowds):
    near, vectors, language, crowd = two_crowds
    told = []
    places = layout(near, vectors, language, seed=3, on_stage=lambda *args: told.append(args))
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (crowd[distances.argmin(axis=1)] == crowd).all()
    own, other = distances[crowd[:, None] == crowd], distances[crowd[:, None] != crowd]
    assert np.median(own[np.isfinite(own)]) < np.median(other) / 2
    assert np.abs(places).max() == 1.0
    assert (places == layout(near, vectors, language, seed=3, on_stage=quiet)).all()
    assert told[-1] == ("drawing the map", 450, 450)


def test_pairs_attract_each_other_alike_and_a_missing_neighbour_nobody():
    found = attraction(np.array([[1, 2], [0, -1], [-1, -1]])).toarray()
    assert (found == found.T).all()
    assert found.sum() == pytest.approx(1)
    assert found[0, 1] == 2 * found[0, 2] == pytest.approx(1 / 3)


def test_the_beginning_knows_no_language():
    vectors = np.array([[5, 1], [5, -1], [-5, 1], [-5, -1]], dtype=np.float32)
    places = beginning(vectors, np.array([0, 0, 1, 1]))
    assert np.allclose(places[0], places[2])
    assert not np.allclose(places[0], places[1])


@pytest.mark.parametrize("n", [0, 1, 3])
def test_a_few_papers_have_a_place_each(n):
    places = layout(
        np.full((n, 2), -1), np.zeros((n, 2), np.float32), np.zeros(n, int), seed=0, on_stage=quiet
    )
    assert len({*map(tuple, places.tolist())}) == n


def test_the_square_keeps_the_proportions():
    assert within_square(np.array([[0.0, 0.0], [4.0, 2.0]])).tolist() == [[-1.0, -0.5], [1.0, 0.5]]
