from collections import Counter

from recommender.training.grafting.drawing import commonest, english_counts, sample
from recommender.training.pairs import Pairs


def test_the_rarest_word_of_a_text_decides():
    counts = Counter({"the": 90, "house": 20, "cat": 30, "hemin": 1})
    texts = ["the hemin", "House", "the cat", "the", "青", "house cat"]
    assert commonest(texts, counts, 2, seed=1) == [2, 3]
    assert {*commonest(texts, counts, 4, seed=1)} == {1, 2, 3, 5}
    assert commonest(texts, counts, 9, seed=1) == [*range(6)]


def test_what_is_equally_common_is_drawn_by_chance_and_the_same_way_again():
    texts = [f"word {number}" for number in range(100)]
    first, again, other = (commonest(texts, {"word": 3}, 10, seed) for seed in (1, 1, 2))
    assert first == again != other
    assert first == sorted({*first})


def test_words_are_counted_in_running_english_alone():
    streams = {
        "word/de": Pairs(["house"], ["Haus"]),
        "sentence/de": Pairs(["The House is old."], ["Das Haus ist alt."]),
        "zh-en/title": Pairs(["旧房子"], ["Old houses, 2 x 3"]),
        "zh/halves": Pairs(["house"], ["house"]),
    }
    assert english_counts(streams) == Counter({"old": 2, "the": 1, "house": 1, "is": 1, "houses": 1})


def test_a_sample_is_all_or_a_part():
    assert sample([1, 2], 3, seed=1) == [1, 2]
    part = sample(range(100), 10, seed=1)
    assert len({*part}) == 10
    assert part != sample(range(100), 10, seed=2)
