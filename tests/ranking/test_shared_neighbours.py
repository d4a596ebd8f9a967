"""Lists put in order once more by what neighbours have in common, against the formula spelled out."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.lexical import TermMatrix
from recommender.neighbour import Label
from recommender.ranking import (
    COSINE,
    FUSED,
    NONE,
    LanguageGroups,
    Levels,
    Listed,
    NeighbourLists,
    Ranked,
    fit,
)
from recommender.ranking.labels import Steps
from recommender.ranking.rivals import BEHIND
from recommender.ranking.shared_neighbours import ASKED, depth_of, gain, shared

K = 7
TOPICS = Steps(within=(0.2, 0.7), across=(0.1, 0.5))
PAPERS = Steps(within=(0.2, 0.5, 0.8), across=(0.1, 0.2, 0.3))
LEVELS = Levels(topics=TOPICS, papers=PAPERS, texts=TOPICS, titles=TOPICS, words=0.4)


def corpus(counts, seed=0):
    """Draw lists of so many neighbours each, no row in its own."""
    chance = np.random.default_rng(seed)
    n = len(counts)
    rows, scores = np.zeros((n, K), dtype=np.int64), np.zeros((n, K))
    for row, count in enumerate(counts):
        others = np.delete(np.arange(n), row)
        rows[row, :count] = chance.choice(others, count, replace=False)
        scores[row, :count] = np.sort(chance.integers(-200_000, 900_000, count))[::-1] / 1e6
    copied = (np.arange(K) < np.array(counts)[:, None]) & (chance.integers(1, 5, (n, K)) == 4)
    return Ranked(np.arange(n), np.array(counts), rows, scores, copied)


@pytest.fixture(params=[60, 30], ids=["whole lists", "a part of them"])
def found(request):
    return corpus([K] * (request.param - 4) + [3, 1, 0, 2])


@pytest.fixture
def lists(found, tmp_path):
    return NeighbourLists.of(len(found), K, [found], tmp_path)


def spelled_out(found, asked, near, scores, depth):
    """Return what each of the rows near to one gains, from lists as dictionaries."""
    by_row = {
        row: {
            int(other): round(1e6 * score)
            for other, score in zip(found.rows[row, :count], found.scores[row, :count], strict=True)
        }
        for row, count in enumerate(found.counts)
    }
    own = dict(zip(near, scores, strict=True))

    def worth(row, entries, other):
        if not entries:
            return 0
        last = ([*entries.values()] + [min(entries.values())] * K)[depth - 1]
        return max((max(entries.values()) if other == row else entries.get(other, last)) - last, 0)

    return [
        sum(worth(n, by_row[n], c) for n in near[:ASKED])
        + sum(worth(asked, own, n) for n in [*by_row[c]][:ASKED])
        for c in near
    ]


def test_sums_are_those_of_the_formula(found, lists):
    near, scores = lists.near(found.asked)
    gained = shared(found.asked.astype(np.int32), near, scores, lists)
    for row, count in enumerate(found.counts):
        expected = spelled_out(
            found, row, near[row, :count].tolist(), scores[row, :count].tolist(), lists.depth
        )
        assert gained[row].tolist() == expected + [0] * (K - count)
    assert gained.max() > 500_000


def test_a_text_is_no_neighbour_of_any_row(found, lists):
    near, scores = lists.near(np.array([5]))
    gained = shared(np.array([NONE], dtype=np.int32), near, scores, lists)
    assert gained[0].tolist() == spelled_out(found, "text", near[0].tolist(), scores[0].tolist(), lists.depth)


def calibration(n, shared=1.0):
    groups = LanguageGroups.of(["en"] * 25 + ["zh"] * (n - 25))
    vectors = np.eye(n, dtype=np.float32)
    matrix = TermMatrix.of([f"word{row % 7} other{row % 3}" for row in range(n)])
    return replace(fit(vectors, matrix, groups), shared=shared)


def test_lists_are_put_in_order_by_what_they_gain_and_nothing_comes_in_or_falls_out(found, lists):
    usual = calibration(len(found))
    group = usual.groups.each()
    seen = []
    for part in lists.in_order(usual):
        for place, (row, count) in enumerate(zip(part.asked.tolist(), part.counts.tolist(), strict=True)):
            seen.append(row)
            rows, scores, gained = (values[place] for values in (part.rows, part.scores, part.shared))
            assert count == found.counts[row]
            assert not any(values[count:].any() for values in (rows, scores, gained))
            assert (np.diff(scores[:count]) <= 0).all()
            alone = np.round(scores - gained, 6)[:count].tolist()
            after = zip(rows[:count].tolist(), alone, strict=True)
            before = zip(*(column[row, :count].tolist() for column in found.columns[:2]), strict=True)
            assert sorted(after) == sorted(before)
            similar = usual.similarities(scores[:count], int(group[row]), group[rows[:count]])
            assert part.similarities[place, :count].tolist() == similar.tolist()
    assert sorted(seen) == [*range(len(found))]


def labels_of(lists, usual):
    """Return the label of each neighbour of every row."""
    return {
        row: dict(zip(part.rows[place, :count].tolist(), part.labels[place, :count].tolist(), strict=True))
        for part in lists.in_order(usual)
        for place, (row, count) in enumerate(zip(part.asked.tolist(), part.counts.tolist(), strict=True))
    }


def is_translation(found, usual, row, other, score):
    """Tell whether two rows of two languages are as near as translations, and each the other's nearest."""
    group = usual.groups.each()
    hubness = usual.hubness_between(np.array([row]), np.array([other]))
    likeness = usual.likeness(np.array([score]), hubness, int(group[row]), group[[other]])
    if group[row] == group[other] or likeness[0] < PAPERS.across[-1]:
        return False
    for one, wanted in ((row, group[other]), (other, group[row])):
        near = zip(found.rows[one, : found.counts[one]], found.scores[one], strict=False)
        rivals = (theirs for third, theirs in near if group[third] == wanted and theirs != score)
        if usual.groups.names[wanted] and max(rivals, default=-9) > score - BEHIND / 1e6:
            return False
    return True


def test_labels_go_by_what_rows_gain_too_but_near_duplicates_by_themselves(found, lists):
    usual = replace(calibration(len(found)), levels=LEVELS)
    told, group, seen = labels_of(lists, usual), usual.groups.each(), []
    are_first = []
    for part in lists.in_order(usual):
        for place, (row, count) in enumerate(zip(part.asked.tolist(), part.counts.tolist(), strict=True)):
            near = part.rows[place, :count]
            hubness = usual.hubness_between(np.full(count, row), near)
            likeness = usual.likeness(part.scores[place, :count], hubness, int(group[row]), group[near])
            topics = usual.topics(likeness, int(group[row]), group[near])
            own = dict(zip(found.rows[row, :count], found.copied[row, :count], strict=True))
            alone = (part.scores - part.shared)[place, :count].round(6)
            for one, topic, score in zip(near.tolist(), topics.tolist(), alone, strict=True):
                is_version = own[one] and group[one] == group[row]
                seen.append((is_version, is_translation(found, usual, row, one, score)))
                if seen[-1][1] and usual.groups.names[group[one]]:
                    first = next(other for other in near.tolist() if group[other] == group[one])
                    are_first.append(first == one)
                assert told[row][one] == (Label.NEAR_DUPLICATE if any(seen[-1]) else topic)
    assert {*seen} == {(True, False), (False, True), (False, False)}
    assert all(are_first)
    assert {label for labels in told.values() for label in labels.values()} == {*Label} - {Label.UNKNOWN}


def test_compiled_code_comes_to_the_same_sums(found, lists):
    by_numpy = [*lists.in_order(calibration(len(found)))]
    lists.compiled_from = 0
    for one, other in zip(lists.in_order(calibration(len(found))), by_numpy, strict=True):
        for name in Listed.__dataclass_fields__:
            assert np.array_equal(getattr(one, name), getattr(other, name)), name


def test_equal_scores_fall_by_row_and_no_share_changes_nothing(found, lists):
    level = replace(found, scores=np.zeros_like(found.scores))
    lists.put(level)
    for part in lists.in_order(calibration(len(found), shared=0.0)):
        for rows, count in zip(part.rows, part.counts, strict=True):
            assert rows[:count].tolist() == sorted(rows[:count])
    lists.put(found)
    for part in lists.in_order(calibration(len(found), shared=0.0)):
        for place, row in enumerate(part.asked):
            assert part.rows[place].tolist() == found.rows[row].tolist()
            assert not part.shared[place].any()


def test_rows_outside_a_list_could_not_have_come_before_those_in_it(found, lists):
    """All gains are at least 0, so that a search for more rows begins with the list."""
    near, scores = lists.near(found.asked)
    assert (shared(found.asked.astype(np.int32), near, scores, lists) >= 0).all()


def test_of_a_small_corpus_a_part_of_all_papers_counts():
    assert [depth_of(n, 50) for n in (1, 13, 14, 20, 349, 350, 10**6)] == [1, 1, 2, 2, 49, 50, 50]


def test_a_share_is_of_the_mean_of_the_nearest():
    assert gain(np.array([0, 3, 1_000_000, 1_000_001]), 0.3).tolist() == [0, 0, 100_000, 100_000]


def test_the_program_asks_neighbours_and_the_vectors_alone_do_not():
    assert FUSED.shared > 0
    assert COSINE.shared == 0
