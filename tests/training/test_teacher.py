"""A teacher on a device says what the model itself says of texts that it reads at once."""

import numpy as np
import pytest
import torch

from recommender.embedding import open_embedder
from recommender.settings import PACKAGE
from recommender.training.teacher import FirstWindow, on_device, reading

MODELS = PACKAGE.parent / "models"
CPU = torch.device("cpu")
TEXTS = ["产教融合背景下的专业群建设", "Honeybees and pesticides", "", "Ein kurzer Satz über Wälder."]


@pytest.fixture(scope="module")
def quality():
    return FirstWindow(MODELS / "quality", CPU)


def test_short_texts_have_the_vectors_of_the_model(quality):
    own = open_embedder("quality").encode(TEXTS)
    assert quality.dim == own.shape[1]
    assert (quality.encode(TEXTS) * own).sum(axis=1) == pytest.approx(1, abs=3e-3)  # in half precision


def test_of_a_long_text_only_the_beginning_is_read(quality):
    begin = " ".join(f"word{number % 7}" for number in range(400))
    one, other, different = quality.encode([f"{begin} bees", f"{begin} steel", "steel"])
    np.testing.assert_allclose(one, other, atol=1e-6)
    assert one @ different < 0.9
    assert quality.windows([begin]) == [1]


def test_joined_models_are_read_on_a_device_part_by_part():
    joined = on_device(MODELS / "both", CPU)
    own = open_embedder("both")
    assert (joined.dim, joined.fingerprint) == (own.dim, own.fingerprint)
    texts = [text for text in TEXTS if text]
    assert (joined.encode(texts) * own.encode(texts)).sum(axis=1) == pytest.approx(1, abs=3e-3)


def test_on_the_cpu_what_was_once_read_is_kept(tmp_path):
    with reading(MODELS / "fast", tmp_path) as teacher:
        first = teacher.encode(TEXTS[:2])
    assert [*tmp_path.glob("teacher/*/vectors.db")]
    with reading(MODELS / "fast", tmp_path) as teacher:
        np.testing.assert_array_equal(teacher.encode(TEXTS[:2]), first)
