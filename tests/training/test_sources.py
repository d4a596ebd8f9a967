import pytest

from recommender.training.sources import read_streams


def streams_of(data):
    return {name: list(pairs) for name, pairs in read_streams(data, ("freedict",), 7).items()}


@pytest.mark.parametrize(
    ("row", "name", "pair"),
    [
        ({"src": "chat", "tgt": "cat", "src_lang": "fr", "tgt_lang": "en"}, "term/fr", ("cat", "chat")),
        ({"src": "cat", "tgt": "貓", "src_lang": "en", "tgt_lang": "zh-tw"}, "term/zh", ("cat", "貓")),
        (
            {"src": "кіт", "tgt": "kočka", "src_lang": "uk", "tgt_lang": "cs"},
            "cs-uk/sentence",
            ("kočka", "кіт"),
        ),
        (
            {"src": "kočka", "tgt": "кіт", "src_lang": "cs", "tgt_lang": "uk"},
            "cs-uk/sentence",
            ("kočka", "кіт"),
        ),
        ({"en": "cat", "hi": "बिल्ली", "xx": "unheard of"}, "term/hi", ("cat", "बिल्ली")),
    ],
)
def test_english_stands_on_the_left_and_other_pairs_have_a_stream_of_their_own(
    write_data, data, row, name, pair
):
    before = streams_of(data)
    write_data("parallel/wmt", [row])
    after = streams_of(data)
    assert {k: v for k, v in after.items() if before.get(k) != v} == {name: [*before.get(name, []), pair]}


def test_the_chinese_dictionary_is_from_english_like_all_others(data):
    assert ("cat", "猫") in streams_of(data)["word/zh"]


def test_two_spellings_of_one_language_are_no_translation(write_data, data):
    before = streams_of(data)
    write_data("parallel/wmt", [{"src": "猫", "tgt": "貓", "src_lang": "zh", "tgt_lang": "zh-tw"}])
    assert streams_of(data) == before
