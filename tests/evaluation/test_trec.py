from itertools import pairwise

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import RR, R, Success, nDCG

from recommender.errors import RecommenderError, RecordError, SourceError, UsageError
from recommender.evaluation.evaluate import evaluate
from recommender.evaluation.judgements import read, write_qrels
from recommender.evaluation.trec import read_run, write_run


@pytest.fixture
def file(tmp_path):
    def written(content):
        path = tmp_path / "run"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def test_a_list_is_in_the_order_of_its_scores_whatever_the_lines_and_ranks_say(file):
    path = file("q1 Q0 a 1 0.5 x\nq2 Q0 a 1 7 x\nq1 Q0 b 2 0.9 x\nq1 Q0 c 3 -1e3 x\n")
    assert read_run(path) == {"q1": ["b", "a", "c"], "q2": ["a"]}


def test_papers_of_one_score_are_in_the_order_of_their_ranks(file):
    assert read_run(file("q Q0 a 2 1 x\nq Q0 b 1 1 x\nq Q0 c 0 0.5 x\n")) == {"q": ["b", "a", "c"]}


def test_ids_with_spaces_are_parted_by_tabs(file):
    assert read_run(file("q 1\tQ0\ta b\t1\t0.5\tx\n# note\n\n")) == {"q 1": ["a b"]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("q Q0 a 1 0.5 x\nq Q0 a 1\n", "line 2: expected 6 columns, found 4"),
        ("q Q0 a 1 high x\n", "line 1: a score is a number, got 'high'"),
        ("q Q0 a 1 nan x\n", "a score is a number, got 'nan'"),
        ("q Q0 a first 1 x\n", "a rank is a number, got 'first'"),
        (
            "q Q0 a 1 2 x\nr Q0 a 1 2 x\nq Q0 a 2 1 x\n",
            "line 3: 'a' is in the list of 'q' already, see line 1",
        ),
        ("q\tQ0\t\t1\t2\tx\n", "an id must be non-empty"),
        (f"q Q0 {'a' * 100_000} 1 2 x\n", "line 1: longer than 100,000 characters"),
    ],
)
def test_a_line_that_is_none_of_a_run_is_refused_with_its_number(file, content, said):
    with pytest.raises(RecordError) as caught:
        read_run(file(content))
    assert said in str(caught.value)


def test_an_empty_missing_or_binary_file_is_refused(file, tmp_path):
    with pytest.raises(SourceError, match="no line of a run"):
        read_run(file("# nothing\n"))
    with pytest.raises(SourceError, match="cannot be read"):
        read_run(tmp_path / "nowhere")
    with pytest.raises(SourceError, match="not UTF-8"):
        read_run(file(b"\xff\xfe\x00"))


@given(st.binary() | st.text(alphabet="ab1 \tQ0.-\n").map(str.encode))
def test_whatever_a_file_holds_only_an_error_of_the_package_comes_out(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("run") / "run"
    path.write_bytes(content)
    try:
        run = read_run(path)
    except RecommenderError:
        return
    assert all(len({*ranked}) == len(ranked) > 0 for ranked in run.values())


def test_a_run_is_written_with_falling_scores_and_read_back(tmp_path):
    run = {"q": ["b", "a 2", "c"], "r": [f"d{n}" for n in range(5_000)]}
    write_run(run, tmp_path / "run")
    lines = (tmp_path / "run").read_text().splitlines()
    assert lines[1] == "q\tQ0\ta 2\t2\t-2\trecommender"
    scores = [float(line.split("\t")[4]) for line in lines[3:]]
    assert all(one > after for one, after in pairwise(scores))
    assert read_run(tmp_path / "run") == run


def test_an_id_that_could_not_be_read_back_and_a_folder_that_is_missing_are_refused(tmp_path):
    with pytest.raises(ValueError, match="an id must"):
        write_run({"q": ["a\tb"]}, tmp_path / "run")
    with pytest.raises(UsageError, match="cannot be written"):
        write_run({"q": ["a"]}, tmp_path / "missing" / "run")
    assert not [*tmp_path.iterdir()]


def test_judgements_are_written_as_qrels_though_they_are_symmetric(tmp_path):
    qrels = {"a": {"b": 2}, "b": {"a": 2}}
    write_qrels(qrels, tmp_path / "qrels")
    assert (tmp_path / "qrels").read_text() == "a\t0\tb\t2\nb\t0\ta\t2\n"
    assert read(tmp_path / "qrels") == qrels


PAPERS = [f"d{number}" for number in range(15)]
GRADES = st.dictionaries(st.sampled_from(PAPERS), st.integers(-1, 3), min_size=1)
RANKINGS = st.permutations(PAPERS).flatmap(lambda papers: st.integers(1, 15).map(lambda n: papers[:n]))


@given(
    qrels=st.dictionaries(st.sampled_from("qrst"), GRADES, min_size=1).filter(
        lambda qrels: any(grade >= 1 for grades in qrels.values() for grade in grades.values())
    ),
    run=st.dictionaries(st.sampled_from("qrstu"), RANKINGS, min_size=1),
)
def test_the_means_of_a_report_equal_those_of_ir_measures_on_the_files_that_are_written(
    tmp_path_factory, qrels, run
):
    folder = tmp_path_factory.mktemp("trec")
    write_run(run, folder / "run")
    write_qrels(qrels, folder / "qrels")
    report = evaluate(qrels, run, languages=dict.fromkeys([*PAPERS, *"qrstu"], "en"))
    rel = report.conditions.relevant_from
    references = [R(rel=rel) @ 10, Success(rel=rel) @ 10, RR(rel=rel) @ 10, nDCG @ 10]
    judged = [*ir_measures.read_trec_qrels(str(folder / "qrels"))]
    ranked = [*ir_measures.read_trec_run(str(folder / "run"))]
    for entry, reference in zip(report.metrics, references, strict=True):
        values = [one.value for one in ir_measures.iter_calc([reference], judged, ranked)]
        # what has no relevant paper scores 0 there and takes no part here
        assert entry.system.mean * entry.n_queries == pytest.approx(sum(values), abs=1e-6), reference
