from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import RecommenderError, RecordError, SourceError, UsageError
from recommender.evaluation.judgements import read, write
from recommender.text.spellings import composed


@pytest.fixture
def file(tmp_path):
    def written(content: str | bytes) -> Path:
        path = tmp_path / "pairs.tsv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def test_each_side_of_a_pair_becomes_a_query(file):
    path = file("id_a\tid_b\tgrade\n9\t5\t2\n9\t12\t3\n")
    assert read(path) == {"9": {"5": 2, "12": 3}, "5": {"9": 2}, "12": {"9": 3}}


def test_a_pair_without_a_grade_column_has_grade_one(file):
    assert read(file("id_a\tid_b\n甲\t乙\n")) == {"甲": {"乙": 1}, "乙": {"甲": 1}}


def test_comments_blank_lines_byte_order_mark_and_windows_line_ends_are_no_judgements(file):
    path = file("\ufeff# made by hand\r\nid_a\tid_b\tgrade\r\n\r\n# topic 1\r\n1\t2\t3\r\n".encode())
    assert read(path) == {"1": {"2": 3}, "2": {"1": 3}}


def test_trec_qrels_are_directed_and_may_say_that_a_paper_is_not_similar(file):
    assert read(file("q1 0 d1 2\nq1\t0\td 2\t0\nq2  Q0  d1  -2\n")) == {
        "q1": {"d1": 2, "d 2": 0},
        "q2": {"d1": -2},
    }


def test_a_pair_said_twice_alike_counts_once(file):
    assert read(file("id_a\tid_b\tgrade\n1\t2\t3\n2\t1\t3\n")) == {"1": {"2": 3}, "2": {"1": 3}}


def test_a_pair_with_two_grades_is_refused_with_both_lines(file):
    path = file("# pairs\nid_a\tid_b\tgrade\n1\t2\t3\n3\t4\t1\n2\t1\t2\n")
    with pytest.raises(RecordError) as caught:
        read(path)
    assert str(caught.value) == f"{path}, line 5: grade 2 for '2' and '1', but line 3 says 3; keep one"


def test_trec_qrels_may_grade_the_two_directions_apart_but_not_one_of_them(file):
    assert read(file("a 0 b 2\nb 0 a 1\n")) == {"a": {"b": 2}, "b": {"a": 1}}
    with pytest.raises(RecordError, match=r"line 2: grade 1 for 'a' and 'b', but line 1 says 2"):
        read(file("a 0 b 2\na 0 b 1\n"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id_a\tid_b\tgrade\n1\t2\t3\n7\t7\t3\n", "line 3: '7' is judged against itself"),
        ("id_a\tid_b\tgrade\n1\t2\n", "line 2: expected 3 columns, found 2"),
        ("id_a\tid_b\n1\t2\t3\n", "line 2: expected 2 columns, found 3"),
        ("id_a\tid_b\tgrade\n1\t2\thigh\n", "line 2: a grade is a whole number from -10 to 100, got 'high'"),
        ("id_a\tid_b\tgrade\n1\t2\t101\n", "got '101'"),
        ("id_a\tid_b\tgrade\n1\t2\t2.0\n", "got '2.0'"),
        ("id_a\tid_b\tgrade\n1\t2\t\n", "got ''"),
        ("id_a\tid_b\tgrade\n1\t\t2\n", "line 2: an id must be non-empty and printable, got ''"),
        ("id_a\tid_b\tgrade\n1\ta\0b\t2\n", "an id must be non-empty and printable"),
        ("q1 0 d1 1\nq1 0 d1\n", "line 2: expected 4 columns, found 3"),
        ("q1 0 q1 1\n", "line 1: 'q1' is judged against itself"),
        ("1\t2\t3\n", "line 1: expected the header id_a, id_b, grade"),
        ("# note\nleft,right\n", "line 2: expected the header id_a, id_b, grade"),
    ],
)
def test_a_line_that_is_no_judgement_is_refused_with_its_number(file, content, said):
    with pytest.raises(RecordError) as caught:
        read(file(content))
    assert said in str(caught.value)


@pytest.mark.parametrize("content", ["", "\n\n", "# only a comment\n", "id_a\tid_b\tgrade\n"])
def test_a_file_without_a_judgement_is_refused(file, content):
    with pytest.raises(SourceError, match="no judgement"):
        read(file(content))


def test_a_file_that_is_missing_a_folder_or_not_utf8_is_refused(file, tmp_path):
    with pytest.raises(SourceError, match=r"nowhere\.tsv: cannot be read \(No such file"):
        read(tmp_path / "nowhere.tsv")
    with pytest.raises(SourceError, match=r"cannot be read \(Is a directory"):
        read(tmp_path)
    with pytest.raises(SourceError, match="not UTF-8"):
        read(file("id_a\tid_b\n甲\t乙\n".encode("gb18030")))


def test_symmetric_judgements_are_written_as_pairs_each_once(tmp_path):
    write({"1": {"2": 3}, "2": {"1": 3, "3": 1}, "3": {"2": 1}}, tmp_path / "pairs.tsv")
    assert (tmp_path / "pairs.tsv").read_text() == "id_a\tid_b\tgrade\n1\t2\t3\n2\t3\t1\n"


def test_directed_judgements_are_written_as_trec_qrels(tmp_path):
    write({"1": {"2": 3, "3": 0}}, tmp_path / "pairs.tsv")
    assert (tmp_path / "pairs.tsv").read_text() == "1\t0\t2\t3\n1\t0\t3\t0\n"


@pytest.mark.parametrize("name", ["", " a", "#a", "a\tb", "a\nb", "q"])
def test_an_id_that_could_not_be_read_back_is_not_written(tmp_path, name):
    with pytest.raises(ValueError, match=r"an id must|against itself"):
        write({"q": {name: 1}}, tmp_path / "pairs.tsv")
    assert not [*tmp_path.iterdir()]


def test_a_file_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(UsageError, match=r"cannot be written \(folder .*missing does not exist\)"):
        write({"a": {"b": 1}}, tmp_path / "missing" / "pairs.tsv")


LETTERS = st.characters(codec="utf-8", exclude_categories=("C", "Z"))
WORDS = st.text(LETTERS, min_size=1, max_size=3).map(composed)
IDS = st.lists(WORDS, min_size=1, max_size=2).map(" ".join).filter(lambda name: not name.startswith("#"))
GRADES = st.integers(-10, 100)
JUDGED = st.dictionaries(st.lists(IDS, min_size=2, max_size=2, unique=True).map(tuple), GRADES, min_size=1)


@given(judged=JUDGED, symmetric=st.booleans())
def test_what_is_written_is_read_back(tmp_path_factory, judged, symmetric):
    qrels: dict[str, dict[str, int]] = {}
    for (one, other), grade in judged.items():
        qrels.setdefault(one, {})[other] = grade
        if symmetric:
            qrels.setdefault(other, {})[one] = grade
    path = tmp_path_factory.mktemp("judgements") / "file"
    write(qrels, path)
    assert read(path) == qrels


@given(content=st.binary() | st.text(alphabet="ab12\t #-\n").map(str.encode))
def test_whatever_a_file_holds_only_an_error_of_the_package_comes_out(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("judgements") / "file"
    path.write_bytes(content)
    try:
        qrels = read(path)
    except RecommenderError:
        return
    assert all(grades and query not in grades for query, grades in qrels.items())
