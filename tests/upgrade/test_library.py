"""Libraries that earlier versions wrote, with papers inside, are read, imported into, recovered and rebuilt.

Every layout that `library.db` ever had before the present one stands here as SQL, with the rows that its
version wrote. All have format 1, whose rows have no stamps.
"""

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from recommender.errors import LibraryError
from recommender.library import Library, Source, recover
from recommender.library.database import APPLICATION_ID, FORMAT, SCHEMA
from recommender.library.rows import OF_PAPER, OF_REJECTED, OF_SOURCE, stamp
from recommender.main import run
from recommender.paper import Paper
from recommender.readers import read_papers

SETTINGS = ("PRAGMA application_id = 1382376303", "PRAGMA user_version = 1")
PLAIN = (
    "CREATE TABLE sources (number INTEGER PRIMARY KEY{auto}, name TEXT NOT NULL UNIQUE, format TEXT NOT NULL,"
    " imported_at TEXT NOT NULL)",
    "CREATE TABLE papers (ordinal INTEGER PRIMARY KEY{auto}, id TEXT NOT NULL UNIQUE, digest BLOB NOT NULL,"
    " source INTEGER NOT NULL REFERENCES sources (number), place TEXT NOT NULL, added_at TEXT NOT NULL,"
    " imported_at TEXT NOT NULL, language TEXT NOT NULL, blank INTEGER NOT NULL, record BLOB NOT NULL)",
    "CREATE INDEX papers_in_summary ON papers (source, language, blank)",
    "CREATE TABLE rejected (number INTEGER PRIMARY KEY{auto}, source INTEGER NOT NULL REFERENCES sources"
    " (number) ON DELETE CASCADE, place TEXT NOT NULL, reason TEXT NOT NULL, paper_id TEXT)",
    "CREATE INDEX rejected_in_summary ON rejected (source)",
    *SETTINGS,
)
LAYOUTS = {
    "of 2026-11-23, numbers never used twice": [line.format(auto=" AUTOINCREMENT") for line in PLAIN],
    "since 2026-11-24": [line.format(auto="") for line in PLAIN],
}
MONDAY, NOW = "2026-11-23T02:15:00+00:00", datetime(2026, 12, 1, 2, 15, tzinfo=UTC)
RECORDS = [
    {"id": "a", "title": "产教融合的治理", "abstract": "市域产教联合体推动职业教育发展。", "language": "zh"},
    {"id": "b", "title": "Perovskite films", "authors": ["A. B", "C. D"], "year": 2020, "language": "en"},
    {"id": "ß/😀", "title": "Stability", "keywords": ["x; y"], "doi": "10.1000/1", "language": "en"},
    {"id": "blank", "authors": ["N. N"], "language": "en"},
]


def rows():
    for number, fields in enumerate(RECORDS, start=1):
        record = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
        digest = hashlib.sha256(record).digest()
        is_blank = not (fields.get("title") or fields.get("abstract"))
        place = f"line {number}"
        yield fields["id"], digest, 1, place, MONDAY, MONDAY, fields["language"], is_blank, record


@pytest.fixture(params=LAYOUTS.values(), ids=LAYOUTS)
def path(tmp_path, request):
    """A library of an earlier version: four papers, one of them blank, and a record that was rejected."""
    path = tmp_path / "library.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode = WAL")
        for statement in request.param:
            connection.execute(statement)
        connection.execute("INSERT INTO sources VALUES (1, '/x/papers.jsonl', 'jsonl', ?)", (MONDAY,))
        connection.executemany("INSERT INTO papers VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows())
        connection.execute("INSERT INTO rejected VALUES (1, 1, 'line 5', 'no JSON', NULL)")
    return path


def papers():
    return [Paper.from_dict(fields) for fields in RECORDS]


def test_every_paper_is_read_as_it_was_written(path):
    with Library.open_read_only(path) as library:
        assert [*library.papers()] == papers()
        assert library.get("b").added_at == datetime.fromisoformat(MONDAY)
        summary = library.summary()
        assert (summary.n_papers, summary.n_blank, summary.n_rejected) == (4, 1, 1)
        assert [entry.reason for entry in library.rejected()] == ["no JSON"]
        assert library.added_since(NOW) == set()


def test_an_import_goes_on_where_the_earlier_version_stopped(path, tmp_path):
    changed = [dict(RECORDS[1], title="Other films"), {"id": "new", "title": "Bees and pesticides"}]
    file = tmp_path / "papers.jsonl"
    file.write_text("".join(json.dumps(entry) + "\n" for entry in changed), encoding="utf-8")
    source = Source(name="/x/papers.jsonl", format="jsonl", read=lambda _: read_papers(file))
    with Library.open(path) as library:
        (report,) = library.import_papers([source], now=NOW).sources
        assert (report.n_new, report.n_changed) == (1, 1)
        assert [paper.id for paper in library.papers()] == ["a", "b", "ß/😀", "blank", "new"]
        assert library.get("b").paper.title == "Other films"
        assert library.get("b").added_at == datetime.fromisoformat(MONDAY)
        assert library.added_since(NOW) == {"new"}
        assert library.summary().n_rejected == 0
        library.remove(["a", "new"])
        assert [paper.id for paper in library.papers()] == ["b", "ß/😀", "blank"]


def layout(path):
    """Return the statements that made the tables and indexes of a library."""
    with closing(sqlite3.connect(path)) as connection:
        return {text for (text,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}


def formats(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


def test_reading_leaves_it_as_it_is(path):
    before = path.read_bytes()
    with Library.open_read_only(path) as library:
        assert len([*library.papers()]) == 4
    assert path.read_bytes() == before


def test_opening_it_to_write_gives_every_row_its_stamp(path):
    with Library.open(path) as library:
        assert [*library.papers()] == papers()
        assert [entry.reason for entry in library.rejected()] == ["no JSON"]
        assert library.summary().n_papers == 4
    assert formats(path) == FORMAT == 2
    with closing(sqlite3.connect(path)) as connection:
        for table, columns in (("papers", OF_PAPER), ("sources", OF_SOURCE), ("rejected", OF_REJECTED)):
            found = connection.execute(f"SELECT {columns}, stamp FROM {table}").fetchall()
            assert found
            assert all(stamp(*row[:-1]) == row[-1] for row in found)
        connection.execute("UPDATE papers SET added_at = imported_at, place = 'line 9' WHERE id = 'b'")
        connection.commit()
    with Library.open_read_only(path) as library, pytest.raises(LibraryError, match="row of paper 'b'"):
        library.get("b")


def test_an_upgrade_that_ends_half_way_leaves_it_as_it_was(path, monkeypatch):
    def failing(*values):
        if "b" in values:
            raise RuntimeError
        return stamp(*values)

    before = layout(path)
    monkeypatch.setattr("recommender.library.database.stamp", failing)
    with pytest.raises(LibraryError):
        Library.open(path)
    assert (layout(path), formats(path)) == (before, 1)
    monkeypatch.undo()
    with Library.open(path) as library:
        assert [*library.papers()] == papers()


def test_a_recovery_moves_it_to_the_layout_of_today(path):
    recovered = recover(path, now=NOW)
    assert (recovered.n_saved, recovered.lost, recovered.n_undated) == (4, (), 0)
    assert not recovered.rejected_lost
    with Library.open(path) as library:
        assert [*library.papers()] == papers()
        assert library.summary().n_rejected == 1
        assert library.get("b").added_at == datetime.fromisoformat(MONDAY)
    assert layout(path) == {statement for statement in SCHEMA if statement.startswith("CREATE")}
    assert formats(path) == FORMAT


def test_a_build_is_made_of_it(path, capsys):
    assert run(["rebuild", "--home", str(path.parent)]) == 0
    assert run(["--id", "b", "--k", "2", "--home", str(path.parent)]) == 0
    assert "ß/😀" in capsys.readouterr().out


def test_the_layout_of_today_is_known():
    """Whoever changes it adds what was before to the layouts above, and says what it means for the format."""
    squeezed = [" ".join(statement.split()).replace("( ", "(") for statement in SCHEMA]
    assert hashlib.sha256("\n".join(squeezed).encode()).hexdigest()[:8] == "abaada1f"
    assert (APPLICATION_ID, FORMAT) == (1382376303, 2)


@pytest.mark.parametrize(("found", "why"), [(3, "newer"), (0, "older")])
def test_a_library_of_another_format_is_left_as_it_is_and_says_what_to_do(path, found, why):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {found}")
    before = path.read_bytes()
    for opening in (Library.open, Library.open_read_only):
        with pytest.raises(
            LibraryError, match=f"has format {found}, this version of recommender reads 2"
        ) as told:
            opening(path)
        assert ("update recommender" in str(told.value)) is (why == "newer")
    assert path.read_bytes() == before
