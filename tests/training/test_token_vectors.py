import json

import numpy as np
import pytest

from recommender.errors import ModelError
from recommender.settings import bundled
from recommender.training.token_vectors import StaticModel
from recommender.training.tokenised import TokenisedTexts


def test_vectors_come_by_the_text_of_their_tokens(static_model):
    model = StaticModel.read(static_model(["cat", "dog"], np.arange(6.0).reshape(3, 2)))
    assert model.dim == 2
    assert {token: vector.tolist() for token, vector in model.by_token().items()} == {
        "[UNK]": [0, 1],
        "cat": [2, 3],
        "dog": [4, 5],
    }


def test_the_tokenizer_cuts_nothing_off(static_model):
    folder = static_model(["cat"])
    content = json.loads((folder / "tokenizer.json").read_text())
    content["truncation"] = {"direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0}
    (folder / "tokenizer.json").write_text(json.dumps(content))
    assert StaticModel.read(folder).tokenizer.encode("cat cat cat").ids == [1, 1, 1]


def test_the_bundled_model_has_a_vector_for_each_of_its_tokens():
    model = StaticModel.read(bundled("models", "fast"))
    assert len(model.vectors) == model.tokenizer.get_vocab_size()
    assert model.vectors.dtype == np.float32


def test_a_model_of_another_kind_is_refused(static_model):
    folder = static_model()
    (folder / "modules.json").write_text(
        json.dumps([{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}])
    )
    with pytest.raises(ModelError, match="is no static model"):
        StaticModel.read(folder)


def test_more_tokens_than_vectors_are_refused(static_model):
    folder = static_model(["cat", "dog"], np.ones((2, 4)))
    with pytest.raises(ModelError, match="the tokenizer has 3 tokens, the weights 2 rows"):
        StaticModel.read(folder)


def test_a_damaged_tokenizer_is_refused(static_model):
    folder = static_model()
    (folder / "tokenizer.json").write_text("{")
    with pytest.raises(ModelError, match=r"tokenizer\.json cannot be read"):
        StaticModel.read(folder)


def test_the_more_texts_hold_a_token_the_shorter_it_gets(static_model):
    model = StaticModel.read(static_model(["cat", "dog", "sun"]))
    texts = TokenisedTexts.of(["cat cat dog", "cat", "cat", "cat dog"], model.tokenizer, max_tokens=9)
    lengths = model.shortened(texts, frequent=3.0)[:, 0].tolist()
    assert lengths == pytest.approx([1, 1 / 4, 1 / 2.5, 1])  # unknown, in all, in half of them, in none
    assert model.shortened(texts, frequent=0.0).tolist() == model.vectors.tolist()
