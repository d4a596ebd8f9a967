"""What a few words weigh: enough for the papers that have them, no more for those of another language."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.index import engine_named
from recommender.index.stored import read_vectors
from recommender.lexical import LexicalIndex, TermMatrix, write_lexical
from recommender.neighbour import Label
from recommender.ranking import Asked, LanguageGroups, Levels, Name, Search, fit
from recommender.ranking.comparing import MOST_STRETCHED
from recommender.ranking.labels import Steps
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


def asked(search, text, language, row=None, names=()):
    return Asked(text, search.vectors[0], language, row, names=names)


FOREIGN = " ".join(f"neno{number}" for number in range(40))
LONG = " ".join(["rare", *(f"w{number}" for number in range(80))])


@pytest.mark.parametrize("language", ["en", "zh", "it", ""])
def test_a_rare_word_is_stretched_among_the_papers_of_each_language(search, language):
    plain = search.lexical.scores(search.lexical.request("rare")).values
    found = search.words_in_common(asked(search, "rare", language)).values
    assert np.flatnonzero(plain).tolist() == [7, 47, 80]
    for row, group in ((7, slice(40)), (47, slice(40, 80))):
        assert 1.5 * plain[row] < found[row] <= MOST_STRETCHED * plain[row]
        assert found[row] == pytest.approx(plain[row] * min(SPREAD / plain[group].std(), MOST_STRETCHED))


def test_a_few_words_count_no_less_among_titles(search):
    plain = search.lexical.scores(search.lexical.request("rare")).values
    calibration = replace(search.calibration, words_worth=0.8)
    among_titles = Search(search._index, search.vectors, search.lexical, calibration)
    found = among_titles.words_in_common(asked(search, "rare", "en")).values
    assert found[7] == pytest.approx(plain[7] * min(SPREAD / plain[:40].std(), MOST_STRETCHED) / 0.8)
    assert found[7] > 1.1 * search.words_in_common(asked(search, "rare", "en")).values[7]
    one = asked(search, LONG, "en")
    assert among_titles.words_in_common(one).values.tolist() == search.words_in_common(one).values.tolist()


def test_a_longer_text_is_stretched_among_the_papers_of_its_language_alone(search):
    plain = search.lexical.scores(search.lexical.request(LONG)).values
    for language in ("fr", "sw", ""):
        found = search.words_in_common(asked(search, LONG, language)).values
        assert found.tolist() == plain.tolist()
    found = search.words_in_common(asked(search, LONG, "en")).values
    assert found[40:].tolist() == plain[40:].tolist()
    assert np.all(found[:40] > plain[:40])


def test_a_paper_of_the_build_and_words_that_no_paper_has_are_left_as_they_are(search):
    plain = search.lexical.scores(search.lexical.question("rare w1")).values
    assert search.words_in_common(asked(search, "rare w1", "en", row=3)).values.tolist() == plain.tolist()
    assert not search.words_in_common(asked(search, "nobody", "en")).values.any()


def test_the_paper_with_the_word_comes_first(search):
    for vector in search.vectors[20:30]:
        found = search.nearest([Asked("rare", vector, "en")], 40, allowed=np.arange(40))
        assert found[0].row == 7


@pytest.mark.parametrize("language", ["en", "it", "zh", "sw", ""])
def test_whatever_language_a_name_passes_for_the_papers_with_it_come_first(search, language):
    for vector in 0.3 * normalised(np.random.default_rng(9).normal(size=(30, 8))):  # like no paper
        found = search.nearest([Asked("rare", vector, language)], 2, allowed=np.arange(80))
        assert {one.row for one in found} == {7, 47}


@pytest.mark.parametrize("language", ["en", "fr", "sw"])
def test_a_few_words_count_by_how_much_of_them_a_row_has(search, language):
    # of another language, or taken for English: what is shared is "rare" alone, of four words
    one = asked(search, "rare nadie habla kazajo", language)
    words, rows = search.words_in_common(one), np.array([47, 7, 3])
    rare, unknown = 1 + np.log(83 / 4), 1 + np.log(83)
    share = rare**2 / (rare**2 + 3 * unknown**2)
    assert search.scored(one, words, rows).words == pytest.approx(words.of(rows) * [share, share, 0])


def test_the_more_of_a_few_words_a_row_has_the_more_it_is_compared_as_within_its_language(search):
    calibration = search.calibration
    for text, share in (("rare", 1.0), ("nobody", 0.0)):
        one = asked(search, text, "en")
        found = search.scored(one, search.words_in_common(one), np.array([7, 47]))
        for parts, table in ((found.weight, calibration.weights), (found.stretch, calibration.stretch)):
            assert parts.tolist() == pytest.approx(
                [table[0, 0], share * table[1, 1] + (1 - share) * table[0, 1]]
            )


def test_who_wrote_a_paper_has_no_more_of_a_few_words_than_there_is(search):
    rows, names = np.array([3, 7, 8]), (Name(frozenset({"rare"}), frozenset(), np.array([7, 8])),)
    plain, by_name = asked(search, "rare nobody", "en"), asked(search, "rare nobody", "en", names=names)
    words = search.words_in_common(plain)
    share = search.scored(plain, words, rows).words[1] / words.of(rows)[1]
    found = search.scored(by_name, words, rows).words
    assert found == pytest.approx(words.of(rows) * [0, share, share] + [0, share**2, share**2])
    whole = asked(search, "rare", "en", names=names)
    assert search.scored(whole, search.words_in_common(whole), rows).words[2] == 1


def labelled(search, text, language, vector, row, names=()):
    steps = Steps(within=(0.2, 0.5), across=(0.2, 0.5))
    never = Steps(within=(9.0, 9.0), across=(9.0, 9.0))
    levels = Levels(topics=never, papers=never, texts=never, titles=steps, words=0.4)
    found = Search(search._index, search.vectors, search.lexical, replace(search.calibration, levels=levels))
    asked = Asked(text, vector, language, names=names)
    return found.nearest([asked], 1, allowed=np.array([row]))[0].label


@pytest.mark.parametrize("language", ["en", "zh", "it"])
def test_a_paper_with_all_of_a_few_words_is_not_unrelated_whatever_the_vectors_say(search, language):
    against = -search.vectors[47]
    assert labelled(search, "rare", language, against, 47) == Label.SAME_FIELD
    assert labelled(search, "rare nobody", language, against, 47) == Label.UNRELATED
    assert labelled(search, "rare", language, search.vectors[47], 47) == Label.SAME_TOPIC


def test_a_paper_of_whom_a_few_words_name_is_not_unrelated_whatever_the_vectors_say(search):
    names = (Name(frozenset({"qwertz"}), frozenset({"qwertz"}), np.array([11])),)
    for row, label in ((11, Label.SAME_FIELD), (12, Label.UNRELATED)):
        assert labelled(search, "qwertz nobody", "en", -search.vectors[row], row, names) == label


def test_words_that_no_paper_of_their_language_has_name_no_topic(search):
    same = search.vectors[7]
    assert labelled(search, "qwertz", "en", same, 7) == Label.SAME_FIELD
    assert labelled(search, "qwertz rare", "en", same, 7) == Label.SAME_TOPIC
    assert labelled(search, "qwertz", "sw", same, 7) == Label.SAME_TOPIC  # no paper is Swahili


def by_likeness(search, text, language, row, papers):
    """Return the label of a longer text whose vector is at right angles to that of a row."""
    near = Steps(within=(papers, 9.0), across=(papers, 9.0))
    levels = Levels(topics=near, papers=near, texts=Steps((-0.5, 9.0), (-0.5, 9.0)), titles=near, words=0.4)
    own, one = search.vectors[row].astype(np.float64), search.vectors[0].astype(np.float64)
    vector = normalised((one - (one @ own) * own)[None])[0]
    found = Search(search._index, search.vectors, search.lexical, replace(search.calibration, levels=levels))
    return found.nearest([Asked(text, vector, language)], 1, allowed=np.array([row]))[0]


def test_the_words_of_a_longer_text_are_not_stretched_for_its_label(search):
    calibration = search.calibration
    plain = search.lexical.scores(search.lexical.request(LONG)).of(np.array([7]))[0]
    stretched = search.words_in_common(asked(search, LONG, "en")).of(np.array([7]))[0]
    weight, usual = calibration.weights[0, 0], calibration.usual_between(0, np.array([0]))[0]
    likeness, at_most = ((weight * words - usual) / calibration.stretch[0, 0] for words in (plain, stretched))
    assert likeness + 0.01 < at_most
    for step, label in ((likeness - 0.001, Label.SAME_FIELD), (likeness + 0.001, Label.UNRELATED)):
        assert by_likeness(search, LONG, "en", 7, step).label == label


def test_a_text_in_a_language_that_no_paper_is_in_is_labelled_by_its_vector(search):
    lonely = LanguageGroups.of(["en"] * len(LANGUAGES))
    calibration = fit(search.vectors, TermMatrix.of(["x"] * len(LANGUAGES)), lonely)
    alone = Search(search._index, search.vectors, search.lexical, calibration)
    assert by_likeness(alone, LONG, "en", 7, 9.0).label == Label.UNRELATED
    assert by_likeness(alone, LONG, "sw", 7, 9.0).label == Label.SAME_FIELD


def test_a_text_in_a_language_that_no_paper_is_in_has_one_translation_if_any(search):
    lonely = LanguageGroups.of(["en"] * len(LANGUAGES))
    calibration = fit(search.vectors, TermMatrix.of(["x"] * len(LANGUAGES)), lonely)
    near = Steps((-1.0, -0.5, 0.5), (-1.0, -0.5, 0.5))
    levels = Levels(topics=near, papers=near, texts=near, titles=Steps((0.0, 9.0), (0.0, 9.0)), words=0.4)
    alone = Search(search._index, search.vectors, search.lexical, replace(calibration, levels=levels))
    one, other = search.vectors[7].astype(np.float64), search.vectors[9].astype(np.float64)
    for vector, rows in ((one, {7}), (other, {9}), (normalised((one + other)[None])[0], set())):
        found = alone.nearest([Asked(FOREIGN, vector.astype(np.float32), "sw")], 20)
        assert {near.row for near in found if near.label is Label.NEAR_DUPLICATE} == rows
        assert {7, 9} & {near.row for near in found if near.label >= Label.SAME_TOPIC}


def test_without_levels_no_words_give_a_label(search):
    found = search.nearest([Asked("rare", search.vectors[7], "en")], 3)
    assert {one.label for one in found} == {Label.UNKNOWN}
