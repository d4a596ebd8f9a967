"""What is usual between two languages, against the mean over all pairs of a small corpus."""

import numpy as np
import pytest

from recommender.lexical import TermMatrix
from recommender.ranking import COSINE, FUSED, USUAL_STRENGTH, LanguageGroups, fit, fitting
from recommender.ranking.calibration import PRIOR_PAPERS, shrunk
from recommender.vectors import cosines, normalised

TOPICS = 6
WORDS = {
    "en": ["welding", "reading", "algebra", "budget", "robots", "inclusion"],
    "zh": ["焊接", "阅读", "代数", "经费", "机器人", "融合"],
}
COMMON = {"en": "this paper studies how", "zh": "本文研究了如何"}


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
    each, usual = calibration.groups.each(), calibration.usual.astype(np.float64)
    both = 0.5 * (usual[:, each] + usual[:, each].T)
    return calibration.scores(fused, both, each[:, None], each[None, :])


def usual_by_hand(fused, groups):
    """Return the mean with each group, itself left out, drawn to that of all rows of its own group."""
    means, counts = np.zeros((len(fused), len(groups))), np.zeros((len(fused), len(groups)))
    for row, group in np.ndindex(*means.shape):
        others = groups.rows(group)[groups.rows(group) != row]
        means[row, group], counts[row, group] = fused[row, others].mean(), len(others)
    between = np.stack([means[groups.rows(group)].mean(axis=0) for group in range(len(groups))])
    return (counts * means + PRIOR_PAPERS * between[groups.each()]) / (counts + PRIOR_PAPERS)


def test_usual_is_the_mean_likeness_with_the_papers_of_each_group_itself_left_out():
    vectors, matrix, groups, _ = bilingual()
    calibration = fit(vectors, matrix, groups)
    expected = usual_by_hand(fused_of_all(calibration, vectors, matrix), groups)
    assert calibration.usual == pytest.approx(expected, abs=2e-5)


def test_a_paper_without_words_is_left_out_of_its_usual_likeness_too():
    vectors = normalised(np.random.default_rng(8).normal(size=(12, 4)))
    matrix = TermMatrix.of(["", *["school firm"] * 5, *["school"] * 6])
    groups = LanguageGroups.of(["en"] * 12)
    calibration = fit(vectors, matrix, groups)
    expected = usual_by_hand(fused_of_all(calibration, vectors, matrix), groups)
    assert calibration.usual == pytest.approx(expected, abs=2e-5)


def test_of_few_papers_what_is_usual_is_told_by_all_of_the_own_language():
    means, counts = np.array([[0.5, 0.3]]), np.array([[180.0, 0.0]])
    found = shrunk(means, counts, np.array([[0.1, 0.2]]))
    assert found == pytest.approx(np.array([[(180 * 0.5 + 20 * 0.1) / 200, 0.2]]))


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
        assert scores[row, relatives[row]].min() > scores[row, strangers[row]].max()


def test_without_calibration_the_other_language_stays_behind():
    vectors, matrix, groups, _ = bilingual()
    calibration = fit(vectors, matrix, groups, COSINE)
    scores = scores_of_all(calibration, fused_of_all(calibration, vectors, matrix))
    assert scores[0, 30:].max() < scores[0, :30].min()
    assert not calibration.usual.any()
    assert (calibration.stretch == 1).all()


def test_the_best_pairs_of_all_languages_reach_equally_far():
    vectors, matrix, groups, _ = bilingual(n_topic=20)
    calibration = fit(vectors, matrix, groups)
    scores = scores_of_all(calibration, fused_of_all(calibration, vectors, matrix))
    within = scores[:120, :120][np.triu_indices(120, k=1)]
    assert np.quantile(scores[:120, 120:], 0.995) == pytest.approx(np.quantile(within, 0.995), rel=0.05)
    assert calibration.stretch[0, 1] == calibration.stretch[1, 0] < 0.99
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
    rows, own = np.arange(60), groups.each()
    assert calibration.usual_to(foreign, rows, own)[:30] == pytest.approx(calibration.usual[:30, 1])
    assert calibration.usual_to(foreign, rows, own)[30:] == pytest.approx(calibration.usual[30:, 0])
    assert calibration.usual_to(1, rows, own) == pytest.approx(calibration.usual[:, 1])


def test_to_a_corpus_of_one_language_a_foreign_text_is_as_its_own():
    vectors, matrix, _, _ = bilingual()
    calibration = fit(vectors, matrix, LanguageGroups.of(["en"] * 60))
    rows = np.arange(60)
    assert calibration.usual_to(1, rows, np.zeros(60, dtype=int)) == pytest.approx(calibration.usual[:, 0])
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
    for part in ("weights", "knots", "stretch", "n_pairs", "usual", "centres"):
        assert getattr(once, part).tobytes() == getattr(again, part).tobytes()


@pytest.mark.parametrize("ranking", [COSINE, FUSED], ids=lambda ranking: ranking.name)
@pytest.mark.parametrize("n", [1, 2])
def test_a_corpus_of_one_or_two_papers_can_be_fitted(ranking, n):
    vectors = np.eye(2, dtype=np.float32)[:n]
    calibration = fit(vectors, TermMatrix.of(["a", "b"][:n]), LanguageGroups.of(["en"] * n), ranking)
    assert calibration.stretch.tolist() == [[1.0], [1.0]]
    assert calibration.usual.tolist() == [[0.0]] * n
    assert calibration.similarities(np.array([0.5]), 0, np.array([0])).tolist() == [n / 2 - 0.5]


def test_a_lone_paper_of_its_language_is_no_nearer_to_a_foreign_text_than_others():
    chance = np.random.default_rng(3)
    vectors = normalised(chance.normal(size=(41, 8)) + 1.0)  # all of them much alike
    matrix = TermMatrix.of(["school"] * 40 + ["die Schule"])
    calibration = fit(vectors, matrix, LanguageGroups.of(["en"] * 40 + ["de"]))
    assert calibration.groups.names == ("en", "")
    usual = calibration.usual[:, 1]
    assert usual[40] == pytest.approx(calibration.usual[40, 0], abs=1e-4)
    assert usual[40] > 0.05


@pytest.mark.parametrize("strength", [0.5, 1.0, 2.0])
def test_the_stronger_the_vectors_are_the_less_the_words_weigh(strength):
    vectors, matrix, groups, _ = bilingual()
    usual = fit(vectors, matrix, groups).weights
    weights = fit(vectors, matrix, groups, strength=strength * USUAL_STRENGTH).weights
    # w / (1 - w) is the share of the words over that of the vectors
    assert weights / (1 - weights) == pytest.approx(usual / (1 - usual) / strength)


def test_where_words_have_no_share_the_strength_of_the_vectors_changes_nothing():
    vectors, matrix, groups, _ = bilingual()
    assert not fit(vectors, matrix, groups, COSINE, strength=0.1).weights.any()


def test_the_reach_of_few_pairs_is_nearer_to_that_of_all_of_their_kind():
    many, few = np.full(3 * fitting.PRIOR_PAIRS, 0.4), np.full(fitting.PRIOR_PAIRS, 0.2)
    reach = fitting._reach({(0, 0): many, (1, 1): few, (0, 1): np.full(5, 0.1), (2, 2): np.zeros(0)})
    pool = (3 * 0.4 + 0.2) / 4  # of papers of one language
    assert reach == pytest.approx(
        {
            (0, 0): (3 * 0.4 + pool) / 4,
            (1, 1): (0.2 + pool) / 2,
            (0, 1): 0.1,  # alone of its kind
            (2, 2): pool,
        }
    )


def test_all_pairs_are_looked_at_while_they_are_no_more_than_twice_those_wanted(monkeypatch):
    monkeypatch.setattr(fitting, "PAIRS", 50)
    monkeypatch.setattr(fitting, "FEWEST_PAIRS", 1)
    for n, all_pairs in ((10, True), (11, False)):
        left, right = fitting._samples(LanguageGroups.of(["en"] * n))[0, 0]
        is_every = sorted(zip(left.tolist(), right.tolist(), strict=True)) == [
            (a, b) for a in range(n) for b in range(a + 1, n)
        ]
        assert is_every is all_pairs
