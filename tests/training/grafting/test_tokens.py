from collections import Counter

import numpy as np

from recommender.training.grafting.tokens import choose, translated_rows

ENGLISH = {"model": 0, "##el": 1}


def chosen(counts, quotas):
    return choose({language: Counter(pieces) for language, pieces in counts.items()}, ENGLISH, quotas)


def test_the_most_used_pieces_of_a_language_are_taken_up_to_its_quota():
    choice = chosen({"en": {"model": 9}, "ru": {"сеть": 9, "##ами": 8, "граф": 7}}, {"other": 2})
    assert {"сеть", "##ами"} <= set(choice.sources)
    assert "граф" not in choice.sources


def test_a_piece_that_english_has_or_uses_is_left_out():
    counts = {"en": {"model": 50, "total": 50}, "de": {"model": 40, "total": 40, "netz": 20}}
    assert set(chosen(counts, {"other": 9}).sources) == {"netz"}


def test_pieces_that_differ_by_an_accent_are_one_and_keep_the_usual_spelling():
    choice = chosen({"en": {"model": 1}, "fr": {"réseau": 9, "reseau": 3}}, {"other": 9})
    assert choice.sources == {"reseau": "réseau"}


def test_single_characters_come_along_with_no_quota():
    choice = chosen({"en": {"model": 1}, "zh": {"##知识": 5}}, {"zh": 0, "other": 0})
    assert set(choice.sources) == {"##知", "##识"}
    assert choice.in_order() == ["##知", "##识"]


def test_a_new_token_begins_between_the_english_words_nearest_to_it():
    english = np.eye(10, dtype=np.float32)
    rows = np.random.default_rng(0).normal(size=(10, 4)).astype(np.float32)
    first = translated_rows(english[:1], english, rows)
    cosine = first[0] @ rows[0] / np.linalg.norm(first[0]) / np.linalg.norm(rows[0])
    assert cosine > 0.999
    np.testing.assert_allclose(np.linalg.norm(first[0]), np.linalg.norm(rows, axis=1).mean(), rtol=1e-5)
