from dataclasses import replace

import numpy as np
import pytest

from recommender.training.first_vectors import starting_vectors, taught_vectors
from recommender.training.pairs import Pairs
from recommender.training.tokenised import TokenisedPairs

WORDS = ["[UNK]", "cat", "dog", "sun", "the", "gato", "can", "sol", "luna", "perro"]


class Teacher:
    """Has an axis for each word it is asked about."""

    def __init__(self):
        self.asked = []

    def encode(self, texts):
        self.asked = list(texts)
        return np.eye(len(texts), 6, dtype=np.float32)


@pytest.fixture
def streams(tokenizer):
    of = {
        "en/title-abstract": Pairs(["cat dog", "sun cat"] * 3, ["dog sun the", "the cat"] * 3),
        "sentence/de": Pairs(["the dog can"] * 3, ["can can"] * 3),
        "word/es": Pairs(["cat", "dog", "sun", "a moon"], ["gato", "perro", "sol gato", "luna"]),
    }
    return {name: TokenisedPairs.of(pairs, tokenizer, 8) for name, pairs in of.items()}


def vectors_of(taught):
    return dict(zip(WORDS, taught.vectors, strict=True))


def test_tokens_begin_with_their_given_vectors_and_the_others_at_random(recipe, tokenizer):
    given = {"cat": np.arange(10.0), "unheard of": np.ones(10)}
    table = starting_vectors(tokenizer, replace(recipe, spread=0.5), given)
    assert table[WORDS.index("cat")].tolist() == [*range(8)]
    others = np.delete(table, WORDS.index("cat"), axis=0)
    assert others.std() == pytest.approx(0.5, rel=0.3)
    assert starting_vectors(tokenizer, replace(recipe, spread=0.0)).any() == False  # noqa: E712


def test_the_teacher_is_asked_about_words_that_are_english_first_of_all(tokenizer, streams):
    teacher = Teacher()
    taught_vectors(tokenizer, streams, teacher, 3)
    assert teacher.asked == ["cat", "dog", "sun", "the"]  # "can" is met more often in German


def test_words_of_other_languages_lie_where_their_dictionary_entries_are(tokenizer, streams):
    of = vectors_of(taught_vectors(tokenizer, streams, Teacher(), 3))
    assert of["perro"] @ of["dog"] == pytest.approx(1)
    assert of["sol"] @ of["sun"] == pytest.approx(1)
    assert of["gato"] @ of["cat"] > of["gato"] @ of["sun"] > of["gato"] @ of["dog"]


def test_words_that_nobody_knows_begin_at_random_and_known_ones_partly(tokenizer, streams, recipe):
    taught = taught_vectors(tokenizer, streams, Teacher(), 3)
    assert [word for word, known in zip(WORDS, taught.known, strict=True) if not known] == [
        "[UNK]", "can", "luna",
    ]  # fmt: skip
    small = replace(recipe, dims=(3,), spread=0.5, taught=1.0)
    tables = [starting_vectors(tokenizer, small, None, one) for one in (taught, None)]
    np.testing.assert_allclose(
        tables[0][taught.known], 0.5 * np.sqrt(3) * taught.vectors[taught.known], rtol=1e-5
    )
    np.testing.assert_array_equal(tables[0][~taught.known], tables[1][~taught.known])
    half = starting_vectors(tokenizer, replace(small, taught=0.5), None, taught)
    np.testing.assert_allclose(
        half[taught.known], np.sqrt(0.5) * (tables[0] + tables[1])[taught.known], rtol=1e-5
    )
