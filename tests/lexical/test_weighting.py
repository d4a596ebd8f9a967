"""The weight of a term: by hand, and by the rarity that scikit-learn gives it."""

import hashlib
from math import log

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from recommender.lexical import TermMatrix
from recommender.lexical.weighting import (
    FEW,
    counted,
    idf,
    is_few,
    name_of,
    part_of,
    pivots,
    saturated,
    usual_length,
)
from recommender.text.tokens import tokens

TEXTS = [
    "职业教育的产教融合：产教融合何以可能",
    "Vocational schools and their firms: schools with firms, schools without",
    "職業學校與企業的合作",
    "Firms that train apprentices",
    "",
]


def test_a_term_of_every_text_weighs_one():
    assert idf(np.array([1]), n=1).tolist() == [1.0]
    assert idf(np.array([7]), n=7).tolist() == [1.0]


def test_a_rare_term_weighs_the_power_of_its_rarity():
    # (1 + 7) / (1 + 1) = 4; (1 + ln 4)^1.5 = 2.386294^1.5 = 3.68627
    assert idf(np.array([1]), n=7) == pytest.approx([3.68627], abs=1e-5)
    assert idf(np.array([1, 3, 7]), n=7) == pytest.approx([(1 + log(4)) ** 1.5, (1 + log(2)) ** 1.5, 1.0])


def test_a_rarer_term_never_weighs_less():
    weights = idf(np.arange(1, 1001), n=1000)
    assert (np.diff(weights) < 0).all()


def test_each_further_occurrence_is_worth_less():
    # 1.5 · 1 / 1.5, 1.5 · 2 / 2.5, 1.5 · 4 / 4.5; never 1.5, and no more from 255 on
    assert saturated(np.array([1, 2, 4])) == pytest.approx([1.0, 1.2, 1.333333], abs=1e-6)
    assert 1.497 < saturated(np.array([255]))[0] == saturated(np.array([1_000]))[0] < 1.5


@pytest.mark.parametrize("token", ["融", "の", "ア", "㐂"])
def test_a_character_by_itself_counts_half(token):
    assert part_of(token) == 0.5


@pytest.mark.parametrize("token", ["融合", "d", "7", "한", "ไทย", "gpt", ""])
def test_words_letters_and_pairs_count_in_full(token):
    assert part_of(token) == 1.0


def test_cosines_are_those_of_the_rarity_that_scikit_learn_knows():
    vectorizer = TfidfVectorizer(analyzer=tokens, norm=None).fit(TEXTS)
    vocabulary = vectorizer.get_feature_names_out()
    counts = np.array([[counted(text)[term] for term in vocabulary] for text in TEXTS])
    parts = np.array([part_of(term) for term in vocabulary])
    theirs = counts / (counts + 0.5) * vectorizer.idf_**1.5 * parts
    theirs /= np.maximum(np.linalg.norm(theirs, axis=1, keepdims=True), 1e-9)
    left, right = (grid.ravel() for grid in np.indices((len(TEXTS), len(TEXTS))))
    ours = TermMatrix.of(TEXTS).similarities(left, right)
    assert ours == pytest.approx((theirs @ theirs.T).ravel(), abs=1e-3)


def test_a_pivot_leads_from_the_own_length_to_the_usual_one():
    # usual: the mean of 1, 2 and 3, a row without terms left out; 1 / (1.5 + 0.25), 2 / 2, 3 / (1.5 + 0.75)
    lengths = np.array([1.0, 2.0, 0.0, 3.0])
    assert usual_length(lengths) == 2.0
    assert pivots(lengths, 2.0) == pytest.approx([0.571429, 1.0, 0.0, 1.333333], abs=1e-6)
    assert pivots(np.zeros(2), usual_length(np.zeros(2))).tolist() == [0.0, 0.0]
    assert pivots(np.zeros(0), usual_length(np.zeros(0))).tolist() == []


def test_the_title_of_a_paper_is_few_words_and_its_abstract_is_not():
    title = "从名义联合到实质协同：市域产教联合体多元主体共治的梗阻与纾解"
    assert is_few(counted(title))
    assert not is_few(counted(f"{title}，{'教育研究方法学校企业' * 2}{title[::-1]}"))


@pytest.mark.parametrize(
    "letters", ["가나다라마바사아자차카타파하", "กขฃคฅฆงจฉชซฌญฎ", "一丁七万丈三上下不与丐丑专且"]
)
def test_what_is_few_is_alike_in_scripts_with_spaces_and_without(letters):
    # 24 words, or 72 pieces of words
    words = [f"w{number}" for number in range(FEW)]
    pieces = [a + b for a in letters for b in letters]
    assert is_few(words)
    assert is_few(pieces[: 3 * FEW])
    assert not is_few([*words, "w"])
    assert not is_few(pieces[: 3 * FEW + 1])


def test_a_short_english_abstract_is_no_title():
    abstract = (
        "We present a corpus of spoken dialogues in which students explain physics problems to each other. "
        "Each turn is annotated for its function by two judges, whose agreement is substantial."
    )
    assert not is_few(counted(abstract))
    assert len(counted(abstract)) < 60


def test_tokens_are_counted_after_folding():
    assert counted("教學 教学 AI ai") == {"教": 2, "学": 2, "教学": 2, "ai": 2}


def test_the_name_of_a_token_is_its_digest_on_every_machine():
    digest = hashlib.blake2b("融合".encode(), digest_size=8).digest()
    assert name_of("融合") == sum(byte << 8 * place for place, byte in enumerate(digest))
    assert name_of("firms") == 3528516184325059077


def test_names_of_different_tokens_differ():
    words = [f"{a}{b}" for a in "职业教育学校abc" for b in "产教融合xyz"]
    assert len({name_of(word) for word in words}) == len(words)


def test_a_lone_surrogate_has_a_name_too():
    assert 0 <= name_of("\ud800") < 2**64
