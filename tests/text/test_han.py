import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.text.han import SIMPLIFIED, TABLE, TRADITIONAL, simplified
from recommender.text.tokens import tokens

TWICE = [
    ("鄉村學校的圖書館員怎樣幫助讀者", "乡村学校的图书馆员怎样帮助读者"),
    ("本研究調查臺灣職業學校與企業間的協調機制", "本研究调查台湾职业学校与企业间的协调机制"),
    ("數據驅動的測驗題庫，優於經驗。", "数据驱动的测验题库，优于经验。"),
    ("頭髮、發展、乾燥和後天", "头发、发展、干燥和后天"),
]


@pytest.mark.parametrize(("traditional", "expected"), TWICE)
def test_traditional_sentences_become_simplified(traditional, expected):
    assert simplified(traditional) == expected


@pytest.mark.parametrize(("traditional", "expected"), TWICE)
def test_both_writings_have_the_same_tokens(traditional, expected):
    assert tokens(traditional) == tokens(expected)
    assert tokens(f"{traditional} (BERT)") == tokens(f"{expected} (bert)")


@pytest.mark.parametrize("text", [expected for _, expected in TWICE])
def test_simplified_sentences_stay(text):
    assert simplified(text) == text


@pytest.mark.parametrize(
    "text", ["", "Größe 3.5 %", "データの分け方", "한국 학교", "ไทย", "हिन्दी", "Ｗｉｄｅ，\n"]
)
def test_what_is_not_chinese_stays(text):
    assert simplified(text) == text


def test_a_character_is_read_in_its_most_usual_form_in_every_word():
    assert simplified("看著著名論著") == "看着着名论着"
    assert tokens("顯著") == tokens("显著")


@given(st.text(st.sampled_from(TRADITIONAL + SIMPLIFIED) | st.characters()))
def test_one_character_in_gives_one_out_and_twice_is_as_once(text):
    once = simplified(text)
    assert len(once) == len(text)
    assert simplified(once) == once


def test_no_simplified_character_is_folded_again():
    assert not [(chr(before), after) for before, after in TABLE.items() if ord(after) in TABLE]


def test_no_character_is_listed_twice():
    listed = TRADITIONAL.replace("\n", "")
    assert len(set(listed)) == len(listed)
    assert len(TABLE) == len(listed)
