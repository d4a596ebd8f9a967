"""Labels learnt from pairs whose likeness is known: vectors placed so that cosines are chosen."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.lexical import TermMatrix
from recommender.neighbour import Label
from recommender.paper import Paper
from recommender.ranking import (
    COSINE,
    FUSED,
    Known,
    KnownPairs,
    LanguageGroups,
    Levels,
    fit,
    strength_of,
)
from recommender.ranking.calibration import Calibration
from recommender.ranking.labels import (
    STRONGEST,
    WEAKEST,
    Steps,
    labels,
    pairs_of,
    steps_of,
    words_of_versions,
)

STEPS = Steps(within=(0.2, 0.5, 0.8), across=(0.1, 0.3, 0.6))
TOPICS = Steps(within=STEPS.within[:2], across=STEPS.across[:2])


def grade_of(one, other):
    """Return how alike two of the 24 papers are: works of two, topics of four, fields of eight."""
    if one // 2 == other // 2:
        return 3
    return 2 if one // 4 == other // 4 else 1 if one // 8 == other // 8 else 0


def known(n_languages=2):
    """Return 24 papers, in one or two languages so that all grades are within and across, and the pairs."""
    languages = ["en", "zh", "en", "en", "zh", "zh", "zh", "en"] if n_languages == 2 else ["en"]
    papers = [Paper(id=str(i), title="x", language=languages[i % len(languages)]) for i in range(24)]
    graded = [(i, j, grade) for i in range(24) for j in range(i) if (grade := grade_of(i, j))]
    return KnownPairs(papers, graded)


def placed(pairs):
    """Return unit vectors whose cosines are 0.9, 0.6, 0.4 and 0 by the grade of a pair."""
    n = len(pairs.papers)
    gram = np.eye(n)
    for one, other, grade in pairs.graded:
        gram[one, other] = gram[other, one] = {3: 0.9, 2: 0.6, 1: 0.4}[grade]
    values, axes = np.linalg.eigh(gram)
    vectors = axes * np.sqrt(np.clip(values, 0, None))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize(
    ("near", "is_same", "label"),
    [
        (0.1, True, Label.UNRELATED),
        (0.2, True, Label.SAME_FIELD),
        (0.49, True, Label.SAME_FIELD),
        (0.5, True, Label.SAME_TOPIC),
        (0.99, True, Label.NEAR_DUPLICATE),
        (0.1, False, Label.SAME_FIELD),
        (0.3, False, Label.SAME_TOPIC),
        (0.6, False, Label.NEAR_DUPLICATE),
        (-1.0, False, Label.UNRELATED),
    ],
)
def test_a_label_begins_at_its_step(near, is_same, label):
    assert labels(STEPS, np.array([near]), np.array([is_same])).tolist() == [label]


def test_steps_lie_between_the_grades_that_are_apart():
    left, right, own, grades = pairs_of(known())
    vectors = placed(known())
    near = (vectors @ vectors.T)[left, right]
    assert labels(steps_of(near, own, grades), near, own).tolist() == (grades + 1).tolist()


ALONE = replace(FUSED, shared=0.0)  # without neighbours in common


@pytest.mark.parametrize("ranking", [COSINE, ALONE], ids=lambda ranking: ranking.name)
def test_papers_are_labelled_by_what_they_are_ranked_by(ranking):
    pairs = known()
    order = np.argsort([paper.language for paper in pairs.papers], kind="stable")
    languages = [pairs.papers[place].language for place in order]
    vectors, groups = placed(pairs)[order], LanguageGroups.of(languages)
    matrix = TermMatrix.of(f"topic{place // 4} work{place // 2} work{place // 2}" for place in order)
    learnt = Known.of(pairs, placed(pairs), placed(pairs))
    calibration = fit(vectors, matrix, groups, ranking, learnt)
    left, right = (place.ravel() for place in np.indices((24, 24)))
    left, right = left[left != right], right[left != right]
    each, hubness = groups.each(), calibration.hubness.astype(np.float64)
    hubs = 0.5 * (hubness[left] + hubness[right])
    cosine, words = np.sum(vectors[left] * vectors[right], axis=1), matrix.similarities(left, right)
    fused = calibration.fused(cosine, words, each[left], each[right])
    usual = calibration.usual_between(each[left], each[right])
    scores = calibration.scores(fused, usual + hubs, each[left], each[right])
    likeness = calibration.likeness(scores, hubs, each[left], each[right])
    assert likeness == pytest.approx(calibration.scores(fused, usual, each[left], each[right]), abs=2e-6)
    if ranking is ALONE:
        assert np.ptp(hubs) > 1e-4
    expected = [grade_of(order[one], order[other]) + 1 for one, other in zip(left, right, strict=True)]
    for group in range(2):
        own = each[left] == group
        found = calibration.labels(likeness[own], np.ones(len(left)).__getitem__, group, each[right[own]])
        assert found.tolist() == np.array(expected)[own].tolist()


def test_steps_are_learnt_with_what_known_pairs_gain_by_neighbours_in_common():
    pairs = known()
    vectors, groups = placed(pairs), LanguageGroups.of(["en"] * 24)
    matrix, learnt = TermMatrix.of(["x"] * 24), Known.of(pairs, vectors, vectors)
    alone, shared = (fit(vectors, matrix, groups, ranking, learnt).levels for ranking in (ALONE, FUSED))
    assert alone.topics == Steps(alone.papers.within[:2], alone.papers.across[:2])
    assert shared.papers == alone.papers
    # a work and one more of the topic are the three nearest of each: nothing else gains, and a topic does
    assert shared.topics.within[0] == alone.topics.within[0]
    assert shared.topics.within[1] > alone.topics.within[1] + 0.01


def test_that_a_paper_is_like_all_others_of_its_corpus_changes_no_label():
    levels = Levels(topics=TOPICS, papers=STEPS, texts=STEPS, titles=STEPS, words=0.0)
    fused, hubness = np.array([0.55, 0.55]), np.array([0.2, -0.2])
    own = calibration(levels)
    scores = own.scores(fused, hubness, 0, np.array([0, 0]))
    assert scores.tolist() == [0.35, 0.75]
    near = own.likeness(scores, hubness, 0, np.array([0, 0]))
    found = own.labels(near, None, 0, np.array([0, 0]))
    assert found.tolist() == [Label.SAME_TOPIC] * 2


def test_a_title_is_no_near_duplicate_of_a_paper():
    learnt = Known.of(known(), placed(known()), placed(known()))
    assert (len(learnt.titles.within), len(learnt.titles.across)) == (2, 2)
    levels = Levels(topics=TOPICS, papers=STEPS, texts=STEPS, titles=learnt.titles, words=0.4)
    near, others = np.array([1.0, 0.5, 0.1]), np.zeros(3, dtype=np.int64)
    found = calibration(levels).labels_by_cosine(near, 0, others, is_title=True)
    assert found.tolist() == [Label.SAME_TOPIC, Label.SAME_TOPIC, Label.UNRELATED]
    found = calibration(levels).labels_by_cosine(near, 0, others, is_title=False)
    assert found.tolist() == [Label.NEAR_DUPLICATE, Label.SAME_TOPIC, Label.UNRELATED]


def test_where_grades_overlap_few_pairs_of_the_lower_one_get_the_label():
    chance = np.random.default_rng(2)
    pairs = known()
    papers = [Paper(id=str(i), title="x", language="en" if i < 150 else "zh") for i in range(300)]
    drawn = np.stack([*chance.integers(0, 300, (2, 6_000)), chance.integers(1, 4, 6_000)], axis=1).tolist()
    graded = {(max(a, b), min(a, b)): grade for a, b, grade in drawn if a != b}
    pairs = KnownPairs(papers, [(a, b, grade) for (a, b), grade in graded.items()])
    vectors = chance.normal(size=(300, 8))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    places = pairs_of(pairs)
    steps = steps_of((vectors @ vectors.T)[places[0], places[1]], *places[2:])
    left, right = np.triu_indices(300, k=1)
    own = (left < 150) == (right < 150)
    ungraded = np.array([(b, a) not in graded for a, b in zip(left, right, strict=True)])
    near = np.sum(vectors[left] * vectors[right], axis=1)
    for part, step in ((own, steps.within[0]), (~own, steps.across[0])):
        assert np.mean(near[part & ungraded] >= step) == pytest.approx(0.05, abs=0.002)
    same_topic = np.array([graded.get((b, a)) == 2 for a, b in zip(left, right, strict=True)])
    for part, step in ((own, steps.within[2]), (~own, steps.across[2])):  # not to be said lightly
        assert np.mean(near[part & same_topic] >= step) < 0.004


def test_near_duplicates_of_one_language_have_many_words_in_common():
    levels = Levels(topics=TOPICS, papers=STEPS, texts=STEPS, titles=STEPS, words=0.4)
    words = np.array([0.41, 0.39, 0.0, 0.9])
    asked = []

    def words_of(places):
        asked.extend(places.tolist())
        return words[places]

    found = calibration(levels).labels(np.array([0.9, 0.9, 0.9, 0.6]), words_of, 0, np.array([0, 0, 1, 0]))
    assert found.tolist() == [
        Label.NEAR_DUPLICATE,
        Label.SAME_TOPIC,
        Label.NEAR_DUPLICATE,  # of two languages, which have none
        Label.SAME_TOPIC,
    ]
    assert asked == [0, 1]


def test_of_short_texts_near_duplicates_have_nearly_all_words_in_common():
    levels = Levels(topics=TOPICS, papers=STEPS, texts=STEPS, titles=STEPS, words=0.4)
    words, others = np.array([0.77, 0.75, 0.0]), np.array([0, 0, 1])
    found = replace(calibration(levels), words_worth=0.4).labels(
        np.full(3, 0.9), words.__getitem__, 0, others
    )
    assert found.tolist() == [Label.NEAR_DUPLICATE, Label.SAME_TOPIC, Label.NEAR_DUPLICATE]


def test_neighbours_in_common_make_a_topic_but_no_near_duplicates():
    levels = Levels(topics=TOPICS, papers=STEPS, texts=STEPS, titles=STEPS, words=0.4)
    near, gained = np.array([0.1, 0.3, 0.7, 0.79, 0.8]), np.array([0.2, 0.3, 0.3, 0.2, 0.0])
    others, words = np.zeros(5, dtype=np.int64), np.ones(5)
    found = calibration(levels).labels(near, words.__getitem__, 0, others, gained)
    field, topic, work = Label.SAME_FIELD, Label.SAME_TOPIC, Label.NEAR_DUPLICATE
    assert found.tolist() == [field, topic, topic, topic, work]
    assert calibration(levels).topics(near + gained, 0, others).tolist() == [
        field,
        topic,
        topic,
        topic,
        topic,
    ]


def test_the_words_that_versions_of_one_work_share_are_learnt():
    words, own = np.array([0.2, 0.608, 0.7, 0.1]), np.array([True, True, True, False])
    assert words_of_versions(words, own, np.array([2, 3, 3, 3])) == pytest.approx(0.6)


def test_without_pairs_of_a_grade_there_are_no_steps():
    pairs = known(n_languages=1)
    _, _, own, grades = pairs_of(pairs)
    near = np.zeros(len(own))
    with pytest.raises(ValueError, match="no known pairs of grade 1 or 0"):
        steps_of(near, own, grades)
    with pytest.raises(ValueError, match="no known pairs of grade 3"):
        words_of_versions(near, own, np.minimum(grades, 2))
    with pytest.raises(ValueError, match="no known pairs of grade"):
        Known.of(pairs, placed(pairs), placed(pairs))


def calibration(levels):
    groups = LanguageGroups.of(["en"] * 10 + ["zh"] * 10 + ["fr"])
    one = np.ones((4, 3))
    return Calibration(groups, one, 0.1, True, one, one, one, one, one[0], one, levels)


def test_without_levels_every_label_is_unknown():
    near, others = np.array([0.9, 0.1]), np.array([0, 1])
    assert calibration(None).labels(near, None, 0, others).tolist() == [Label.UNKNOWN] * 2
    found = calibration(None).labels_by_cosine(near, 0, others, is_title=True)
    assert found.tolist() == [Label.UNKNOWN] * 2
    vectors, groups = placed(known()), LanguageGroups.of(["en"] * 24)
    told = Known(pairs=Known.of(known(), vectors, vectors).pairs)  # of a ranking alone, not of titles
    assert fit(vectors, TermMatrix.of(["x"] * 24), groups, known=told).levels is None


def test_smaller_languages_that_share_a_group_count_as_different():
    levels = Levels(topics=TOPICS, papers=STEPS, texts=STEPS, titles=STEPS, words=0.4)
    found = calibration(levels).labels(np.array([0.25, 0.25]), None, 2, np.array([2, 2]))
    assert found.tolist() == [Label.SAME_FIELD] * 2
    own = calibration(levels).labels(np.array([0.4, 0.4]), None, 0, np.array([0, 1]))
    assert own.tolist() == [Label.SAME_FIELD, Label.SAME_TOPIC]


def on_a_circle(degrees):
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_strength_is_how_many_spreads_related_pairs_of_one_language_lie_above_unrelated_ones():
    # en: 0°, 60° (same topic), 90°, 180°; unrelated: 0–90, 0–180, 60–90, 60–180, 90–180. zh counts apart,
    # and its version of the first paper across languages not at all.
    papers = [Paper(id=str(i), title="x", language="en" if i < 4 else "zh") for i in range(5)]
    pairs = KnownPairs(papers, [(0, 1, 2), (0, 4, 3)])
    unrelated = np.array([0.0, -1.0, np.cos(np.pi / 6), -0.5, 0.0])
    expected = (0.5 - unrelated.mean()) / unrelated.std()
    assert strength_of(pairs, on_a_circle([0, 60, 90, 180, 0])) == pytest.approx(expected, abs=1e-4)


def test_strength_has_bounds():
    papers = [Paper(id=str(i), title="x", language="en") for i in range(4)]
    pairs = KnownPairs(papers, [(0, 1, 1), (2, 3, 2)])
    assert strength_of(pairs, on_a_circle([0, 0, 180, 180])) == STRONGEST
    assert strength_of(pairs, on_a_circle([0, 180, 0, 180])) == WEAKEST
