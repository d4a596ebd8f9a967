"""Labels of answers, in the sample and by the model that ships."""

from itertools import pairwise

import pytest

from recommender.neighbour import Label
from recommender.sample import sample_papers
from recommender.settings import Settings
from recommender.workspace import Workspace

PAPERS = sample_papers()
STORED = 50


@pytest.fixture(scope="module")
def recommender(tmp_path_factory):
    workspace = Workspace(Settings(home=tmp_path_factory.mktemp("home")))
    workspace.build_sample()
    return workspace.recommender()


def labels(answer):
    return {result.paper.id: result.label for result in answer.results}


def rises(answer):
    """Tell whether some paper has a higher label than the one above it."""
    return any(below.label > above.label for above, below in pairwise(answer.results))


def test_labels_seldom_rise_down_a_list(recommender):
    answers = [recommender.similar_to(paper.id, k=10) for paper in PAPERS]
    # Of two papers that are as alike, the one that is more like all others stands behind.
    assert sum(map(rises, answers)) < 0.1 * len(PAPERS)
    longer = [recommender.similar_to(paper.id, k=15) for paper in PAPERS]  # of ten few are unrelated
    given = [result.label for answer in longer for result in answer.results]
    assert min(given.count(label) for label in (*Label,)[1:]) > 0.02 * len(given)


@pytest.mark.parametrize("paper", PAPERS[::40], ids=lambda paper: paper.id)
def test_a_paper_has_one_label_whichever_way_it_is_asked_for(recommender, paper):
    stored = labels(recommender.similar_to(paper.id, k=STORED))
    searched = labels(recommender.similar_to(paper.id, k=STORED + 10))
    pasted = labels(recommender.similar_to_text(paper.text, k=STORED))
    assert {name: label for name, label in searched.items() if name in stored} == stored
    shared = {*pasted} & {*stored}
    assert len(shared) > STORED - 10
    # the text itself is among the neighbours of what is pasted
    differing = [name for name in shared if pasted[name] != stored[name]]
    assert len(differing) < 0.2 * len(shared)
    assert all(abs(pasted[name] - stored[name]) == 1 for name in differing)
