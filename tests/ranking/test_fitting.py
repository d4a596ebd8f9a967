"""What is usual between two languages, against the mean over all pairs of a small corpus."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.lexical import TermMatrix
from recommender.ranking import (
    COSINE,
    FUSED,
    USUAL_STRENGTH,
    Graded,
    Known,
    LanguageGroups,
    fit,
    fitting,
    words_worth,
)
from recommender.ranking.calibration import HUBS, PRIOR_PAPERS
from recommender.vectors import cosines, normalised

TOPICS = 6
WORDS = {
    "en": ["welding", "reading", "algebra", "budget", "robots", "inclusion"],
    "zh": ["焊接", "阅读", "代数", "经费", "机器人", "融合"],
}
COSINE_CALIBRATED = replace(COSINE, calibrated=True)
COMMON = {"en": "this paper studies how", "zh": "本文研究了如何"}


def told_by(legs):
    """Return what is known by pairs that are not alike."""
    return Known(
        pairs={
            languages: Graded(np.zeros_like(values, dtype=int), values, np.zeros(values.shape[1], dtype=int))
            for languages, values in legs.items()
        }
    )


def bilingual(n_topic=5):
    """Return papers of one topic each, in two languages, which the vectors set further apart than topics."""
    chance = np.random.default_rng(7)
    rows = [(language, topic) for language in ("en", "zh") for topic in range(TOPICS) for _ in range(n_topic)]
    axes = np.eye(TOPICS + 2 + 8)
    vectors = [
        0.8 * axes[TOPICS + (language == "zh")] + 0.5 * axes[topic] + 0.05 * chance.normal(size=len(axes))
        for language, topic in rows
    ]
    texts = [f"{COMMON[language]} {WORDS[language][topic]}" for language, topic in rows]
    groups = LanguageGroups.of([language for language, _ in rows])
    return normalised(np.array(vectors)), TermMatrix.of(texts), groups, np.array([t for _, t in rows])


def fused_of_all(calibration, vectors, matrix):
    left, right = (grid.ravel() for grid in np.indices((len(vectors), len(vectors))))
    each = calibration.groups.each()
    cosine, words = cosines(vectors, left, right), matrix.similarities(left, right)
    fused = calibration.fused(cosine, words, each[left], each[right])
    return fused.reshape(len(vectors), -1)


def scores_of_all(calibration, fused):
    each, hubness = calibration.groups.each(), calibration.hubness.astype(np.float64)
    usual = calibration.usual_between(each[:, None], each[None, :])
    both = usual + 0.5 * (hubness[:, None] + hubness[None, :])
    return calibration.scores(fused, both, each[:, None], each[None, :])


def test_a_hub_is_more_than_usual_like_all_other_papers():
    vectors, matrix, groups, _ = bilingual()
    calibration = fit(vectors, matrix, groups)
    each, n = groups.each(), len(vectors)
    weights, usual = (
        table[each[:, None], each[None, :]] for table in (calibration.weights, calibration.usual)
    )
    more = (1 - weights) * (vectors @ vectors.T - usual[..., 0])
    expected = HUBS * (more.sum(axis=1) - more.diagonal()) / (n - 1 + PRIOR_PAPERS)
    assert calibration.hubness == pytest.approx(expected, abs=2e-6)
    assert calibration.hubness.std() > 1e-4
    text = calibration.hubness_of(vectors[3], 0)  # the same as a text from elsewhere: itself is among all
    assert text == pytest.approx(HUBS * more[3].sum() / (n + PRIOR_PAPERS), abs=2e-6)


def test_what_is_usual_is_told_by_the_known_papers_where_there_are_any():
    vectors, matrix, groups, _ = bilingual()
    of_corpus = fit(vectors, matrix, groups)
    left, right = np.triu_indices(30, k=1)
    legs = np.stack([cosines(vectors, left, right), matrix.similarities(left, right)])
    assert of_corpus.usual[0, 0] == pytest.approx(legs.mean(axis=1), abs=0.05)
    chance = np.random.default_rng(3)
    spreads = {("en", "en"): 0.2, ("zh", "zh"): 0.1, ("en", "zh"): 0.05}
    known = {
        languages: np.stack([0.5 + spread * chance.normal(size=90_000), np.full(90_000, 0.01)])
        for languages, spread in spreads.items()
    }
    calibration = fit(vectors, matrix, groups, known=told_by(known))
    assert calibration.usual[..., 0] == pytest.approx(np.full((3, 2), 0.5), abs=0.01)
    assert calibration.usual[..., 1] == pytest.approx(np.full((3, 2), 0.01), abs=0.001)
    within, across = 1 - calibration.weights[0, 0], 1 - calibration.weights[0, 1]
    assert calibration.stretch[1, 1] == pytest.approx(0.1 / 0.2, rel=0.02)
    assert calibration.stretch[0, 1] == pytest.approx(0.05 * across / (0.2 * within), rel=0.02)


def test_papers_of_one_field_in_one_language_do_not_fall_behind_those_of_all_fields_in_another():
    """The English papers are of two topics, the Chinese ones of all six; the model knows no language."""
    chance = np.random.default_rng(2)
    topics = np.array([*[0, 1] * 30, *[*range(TOPICS)] * 10])
    languages = ["en"] * 60 + ["zh"] * (len(topics) - 60)
    vectors = normalised(np.eye(TOPICS + 8)[topics] + 0.25 * chance.normal(size=(len(topics), TOPICS + 8)))
    matrix, groups = TermMatrix.of(["x"] * len(topics)), LanguageGroups.of(languages)
    pairs = np.stack([0.1 + 0.2 * chance.normal(size=5_000), np.zeros(5_000)])
    known = told_by(dict.fromkeys([("en", "en"), ("en", "zh"), ("zh", "zh")], pairs))
    found = {}
    for name, told in (("known", known), ("corpus", Known())):
        calibration = fit(vectors, matrix, groups, COSINE_CALIBRATED, told)
        scores = scores_of_all(calibration, fused_of_all(calibration, vectors, matrix))
        np.fill_diagonal(scores, -1)
        found[name] = float(np.mean(np.argsort(-scores[:60], axis=1)[:, :10] < 60))
    expected = 29 / 39  # of the papers of the same topic so many are English
    assert found["known"] == pytest.approx(expected, abs=0.08)
    assert found["corpus"] < expected - 0.1  # told by a corpus the field would pass for the language


def test_centres_are_the_mean_vectors_of_the_groups():
    vectors, matrix, groups, _ = bilingual()
    centres = fit(vectors, matrix, groups).centres
    assert centres == pytest.approx(
        np.array([vectors[:30].mean(axis=0), vectors[30:].mean(axis=0)]), abs=1e-6
    )


def test_the_relative_in_another_language_outranks_the_stranger_in_ones_own():
    vectors, matrix, groups, topics = bilingual()
    calibration = fit(vectors, matrix, groups, FUSED)
    same_topic = topics[:, None] == topics[None, :]
    same_language = groups.each()[:, None] == groups.each()[None, :]
    relatives, strangers = same_topic & ~same_language, same_language & ~same_topic
    fused = fused_of_all(calibration, vectors, matrix)
    scores = scores_of_all(calibration, fused)
    for row in range(len(vectors)):
        assert fused[row, relatives[row]].max() < fused[row, strangers[row]].min()
        assert np.median(scores[row, relatives[row]]) > scores[row, strangers[row]].max()


def test_without_calibration_the_other_language_stays_behind():
    vectors, matrix, groups, _ = bilingual()
    calibration = fit(vectors, matrix, groups, COSINE)
    scores = scores_of_all(calibration, fused_of_all(calibration, vectors, matrix))
    assert scores[0, 30:].max() < scores[0, :30].min()
    assert not calibration.usual.any()
    assert not calibration.hubness.any()
    assert (calibration.stretch == 1).all()


def test_the_best_pairs_of_all_languages_reach_equally_far():
    vectors, matrix, groups, _ = bilingual(n_topic=20)
    calibration = fit(vectors, matrix, groups)
    scores = scores_of_all(calibration, fused_of_all(calibration, vectors, matrix))
    within = scores[:120, :120][np.triu_indices(120, k=1)]
    assert np.quantile(scores[:120, 120:], 0.99) == pytest.approx(np.quantile(within, 0.99), rel=0.05)
    assert calibration.stretch[0, 1] == calibration.stretch[1, 0] != 1
    assert calibration.stretch[0, 0] == 1


@pytest.mark.parametrize("ranking", [COSINE, FUSED], ids=lambda ranking: ranking.name)
def test_nothing_is_stretched_in_a_corpus_of_one_language(ranking):
    vectors, matrix, _, _ = bilingual()
    calibration = fit(vectors, matrix, LanguageGroups.of(["en"] * 60), ranking)
    assert calibration.stretch.tolist() == [[1.0], [1.0]]


def test_a_foreign_text_is_as_far_from_a_group_as_the_other_groups_are():
    vectors, matrix, groups, _ = bilingual()
    calibration = fit(vectors, matrix, groups)
    foreign = groups.group_of("sw")
    assert foreign == len(groups) == 2
    assert calibration.stretch[foreign].tolist() == [calibration.stretch[0, 1]] * 2
    assert calibration.usual[foreign].tolist() == [calibration.usual[0, 1].tolist()] * 2


def test_to_a_corpus_of_one_language_a_foreign_text_is_as_its_own():
    vectors, matrix, _, _ = bilingual()
    calibration = fit(vectors, matrix, LanguageGroups.of(["en"] * 60))
    assert calibration.usual[1].tolist() == calibration.usual[0].tolist()
    assert calibration.knots[1].tolist() == calibration.knots[0].tolist()


def test_words_have_their_share_of_the_spread_within_a_language():
    vectors, matrix, groups, _ = bilingual(n_topic=20)
    weights = fit(vectors, matrix, groups, FUSED).weights
    pairs = [np.triu_indices(120, k=1), tuple(n + 120 for n in np.triu_indices(120, k=1))]
    cosine = np.concatenate([x - x.mean() for x in (cosines(vectors, *rows) for rows in pairs)]).std()
    words = np.concatenate([x - x.mean() for x in (matrix.similarities(*rows) for rows in pairs)]).std()
    for weight, share in ((weights[0, 0], FUSED.lexical), (weights[0, 1], FUSED.lexical * FUSED.across)):
        assert weight * words / (weight * words + (1 - weight) * cosine) == pytest.approx(share, abs=0.01)


def test_a_large_corpus_is_known_from_random_pairs_as_from_all():
    vectors = normalised(np.random.default_rng(9).normal(size=(300, 6)))
    groups = LanguageGroups.of(["en"] * 300)
    calibration = fit(vectors, TermMatrix.of(["x"] * 300), groups, COSINE)
    assert 19_900 < calibration.n_pairs[0, 0] < 20_000
    scores = np.sort(cosines(vectors, *np.triu_indices(300, k=1)))
    found = calibration.similarities(scores, 0, np.zeros(len(scores), dtype=np.int64))
    assert found == pytest.approx(np.arange(len(scores)) / len(scores), abs=0.02)


def test_the_same_rows_give_the_same_calibration():
    vectors, matrix, groups, _ = bilingual(n_topic=30)
    once, again = fit(vectors, matrix, groups), fit(vectors.copy(), matrix, groups)
    for part in ("weights", "knots", "stretch", "n_pairs", "usual", "hubness", "centres"):
        assert getattr(once, part).tobytes() == getattr(again, part).tobytes()


@pytest.mark.parametrize("ranking", [COSINE, FUSED], ids=lambda ranking: ranking.name)
@pytest.mark.parametrize("n", [1, 2])
def test_a_corpus_of_one_or_two_papers_can_be_fitted(ranking, n):
    vectors = np.eye(2, dtype=np.float32)[:n]
    calibration = fit(vectors, TermMatrix.of(["a", "b"][:n]), LanguageGroups.of(["en"] * n), ranking)
    assert calibration.stretch.tolist() == [[1.0], [1.0]]
    assert calibration.hubness == pytest.approx([0.0] * n, abs=0.02)
    assert calibration.similarities(np.array([0.5]), 0, np.array([0])).tolist() == [n / 2 - 0.5]


@pytest.mark.parametrize("strength", [0.5, 1.0, 2.0])
def test_the_stronger_the_vectors_are_the_less_the_words_weigh(strength):
    vectors, matrix, groups, _ = bilingual()
    usual = fit(vectors, matrix, groups).weights
    weights = fit(vectors, matrix, groups, known=Known(strength=strength * USUAL_STRENGTH)).weights
    # w / (1 - w) is the share of the words over that of the vectors
    assert weights / (1 - weights) == pytest.approx(usual / (1 - usual) / strength)


@pytest.mark.parametrize("worth", [0.4, 0.8])
def test_the_less_words_say_the_less_they_weigh(worth):
    vectors, matrix, groups, _ = bilingual()
    usual = fit(vectors, matrix, groups).weights
    found = fit(vectors, matrix, groups, worth=worth)
    assert found.words_worth == worth
    assert found.weights / (1 - found.weights) == pytest.approx(worth * usual / (1 - usual))
    assert fit(vectors, matrix, groups, replace(FUSED, lexical=1.0), worth=worth).weights[0, 0] == 1


def test_words_say_less_in_titles_than_in_abstracts():
    sizes = np.array([3.0, 12.0, 26.8, 60.0, 500.0])
    assert [words_worth(sizes[[place]]) for place in range(5)] == pytest.approx(
        [0.4, 0.4, 0.7, 1, 1], abs=1e-3
    )
    assert words_worth(sizes) == pytest.approx(0.7, abs=1e-3)
    assert (words_worth(np.zeros(1)), words_worth(np.zeros(0))) == (0.4, 1)


def test_where_words_have_no_share_the_strength_of_the_vectors_changes_nothing():
    vectors, matrix, groups, _ = bilingual()
    assert not fit(vectors, matrix, groups, COSINE, Known(strength=0.1)).weights.any()


def test_all_pairs_are_looked_at_while_they_are_no_more_than_twice_those_wanted(monkeypatch):
    monkeypatch.setattr(fitting, "PAIRS", 50)
    monkeypatch.setattr(fitting, "FEWEST_PAIRS", 1)
    for n, all_pairs in ((10, True), (11, False)):
        left, right = fitting._samples(LanguageGroups.of(["en"] * n))[0, 0]
        is_every = sorted(zip(left.tolist(), right.tolist(), strict=True)) == [
            (a, b) for a in range(n) for b in range(a + 1, n)
        ]
        assert is_every is all_pairs
