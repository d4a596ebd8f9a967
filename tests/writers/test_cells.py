"""Lists in one cell: they come apart as they were, in an export and in an answer."""

import pytest

from recommender.neighbour import LABELS
from recommender.paper import Paper
from recommender.presentation.formats import to_csv
from recommender.readers import read_papers
from recommender.recommendation import Answer, Query, Recommendation
from recommender.writers.cells import lists_of

ODD = [
    (("Smith; Jones Ltd", "Lee, J"), ("C、N、P化学计量学", "a; b")),
    (("王，作鹏", "李四"), ("deep learning, shallow learning",)),
    (("Barnes and Noble",), ("[x]", "y")),
    (("Müller, K", "O'Neill|Sons"), ("one\ntwo",)),
]


@pytest.mark.parametrize(("authors", "keywords"), ODD)
def test_names_with_marks_in_them_come_apart_again(tmp_path, authors, keywords):
    paper = Paper(id="a", title="=bees()", abstract="Bees dance.", authors=authors, keywords=keywords)
    result = Recommendation(rank=1, paper=paper, score=0.5, similarity=0.5, label=LABELS[-1])
    answer = Answer(query=Query(text="bees"), liked=(), results=(result,), build_id="B", seconds=0.0)
    path = tmp_path / "answer.csv"
    path.write_text(to_csv(answer), "utf-8")
    (found,) = [source.paper for source in read_papers(path)]
    assert (found.title, found.authors, found.keywords) == (paper.title, authors, keywords)


def test_plain_names_stand_side_by_side():
    paper = Paper(id="a", title="x", authors=("Smith, John", "王作鹏"), keywords=("治理", "deep learning"))
    assert lists_of(paper) == {"authors": "Smith, John; 王作鹏", "keywords": "治理; deep learning"}
    western = Paper(id="a", title="x", authors=("Smith, John", "Doe, Jane"))
    assert lists_of(western)["authors"] == "Smith, John; Doe, Jane"
