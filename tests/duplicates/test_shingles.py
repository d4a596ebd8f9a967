import pytest

from recommender.duplicates import containment, numbers, shingles


def test_shingles_are_of_letters_alone_three_of_syllables_or_words_and_eight_of_alphabets():
    assert shingles("产教融合。") == {"产教融", "教融合"}
    assert shingles("Deep Learning") == {"deeplear", "eeplearn", "eplearni", "plearnin", "learning"}
    assert shingles("ab") == {"ab"}


@pytest.mark.parametrize("text", ["กขคฆงจฉชซ", "ກຂຄງຈສຊຍດ", "ကခဂဃငစဆဇဈ", "កខគឃងចឆជឈ"])
def test_alphabets_without_spaces_have_shingles_as_long_as_those_with_them(text):
    assert shingles(text) == {text[:8], text[1:]}


@pytest.mark.parametrize(
    ("one", "other"),
    [("產教融合", "产教融合"), ("ＢＥＲＴ models", "bert Models"), ("a b-c d.e f,g h", "abcdefgh")],
)
def test_writing_makes_no_difference(one, other):
    assert shingles(one) == shingles(other)


def test_containment_is_of_the_shorter_text():
    assert containment(shingles("abcdefghijkl"), shingles("abcdefghij")) == 1.0
    assert containment(frozenset("abcd"), frozenset("cdefgh")) == 0.5
    assert containment(frozenset("ab"), frozenset("cd")) == 0.0
    assert containment(frozenset(), frozenset("cd")) == 0.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("访谈67人，142份文本", {"67", "142"}),
        ("１２，345 and 1,234,567", {"12345", "1234567"}),
        ("0,5 % und 3.25", {"0.5", "3.25"}),
        ("2019—2021", {"2019", "2021"}),
        ("none", set()),
    ],
)
def test_numbers_are_those_in_digits_however_they_are_grouped(text, expected):
    assert numbers(text) == expected
