"""The weight of a term: by hand, and as scikit-learn weighs it but for the power."""

import hashlib
from math import log

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from recommender.lexical import TermMatrix
from recommender.lexical.weighting import counted, damped, idf, name_of
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
    assert damped(np.array([1, 2, 10])) == pytest.approx([1.0, 1.693147, 3.302585], abs=1e-6)
    assert damped(np.array([1000])) == pytest.approx([1 + 3 * log(10)])


def test_weights_are_those_of_scikit_learn_but_for_the_power():
    vectorizer = TfidfVectorizer(analyzer=tokens, sublinear_tf=True, norm=None)
    theirs = vectorizer.fit_transform(TEXTS).toarray()
    vocabulary = vectorizer.get_feature_names_out()
    counts = np.array([[counted(text)[term] for term in vocabulary] for text in TEXTS])
    frequencies = (counts > 0).sum(axis=0)
    assert idf(frequencies, len(TEXTS)) ** (1 / 1.5) == pytest.approx(vectorizer.idf_)
    there = counts > 0
    ours = damped(counts[there]) * np.broadcast_to(idf(frequencies, len(TEXTS)), counts.shape)[there]
    assert ours == pytest.approx((theirs * np.sqrt(vectorizer.idf_))[there])


def test_cosines_are_those_of_scikit_learn_with_the_power():
    vectorizer = TfidfVectorizer(analyzer=tokens, sublinear_tf=True, norm=None)
    theirs = vectorizer.fit_transform(TEXTS).toarray() * np.sqrt(vectorizer.idf_)
    theirs /= np.maximum(np.linalg.norm(theirs, axis=1, keepdims=True), 1e-9)
    left, right = (grid.ravel() for grid in np.indices((len(TEXTS), len(TEXTS))))
    ours = TermMatrix.of(TEXTS).similarities(left, right)
    assert ours == pytest.approx((theirs @ theirs.T).ravel(), abs=1e-3)


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
