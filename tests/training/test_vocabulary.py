import pytest

from recommender.training.normalisation import normaliser, simplified_forms
from recommender.training.recipe import VocabularySizes
from recommender.training.vocabulary import build_scores, tokenizer_of, within

SIZES = VocabularySizes(han_words=20, han_pairs=3, english_words=20, words={"other": 20}, subwords=60)


@pytest.fixture(scope="module")
def normalise():
    return normaliser(simplified_forms([("電腦", "电脑"), ("學習", "学习"), ("機器", "机器")]))


@pytest.fixture(scope="module")
def tokenizer(normalise):
    texts = {
        "zh": ["机器学习是电脑的方法", "机器学习很好", "机器学习"] * 3,
        "en": ["the learning machine learns", "a machine of learning"] * 3,
        "th": ["การเรียนรู้ของเครื่อง"],
    }
    dictionary = {"zh": ["机器", "学习", "电脑"], "th": ["เครื่อง"]}
    scores = build_scores(texts, dictionary, normalise.normalize_str, SIZES)
    return tokenizer_of(scores, normalise)


def tokens(tokenizer, text):
    return tokenizer.encode(text, add_special_tokens=False).tokens


@pytest.mark.parametrize(
    ("given", "expected"),
    [("電腦學習", "电脑学习"), ("ＰＣ　Ｘ", "pc x"), ("Ünïté ﬁn", "ünïté fin"), ("e\u0301", "é")],
)
def test_width_case_form_and_traditional_characters_are_folded(normalise, given, expected):
    assert normalise.normalize_str(given) == expected


def test_a_character_that_most_words_keep_is_not_folded():
    assert simplified_forms([("名著", "名著"), ("著作", "著作"), ("看著", "看着")]) == {}


def test_traditional_and_simplified_give_the_same_tokens(tokenizer):
    assert tokens(tokenizer, "機器學習") == tokens(tokenizer, "机器学习")


def test_frequent_neighbouring_words_are_one_token(tokenizer):
    assert tokens(tokenizer, "机器学习") == ["机器学习"]


def test_known_words_stay_whole_and_punctuation_is_no_token(tokenizer):
    assert tokens(tokenizer, "The machine, 电脑!") == ["the", "machine", "电脑"]


def test_an_unknown_script_falls_back_to_bytes_never_to_one_unknown(tokenizer):
    one, other = tokens(tokenizer, "ა"), tokens(tokenizer, "ბ")
    assert one != other
    assert one == ["<0xE1>", "<0x83>", "<0x90>"]


def test_beyond_the_total_the_rarest_tokens_go_and_single_characters_stay():
    scores = {"often": -1.0, "rare": -9.0, "now": -3.0, "a": -20.0, "seldom": -9.0}
    assert within(scores, 3) == {"often": -1.0, "now": -3.0, "a": -20.0}
    assert within(scores, 4).keys() == scores.keys() - {"rare"}
    assert within(scores, 9) == scores
