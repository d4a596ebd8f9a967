import copy
import dataclasses
import json
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

from recommender.builds.papers import PaperTable, PaperWriter, record_of
from recommender.digests import digests_of, first_copies
from recommender.errors import BuildError
from recommender.lookup import ids, records
from recommender.lookup.ids import write_ids
from recommender.lookup.mapped import header, sealed, seed_of
from recommender.lookup.records import Record, encoded, write_records
from recommender.paper import FIELDS, PUT_OTHERS, Paper

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


FILES = [records.FILE, ids.FILE]


def written(papers, unanswerable, build_id, folder):
    """Write papers with the copies among them."""
    with PaperWriter(folder, build_id) as writer:
        for paper in papers:
            writer.add(record_of(paper))
        writer.finish(first_copies(digests_of(paper.digest for paper in papers)), unanswerable)


@pytest.fixture
def folder(tmp_path):
    written(PAPERS, UNANSWERABLE, "tonight", tmp_path)
    return tmp_path


@pytest.fixture
def table(folder):
    table = PaperTable(folder, "tonight")
    yield table
    table.close()


def everything(folder, build_id="tonight"):
    """Return all that a table can tell, or the first refusal."""
    table = PaperTable(folder, build_id)
    try:
        rows = {
            paper_id: table.row_of(paper_id) for paper_id in [*(p.id for p in PAPERS), *UNANSWERABLE, "99"]
        }
        copies = [table.copies_of(row) for row in range(len(table))]
        return [*table.all()], [*table.ids()], rows, copies, table.reasons()
    finally:
        table.close()


def damaged(content, place, mask):
    return content[:place] + bytes([content[place] ^ mask]) + content[place + 1 :]


def test_every_field_of_every_paper_comes_back_in_order(table):
    assert len(table) == len(PAPERS)
    assert [*table.all()] == PAPERS
    assert [*table.ids()] == [paper.id for paper in PAPERS]
    assert [table.paper(row) for row in range(len(PAPERS))] == PAPERS
    assert [table.row_of(paper.id) for paper in PAPERS] == [0, 1, 2, 3, 4]


def test_text_and_prose_of_a_row_are_those_of_its_paper_and_nothing_unfinished_is_left(folder, table):
    odd = Paper(id="x", title=" e\u0301\n", abstract="\u3000", keywords=("", "e\u0301"))
    written([*PAPERS, odd], {}, "later", folder)
    again = PaperTable(folder, "later")
    assert [again.text(row) for row in range(len(again))] == [paper.text for paper in [*PAPERS, odd]]
    assert [again.paper(row).prose for row in range(len(again))] == [paper.prose for paper in [*PAPERS, odd]]
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    with pytest.raises(BuildError, match="row 6 is missing"):
        again.text(6)
    again.close()


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
    assert first_copies(digests_of(paper.digest for paper in PAPERS)).tolist() == [0, 1, 2, 2, 4]
    assert [table.copies_of(row) for row in (0, 2, 3)] == [{0}, {2, 3}, {2, 3}]


def test_records_are_given_as_they_were_written_in_whatever_order(table):
    assert [*table.records([4, 0, 0])] == [record_of(PAPERS[row]) for row in (4, 0, 0)]
    for row in (5, 6, -1):  # a reason is no paper
        with pytest.raises(BuildError, match=f"row {row} is missing"):
            next(table.records([row]))


def test_a_row_beyond_the_end_is_refused(table):
    with pytest.raises(BuildError, match="row 5 is missing"):
        table.paper(5)


def test_a_look_up_and_the_rest_of_the_package_name_the_same_fields(folder, table):
    assert records.FIELDS == FIELDS
    for row, paper in enumerate(PAPERS):
        record = Record(paper.values())
        assert (
            json.dumps(record.as_dict())
            == json.dumps(table.paper(row).as_dict())
            == json.dumps(paper.as_dict())
        )


@pytest.mark.parametrize("name", FILES)
def test_any_flipped_byte_is_refused_when_everything_is_read(folder, name):
    right = everything(folder)
    path = folder / name
    content = path.read_bytes()
    for place in range(len(content)):
        for mask in (1, 255):
            path.write_bytes(damaged(content, place, mask))
            with pytest.raises(BuildError, match=name):
                everything(folder)
    path.write_bytes(content)
    assert everything(folder) == right


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_cut_off_or_too_long_is_refused(folder, name):
    path = folder / name
    content = path.read_bytes()
    for other in [*(content[:size] for size in range(len(content))), content + b"\0", content + content]:
        path.write_bytes(other)
        with pytest.raises(BuildError, match=name):
            everything(folder)


def test_a_damaged_record_leaves_the_other_rows_answering(folder):
    path = folder / records.FILE
    content = path.read_bytes()
    path.write_bytes(damaged(content, content.index(PAPERS[0].title.encode()), 1))
    table = PaperTable(folder, "tonight")
    for refused in (lambda: table.paper(0), lambda: table.row_of("20"), lambda: [*table.all()]):
        with pytest.raises(BuildError, match=r"papers\.bin is damaged \(part 0 does not fit its checksum\)"):
            refused()
    assert [table.paper(row) for row in range(1, len(PAPERS))] == PAPERS[1:]
    table.close()


def test_two_records_that_changed_places_are_refused(folder):
    path = folder / records.FILE
    content = path.read_bytes()
    places = records.PLACE.size * (len(PAPERS) + len(UNANSWERABLE) + 1)
    start = len(content) - places
    first, second = content[start : start + 8], content[start + 8 : start + 16]
    path.write_bytes(content[:start] + second + first + content[start + 16 :])
    table = PaperTable(folder, "tonight")
    for row in (0, 1):
        with pytest.raises(BuildError, match=r"papers\.bin is damaged"):
            table.paper(row)
    assert table.paper(2) == PAPERS[2]
    table.close()


def test_an_id_that_damage_took_away_does_not_pass_for_a_missing_one(folder):
    path = folder / ids.FILE
    content = path.read_bytes()
    wanted = ids.ENTRY.pack(ids._hash("20"), 0)
    path.write_bytes(damaged(content, content.index(wanted), 255))
    table = PaperTable(folder, "tonight")
    for stranger in ("20", "99"):  # there is one bucket
        with pytest.raises(BuildError, match=r"ids\.bin is damaged"):
            table.row_of(stranger)
    table.close()


def test_many_ids_are_found_in_their_buckets_and_none_of_the_others(tmp_path):
    papers = [Paper(id=f"p{number}", title=f"{number}") for number in range(3000)]
    written(papers, {"blank": "no text"}, "tonight", tmp_path)
    table = PaperTable(tmp_path, "tonight")
    assert [table.row_of(paper.id) for paper in papers] == [*range(3000)]
    assert {table.row_of(f"q{number}") for number in range(3000)} == {None}
    assert table.reason("blank") == "no text"
    table.check()
    table.close()


def test_two_ids_of_one_hash_are_told_apart(tmp_path):
    twins = ["plumless", "buckeroo"]  # the textbook's collision of CRC-32
    assert ids._hash(twins[0]) == ids._hash(twins[1])
    written([Paper(id=twins[0], title="a"), Paper(id=twins[1], title="b")], {}, "tonight", tmp_path)
    table = PaperTable(tmp_path, "tonight")
    assert [table.row_of(twin) for twin in twins] == [0, 1]
    table.close()
    written([Paper(id=twins[0], title="a")], {twins[1]: "no text"}, "tonight", tmp_path)
    table = PaperTable(tmp_path, "tonight")
    assert [table.row_of(twin) for twin in twins] == [0, None]
    assert [table.reason(twin) for twin in twins] == [None, "no text"]
    table.close()


@pytest.mark.parametrize("name", FILES)
def test_the_file_of_another_build_is_refused(folder, name):
    written(PAPERS, UNANSWERABLE, "last night", (other := folder / "other").mkdir() or other)
    (folder / name).write_bytes((other / name).read_bytes())
    with pytest.raises(BuildError, match=name):
        PaperTable(folder, "tonight")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [b"", b"RECPAPR1", b"no such file" * 999])
def test_a_file_of_another_kind_is_refused(folder, name, content):
    (folder / name).write_bytes(content)
    with pytest.raises(BuildError, match=rf"{name} is damaged"):
        PaperTable(folder, "tonight")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused_and_not_made(folder, name):
    (folder / name).unlink()
    with pytest.raises(BuildError, match=rf"{name} is damaged"):
        PaperTable(folder, "tonight")
    assert not (folder / name).exists()


def test_the_check_finds_an_id_that_leads_elsewhere(folder):
    names = [*(paper.id for paper in PAPERS), *UNANSWERABLE]
    write_ids([names[1], names[0], *names[2:]], "tonight", folder / ids.FILE)
    table = PaperTable(folder, "tonight")
    with pytest.raises(BuildError, match=r"ids\.bin is damaged \(row 0 is not found\)"):
        table.check()
    table.close()


def test_the_check_finds_a_row_that_no_bucket_names(tmp_path):
    written([Paper(id="a", title="a"), Paper(id="b", title="b")], {}, "tonight", tmp_path)
    seed = seed_of("tonight")
    first = sealed(ids.ENTRY.pack(ids._hash("a"), 0), 0, seed)
    whole = header(ids.MAGIC, 1, 2, seed) + ids.COUNTS.pack(0, 1) + first + bytes(ids.ENTRY.size)
    (tmp_path / ids.FILE).write_bytes(whole)
    table = PaperTable(tmp_path, "tonight")
    with pytest.raises(BuildError, match=r"row 1 is not found"):
        table.check()
    table.close()


def test_the_check_finds_an_id_that_nothing_has(folder):
    write_records(
        (encoded(p.values()) for p in PAPERS),
        [0, 1, 2, 2, 4],
        {"15": "no text"},
        "tonight",
        folder / "papers.bin",
    )
    with pytest.raises(BuildError, match=r"ids\.bin has 7 ids, not one a record"):
        PaperTable(folder, "tonight")


def test_a_reason_may_hold_any_characters(tmp_path):
    odd = {"a\0b": "it has\0 a NUL", "x\ny": "\t", "": "empty"}
    written(PAPERS[:1], odd, "tonight", tmp_path)
    table = PaperTable(tmp_path, "tonight")
    assert table.reasons() == odd
    assert {paper_id: table.reason(paper_id) for paper_id in odd} == odd
    table.close()


def test_reading_changes_nothing_on_the_disk(folder, table):
    before = {path: path.read_bytes() for path in folder.iterdir()}
    table.check()
    assert table.paper(0) == PAPERS[0]
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_name_may_hold_anything(tmp_path):
    folder = tmp_path / "a?mode=rw#b%20c 文献"
    folder.mkdir()
    written(PAPERS, {}, "tonight", folder)
    table = PaperTable(folder, "tonight")
    assert table.paper(4) == PAPERS[4]
    table.close()


def test_many_threads_read_the_same_papers(table):
    rows = [*range(len(PAPERS))] * 200
    with ThreadPoolExecutor(8) as pool:
        found = [*pool.map(lambda row: table.paper(table.row_of(PAPERS[row].id)), rows)]
    assert found == [PAPERS[row] for row in rows]


@pytest.mark.parametrize("field", FIELDS)
def test_every_value_of_a_paper_is_there_whichever_is_wanted_first(table, field):
    assert [getattr(paper, field) for paper in map(table.paper, range(len(PAPERS)))] == [
        getattr(paper, field) for paper in PAPERS
    ]


@pytest.mark.parametrize("same", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])  # noqa: S301
def test_a_paper_is_one_record_however_much_of_it_was_read(table, same):
    for row, paper in enumerate(PAPERS):
        assert same(table.paper(row)) == paper
        assert hash(same(table.paper(row))) == hash(paper)
        assert repr(table.paper(row)) == repr(paper)
        assert dataclasses.replace(table.paper(row), id="other") == dataclasses.replace(paper, id="other")


def test_a_paper_is_whole_when_its_build_is_closed(folder):
    table = PaperTable(folder, "tonight")
    papers = [*map(table.paper, range(len(PAPERS)))]
    table.close()
    assert papers == PAPERS


def test_a_paper_has_no_other_values_and_takes_none(table):
    paper = table.paper(0)
    with pytest.raises(AttributeError, match="'publisher'"):
        _ = paper.publisher
    with pytest.raises(dataclasses.FrozenInstanceError):
        paper.abstract = "another"
    assert paper == PAPERS[0]


def test_another_thread_may_want_a_value_of_a_paper_while_they_are_decoded(table, monkeypatch):
    def put(paper, value):
        with ThreadPoolExecutor(1) as other:
            assert other.submit(getattr, paper, "subject").result() == PAPERS[0].subject
        first(paper, value)

    first = PUT_OTHERS["abstract"]
    paper = table.paper(0)
    with monkeypatch.context() as patch:
        patch.setitem(PUT_OTHERS, "abstract", lambda paper, value: (patch.undo(), put(paper, value)))
        assert paper.abstract == PAPERS[0].abstract
    assert paper == PAPERS[0]
