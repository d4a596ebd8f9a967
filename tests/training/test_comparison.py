import numpy as np
import pytest

from recommender.evaluation.intervals import Difference, Estimate
from recommender.paper import Paper
from recommender.sample import sample_corpus
from recommender.training.comparison import Measure, Questions, compare, objections
from recommender.vectors import normalised

LETTERS = "abcdefgh"


class Counting:
    """Counts the letters a to h; whatever else there is counts a little, so that no text is without."""

    fingerprint = "counting"
    fills_cores = False
    dim = len(LETTERS) + 1

    def __init__(self, letters=LETTERS):
        self._letters = letters

    def encode(self, texts):
        counts = [[text.count(letter) for letter in LETTERS] for text in texts]
        known = np.array([letter in self._letters for letter in LETTERS])
        return normalised(np.hstack([np.array(counts) * known, np.full((len(texts), 1), 0.1)]))

    def windows(self, texts):
        return [1] * len(texts)


def paper(number, title, abstract, subject=""):
    return Paper(id=str(number), title=title, abstract=abstract, subject=subject)


def measure(difference, p=0.5, name="half → other half: MRR", *, is_guard=False):
    return Measure(
        name=name,
        n=50,
        before=Estimate(0.5, 0.4, 0.6),
        after=Estimate(0.5 + difference, 0.4, 0.6),
        difference=Difference(difference, difference - 0.1, difference + 0.1, p),
        is_guard=is_guard,
    )


def test_a_title_asks_for_its_abstract_among_all_and_the_learnt_ones_stand_between():
    held_out = [paper(1, "ab", "a b"), paper(2, "cd", "c c d"), paper(3, "", "e e e")]
    learnt = [paper(4, "x", "c d"), paper(5, "x", "")]
    answers = Questions(held_out, learnt).ask(Counting())
    assert answers["title → abstract: MRR"].tolist() == [1, 1 / 2]  # "c d" is nearer to "cd"
    assert answers["title → abstract: R@1"].tolist() == [1, 0]


def test_one_half_of_an_abstract_asks_for_the_other():
    held_out = [paper(1, "", "aa, aa, aa, aa"), paper(2, "", "bb, bb, bb, bb"), paper(3, "", "too short")]
    answers = Questions(held_out, []).ask(Counting())
    assert answers["half → other half: R@1"].tolist() == [1, 1]


def test_the_nearest_of_a_subject_are_asked_for_where_it_has_enough_papers():
    red = [paper(k, "", "a " * k + "b", "red") for k in range(1, 13)]
    blue = [paper(k, "", "c " * (k - 20) + "d", "blue") for k in range(21, 33)]
    rare = [paper(40, "", "a b", "rare"), paper(41, "", "a a b")]
    answers = Questions([red[0], blue[0], *rare], [*red[1:], *blue[1:]]).ask(Counting())
    values = answers["same subject: P@10"]
    assert len(values) == 2  # `rare` has too few others, and the last paper no subject
    assert values[1] == 1
    assert 0.8 <= values[0] < 1  # the two rare ones lie among the red ones


def test_the_sample_s_papers_that_were_learnt_from_are_not_asked_about():
    papers = [*sample_corpus().answerable()]
    everything = Questions(papers[:3], []).ask(Counting())
    nothing = Questions(papers[:3], papers).ask(Counting())
    some = Questions(papers[:3], papers[:200]).ask(Counting())
    name = "sample, same topic: nDCG@10"
    assert len(everything[name]) == 300
    assert 0 < len(some[name]) < 300
    assert len(nothing[name]) == 0


def test_a_model_that_knows_more_letters_is_measured_as_better_question_by_question():
    words = [f"{one}{other}{one}" for one in LETTERS for other in LETTERS]
    held_out = [paper(k, word, f"{word} {word}") for k, word in enumerate(words)]
    found = {m.name: m for m in compare(Counting("abcd"), Counting(), held_out, [])}
    better = found["title → abstract: MRR"]
    assert better.n == 64
    assert better.before.mean < better.after.mean == 1
    assert better.difference.mean == pytest.approx(better.after.mean - better.before.mean)
    assert better.difference.is_significant
    assert "half → other half: MRR" not in found  # nothing to ask
    assert found["sample, same topic: nDCG@10"].is_guard


def test_what_is_better_everywhere_has_no_objection():
    assert objections([measure(0.1), measure(0.0, name="sample", is_guard=True)]) == ()


def test_a_significant_fall_of_any_measure_is_an_objection():
    found = objections([measure(0.2), measure(-0.01, p=0.01, name="same subject: P@10")])
    assert found == ("same subject: P@10 falls from 0.500 to 0.490",)
    assert objections([measure(0.2), measure(-0.01, p=0.2, name="same subject: P@10")]) == ()


def test_the_sample_may_fall_a_little_by_chance_but_not_more():
    assert objections([measure(0.2), measure(-0.019, p=0.2, name="sample", is_guard=True)]) == ()
    found = objections([measure(0.2), measure(-0.021, p=0.2, name="sample", is_guard=True)])
    assert found == ("sample falls from 0.500 to 0.479",)


def test_no_gain_on_the_library_is_an_objection_whatever_the_sample_gains():
    others = [measure(0.3, name="sample", is_guard=True), measure(0.3, name="title → abstract: R@1")]
    found = objections([measure(0.0), *others])
    assert found == ("on the library's held-out papers it is no better than before",)


def test_too_few_questions_are_an_objection():
    found = objections([measure(0.3, name="sample", is_guard=True)])
    assert found == ("fewer than 20 held-out papers can be asked about, too few to tell",)
