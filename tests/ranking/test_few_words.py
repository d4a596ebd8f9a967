"""What a few words weigh: enough for the papers that have them, no more for those of another language."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.index import engine_named
from recommender.index.stored import read_vectors
from recommender.lexical import LexicalIndex, TermMatrix, write_lexical
from recommender.ranking import Asked, LanguageGroups, Search, fit
from recommender.ranking.search import MOST_STRETCHED
from recommender.vectors import normalised
from tests.conftest import build_index

SPREAD = 0.12  # as if papers of this corpus had much more in common with some than with others
LANGUAGES = ["en"] * 40 + ["zh"] * 40 + ["fr", "de"]


@pytest.fixture
def search(tmp_path):
    chance = np.random.default_rng(4)
    common = [f"w{number}" for number in range(150)]
    texts = [" ".join(chance.choice(common, 60, p=np.arange(150) / 11_175)) for _ in LANGUAGES]
    for row in (7, 47, 80):
        texts[row] += " rare"
    vectors, matrix = normalised(chance.normal(size=(len(texts), 8))), TermMatrix.of(texts)
    engine = engine_named("flat")
    build_index(engine, vectors, tmp_path)
    write_lexical(matrix, tmp_path)
    calibration = replace(fit(vectors, matrix, LanguageGroups.of(LANGUAGES)), words_spread=SPREAD)
    lexical = LexicalIndex(tmp_path, len(texts))
    return Search(engine.open(tmp_path), read_vectors(tmp_path), lexical, calibration)


def asked(search, text, language, row=None):
    return Asked(text, search.vectors[0], language, row)


def test_a_rare_word_is_stretched_among_the_papers_of_its_language_alone(search):
    plain = search.lexical.scores(search.lexical.request("rare")).values
    found = search.words_in_common(asked(search, "rare", "en")).values
    assert np.flatnonzero(plain).tolist() == [7, 47, 80]
    assert 1.5 * plain[7] < found[7] <= MOST_STRETCHED * plain[7]
    assert found[[47, 80]].tolist() == plain[[47, 80]].tolist()
    ratio = SPREAD / plain[:40].std()
    assert found[7] == pytest.approx(plain[7] * min(ratio, MOST_STRETCHED))


@pytest.mark.parametrize("language", ["fr", "sw", ""])
def test_a_text_of_a_language_with_few_papers_or_none_is_left_as_it_is(search, language):
    plain = search.lexical.scores(search.lexical.request("rare w1")).values
    assert search.words_in_common(asked(search, "rare w1", language)).values.tolist() == plain.tolist()


def test_a_paper_of_the_build_and_words_that_no_paper_has_are_left_as_they_are(search):
    plain = search.lexical.scores(search.lexical.question("rare w1")).values
    assert search.words_in_common(asked(search, "rare w1", "en", row=3)).values.tolist() == plain.tolist()
    assert not search.words_in_common(asked(search, "nobody", "en")).values.any()


def test_the_paper_with_the_word_comes_first(search):
    for vector in search.vectors[20:30]:
        found = search.nearest([Asked("rare", vector, "en")], 40, allowed=np.arange(40))
        assert found[0].row == 7


@pytest.mark.parametrize("language", ["en", "fr", "sw"])
def test_words_of_a_text_that_is_mostly_unknown_count_by_the_square_of_what_is_known(search, language):
    # of another language, or taken for English: what is shared is "rare" alone, of four words
    text = "rare nadie habla kazajo"
    plain = search.lexical.scores(search.lexical.request(text)).values
    found = search.words_in_common(asked(search, text, language)).values
    stretched = min(SPREAD / plain[:40].std(), MOST_STRETCHED) if language == "en" else 1.0
    assert found[7] == pytest.approx(plain[7] * stretched / 16)
    assert found[47] == pytest.approx(plain[47] / 16)
