import json

import numpy as np
import pytest

from recommender.embedding import open_embedder
from recommender.embedding.joint import JointEmbedder, open_joint
from recommender.embedding.static import is_static
from recommender.errors import ModelError
from recommender.settings import bundled
from recommender.vectors import normalised

TEXTS = ["产教融合共同体", "industry-education integration", "雨", "rain on a tree"]


class Chance:
    """A model of random vectors, the same for the same text."""

    fills_cores = False

    def __init__(self, fingerprint, dim, window=9):
        self.fingerprint = fingerprint
        self.dim = dim
        self.window = window

    def encode(self, texts):
        rows = [np.random.default_rng([self.dim, *text.encode()]).normal(size=self.dim) for text in texts]
        return normalised(np.array(rows, dtype=np.float32).reshape(-1, self.dim))

    def windows(self, texts):
        return [1 + len(text) // self.window for text in texts]


@pytest.fixture
def models():
    return Chance("a", 6), Chance("b", 10, window=20)


@pytest.fixture
def folder(tmp_path):
    def write(content):
        (tmp_path / "joint").mkdir()
        (tmp_path / "joint" / "joint.json").write_text(content, encoding="utf-8")
        return tmp_path / "joint"

    return write


def test_a_cosine_is_the_weighted_mean_of_the_cosines_of_the_models(models):
    joint = JointEmbedder([(models[0], 0.7), (models[1], 0.3)])
    vectors = joint.encode(TEXTS)
    assert vectors.shape == (4, joint.dim) == (4, 16)
    a, b = (model.encode(TEXTS) for model in models)
    np.testing.assert_allclose(vectors @ vectors.T, 0.7 * a @ a.T + 0.3 * b @ b.T, atol=1e-6)


def test_no_text_gives_no_vector(models):
    assert JointEmbedder([(models[0], 0.5), (models[1], 0.5)]).encode([]).shape == (0, 16)


def test_a_text_is_read_in_as_many_windows_as_the_model_that_needs_most(models):
    joint = JointEmbedder([(models[1], 0.5), (models[0], 0.5)])
    assert joint.windows(["short", "a text of twenty-five now"]) == [1, 3]


def test_it_fills_the_cores_if_one_of_the_models_does(models):
    joint = JointEmbedder([(models[0], 0.5), (models[1], 0.5)])
    assert joint.fills_cores is False
    models[1].fills_cores = True
    assert joint.fills_cores is True


def test_words_are_cut_as_the_first_model_does_that_can(models):
    joint = JointEmbedder([(models[0], 0.5), (models[1], 0.5)])
    assert joint.segments("产教融合") == ["产", "教", "融", "合"]
    models[1].segments = lambda run: [run[:2], run[2:]]
    assert joint.segments("产教融合") == ["产教", "融合"]


def test_models_shares_and_order_make_the_fingerprint(models):
    one, other = models
    given = [[(one, 0.5), (other, 0.5)], [(other, 0.5), (one, 0.5)], [(one, 0.6), (other, 0.4)]]
    again = JointEmbedder([(one, 0.5), (other, 0.5)]).fingerprint
    prints = [JointEmbedder(parts).fingerprint for parts in given]
    assert len({*prints}) == 3
    assert prints[0] == again


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "cannot be read"),
        ("[1]", "cannot be read"),
        ('{"fast": "half"}', "cannot be read"),
        ('{"fast": 1.0}', "two models or more"),
        ('{"fast": 1.5, "quality": -0.5}', "share above 0"),
        ('{"fast": NaN, "quality": 0.5}', "share above 0"),
        ('{"fast": 0.5, "quality": 0.6}', "must add up to 1, got 1.1"),
        ('{"fast": 0.5, "joint": 0.5}', "joint is itself joined"),
        ('{"fast": 0.5, "./nowhere": 0.5}', "there is no model folder ./nowhere"),
    ],
)
def test_a_listing_that_makes_no_model_is_refused(folder, content, said):
    with pytest.raises(ModelError, match=said):
        open_joint(folder(content), lambda path: Chance(path.name, 4))


def test_a_model_may_lie_beside_the_folder_that_joins_it(folder, tmp_path):
    (tmp_path / "ours").mkdir()
    opened = []
    open_joint(
        folder('{"fast": 0.25, "ours": 0.75}'), lambda path: opened.append(path) or Chance(path.name, 4)
    )
    assert opened == [bundled("models", "fast"), tmp_path / "ours"]


@pytest.mark.model
def test_the_bundled_one_joins_the_bundled_models():
    both, fast, quality = (open_embedder(name) for name in ("both", "fast", "quality"))
    listing = json.loads((bundled("models", "both") / "joint.json").read_text(encoding="utf-8"))
    vectors = both.encode(TEXTS)
    a, b = fast.encode(TEXTS), quality.encode(TEXTS)
    expected = listing["fast"] * a @ a.T + listing["quality"] * b @ b.T
    np.testing.assert_allclose(vectors @ vectors.T, expected, atol=1e-5)


def test_it_is_no_static_model():
    assert not is_static(bundled("models", "both"))
