import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from recommender.builds.papers import FILE, PaperTable, first_copies, write_papers
from recommender.errors import BuildError
from recommender.paper import Paper

PAPERS = [
    Paper(
        id="20",
        title="市域产教联合体",
        abstract="产教融合，治理。",
        authors=("王作鹏", "Ann O'Neil"),
        venue="教育与职业",
        year=2021,
        volume="998",
        issue="22",
        pages="91-96",
        doi="10.1/x",
        url="https://example.org/?q=1",
        keywords=("职业教育", "naïve"),
        language="zh",
        subject="教育",
    ),
    Paper(id="3", title="emoji 😀 and 𠮷"),
    Paper(id="01", title="same text"),
    Paper(id="1", abstract="same text", year=1999),
    Paper(id="a b/%?", title='quotes " and \\ and \n lines'),
]
UNANSWERABLE = {"15": "it has neither title nor abstract", "坏": "it was rejected"}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / FILE
    write_papers(PAPERS, UNANSWERABLE, "tonight", path)
    return path


@pytest.fixture
def table(path):
    table = PaperTable(path, "tonight")
    yield table
    table.close()


def edit(path, statement):
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement)
    connection.close()


def test_every_field_of_every_paper_comes_back_in_order(table):
    assert len(table) == len(PAPERS)
    assert [*table.all()] == PAPERS
    assert [*table.ids()] == [paper.id for paper in PAPERS]
    assert [table.paper(row) for row in range(len(PAPERS))] == PAPERS
    assert [table.row_of(paper.id) for paper in PAPERS] == [0, 1, 2, 3, 4]


def test_ids_are_texts_not_numbers(table):
    assert (table.row_of("01"), table.row_of("1")) == (2, 3)
    assert table.row_of("1.0") is None


@pytest.mark.parametrize("stranger", ["99", "", " 3", "3\0", "' OR 1 = 1 --", "\udcff", "x" * 100_000])
def test_an_id_that_is_not_there_has_no_row_and_no_reason(table, stranger):
    assert table.row_of(stranger) is None
    assert table.reason(stranger) is None


def test_a_paper_that_cannot_be_answered_has_a_reason_and_no_row(table):
    assert {paper_id: table.reason(paper_id) for paper_id in UNANSWERABLE} == UNANSWERABLE
    assert table.reasons() == UNANSWERABLE
    assert table.row_of("15") is None
    assert table.reason("20") is None


def test_copies_are_papers_with_the_same_text(table):
    assert first_copies(PAPERS) == [0, 1, 2, 2, 4]
    assert [table.copies_of(row) for row in (0, 2, 3)] == [{0}, {2, 3}, {2, 3}]


def test_a_row_beyond_the_end_is_refused(table):
    with pytest.raises(BuildError, match="row 5 is missing"):
        table.paper(5)


def test_any_flipped_bit_of_a_record_is_refused_and_the_other_rows_still_answer(path):
    content = path.read_bytes()
    title = PAPERS[0].title.encode()
    start = content.index(title)
    for place in range(start, start + len(title)):
        for bit in range(8):
            path.write_bytes(content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :])
            table = PaperTable(path, "tonight")
            with pytest.raises(BuildError, match=r"papers\.db is damaged"):
                table.paper(0)
            with pytest.raises(BuildError, match=r"papers\.db is damaged"):
                table.row_of("20")
            with pytest.raises(BuildError, match=r"papers\.db is damaged"):
                [*table.all()]
            assert table.paper(1) == PAPERS[1]
            table.close()


@pytest.mark.parametrize(
    "change", ["id = '21'", "first_copy = 2", "checksum = checksum + 1", "record = '{}'", "row = 99"]
)
def test_a_row_with_any_changed_column_is_refused(path, change):
    edit(path, f"UPDATE papers SET {change} WHERE row = 0")  # noqa: S608
    table = PaperTable(path, "tonight")
    with pytest.raises(BuildError, match="does not fit its checksum"):
        [*table.all()]
    table.close()


def test_a_paper_that_damage_turned_into_a_copy_is_refused(path):
    edit(path, "UPDATE papers SET first_copy = 2 WHERE row = 0")
    table = PaperTable(path, "tonight")
    with pytest.raises(BuildError, match="row 0 does not fit"):
        table.copies_of(2)
    table.close()


def test_a_damaged_reason_is_refused(path):
    content = path.read_bytes()
    path.write_bytes(content.replace(b"neither title", b"another title"))
    table = PaperTable(path, "tonight")
    with pytest.raises(BuildError, match="the entry of '15'"):
        table.reason("15")
    table.close()


def test_the_file_of_another_build_is_refused(path):
    table = PaperTable(path, "last night")
    with pytest.raises(BuildError, match="row 0"):
        table.paper(0)
    with pytest.raises(BuildError, match="'15'"):
        table.reason("15")
    table.close()


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"no database" * 999])
def test_a_file_that_is_no_database_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(BuildError, match=r"papers\.db is damaged"):
        PaperTable(path, "tonight").row_of("20")


def test_a_missing_file_is_refused_and_not_made(tmp_path):
    with pytest.raises(BuildError, match=r"papers\.db is damaged"):
        PaperTable(tmp_path / FILE, "tonight").row_of("20")
    assert not (tmp_path / FILE).exists()


def test_the_structure_check_finds_a_damaged_page(path):
    content = bytearray(path.read_bytes())
    content[4096:4200] = bytes(104)
    path.write_bytes(content)
    table = PaperTable(path, "tonight")
    with pytest.raises(BuildError, match=r"papers\.db is damaged"):
        table.check()
    table.close()


def test_reading_changes_nothing_on_the_disk(path, table):
    before = path.read_bytes()
    table.check()
    assert table.paper(0) == PAPERS[0]
    assert path.read_bytes() == before
    assert [*path.parent.iterdir()] == [path]


def test_a_folder_name_may_hold_what_an_address_may_not(tmp_path):
    folder = tmp_path / "a?mode=rw#b%20c 文献"
    folder.mkdir()
    write_papers(PAPERS, {}, "tonight", folder / FILE)
    table = PaperTable(folder / FILE, "tonight")
    assert table.paper(4) == PAPERS[4]
    table.close()


def test_many_threads_read_the_same_papers(table):
    rows = [*range(len(PAPERS))] * 200
    with ThreadPoolExecutor(8) as pool:
        found = [*pool.map(lambda row: table.paper(table.row_of(PAPERS[row].id)), rows)]
    assert found == [PAPERS[row] for row in rows]
