"""Files that are no library, no library any more, or out of reach: one sentence, never SQLite's error."""

import sqlite3
from contextlib import closing
from hashlib import sha256

import pytest

from recommender.errors import LibraryError
from recommender.library import Library
from recommender.library.failures import translated
from recommender.library.rows import OF_PAPER, stamp
from tests.library.conftest import NIGHT, paper, source

OPENINGS = pytest.mark.parametrize(
    "opening",
    [
        lambda path: Library.open(path),
        lambda path: Library.open(path, create=True),
        lambda path: Library.open_read_only(path),
    ],
    ids=["write", "create", "read"],
)


def execute(path, statement):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def stamp_anew(connection):
    """Write rows as if they had been meant so."""
    connection.create_function("stamp_of", -1, stamp)
    connection.execute(f"UPDATE papers SET stamp = stamp_of({OF_PAPER})")


@pytest.fixture
def closed(three, path):
    """The file of a library with three papers that nobody has open."""
    three.close()
    return path


def spoil(path, before, after):
    content = path.read_bytes()
    assert content.count(before) == 1
    path.write_bytes(content.replace(before, after))


@pytest.mark.parametrize("opening", [Library.open, Library.open_read_only])
def test_a_missing_library_is_not_made_unasked(tmp_path, opening):
    with pytest.raises(LibraryError, match=r"there is no library at .*; make one with: recommend import"):
        opening(tmp_path / "home" / "library.db")
    assert list(tmp_path.iterdir()) == []


@OPENINGS
@pytest.mark.parametrize("content", [b"id,title\n1,One\n" * 100, b"\x00" * 5000, b"SQLite format 3\x00"])
def test_another_file_is_refused_and_left_as_it_is(tmp_path, opening, content):
    path = tmp_path / "library.db"
    path.write_bytes(content)
    with pytest.raises(LibraryError, match=r"library\.db is not a library"):
        opening(path)
    assert path.read_bytes() == content


@OPENINGS
@pytest.mark.parametrize("statement", ["CREATE TABLE papers (id TEXT)", "PRAGMA application_id = 1"])
def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path, opening, statement):
    path = tmp_path / "library.db"
    execute(path, statement)
    before = path.read_bytes()
    with pytest.raises(LibraryError, match="is not a library of recommender"):
        opening(path)
    assert path.read_bytes() == before


@OPENINGS
def test_a_library_of_another_version_is_refused(closed, opening):
    execute(closed, "PRAGMA user_version = 7")
    with pytest.raises(LibraryError, match="has format 7, this version of recommender reads 2"):
        opening(closed)


@OPENINGS
def test_a_folder_is_no_library(tmp_path, opening):
    with pytest.raises(LibraryError, match="cannot be opened"):
        opening(tmp_path)


def test_a_creation_that_died_half_way_is_taken_up(tmp_path):
    path = tmp_path / "library.db"
    execute(path, "PRAGMA journal_mode = WAL")
    with Library.open(path, create=True) as library:
        assert library.summary().n_papers == 0


def test_a_path_with_characters_of_an_address_is_opened_as_it_is(tmp_path):
    path = tmp_path / "文献?mode=ro#%41" / "li brary.db"
    with Library.open(path, create=True):
        assert path.is_file()


def test_a_flipped_letter_in_a_record_is_found_and_named(closed):
    spoil(closed, b"Ants", b"Ends")
    with Library.open_read_only(closed) as library:
        assert library.get("b").paper.title == "Bees"
        with pytest.raises(
            LibraryError, match="damaged: the record of paper 'a' does not match its checksum"
        ):
            library.get("a")
        with pytest.raises(LibraryError, match="paper 'a'"):
            list(library.papers())


def test_a_record_under_another_id_is_found(closed):
    with closing(sqlite3.connect(closed)) as connection, connection:
        connection.execute(
            "UPDATE papers SET (record, digest) = (SELECT record, digest FROM papers WHERE id = 'b')"
            " WHERE id = 'a'"
        )
        stamp_anew(connection)
    with (
        Library.open_read_only(closed) as library,
        pytest.raises(LibraryError, match="the row of paper 'a' holds the record of 'b'"),
    ):
        library.get("a")


def test_a_record_that_is_no_paper_any_more_is_named(closed):
    record = b'{"id":"a","title":"Ants","colour":"red"}'
    with closing(sqlite3.connect(closed)) as connection, connection:
        connection.create_function("sha256", 1, lambda content: sha256(content).digest())
        connection.execute(
            "UPDATE papers SET record = ?, digest = sha256(?) WHERE id = 'a'", (record, record)
        )
        stamp_anew(connection)
    with (
        Library.open_read_only(closed) as library,
        pytest.raises(LibraryError, match=r"paper 'a' is not valid .*colour.*import it again"),
    ):
        library.get("a")


@pytest.mark.parametrize(
    "change",
    [
        "source = 2",
        "place = 'line 9'",
        "added_at = '2026-11-22T02:15:00+00:00'",
        "imported_at = '2026-11-22T02:15:00+00:00'",
        "language = 'zh'",
        "blank = 1 - blank",
        "digest = x'00'",
        "stamp = stamp + 1",
        "stamp = 'no number'",
    ],
)
def test_whatever_changes_in_a_row_is_found_and_named(closed, change):
    execute(closed, f"UPDATE papers SET {change} WHERE id = 'b'")
    with Library.open_read_only(closed) as library:
        assert library.get("a").paper.title == "Ants"
        for reading in (
            lambda: library.get("b"), lambda: [*library.papers()], lambda: library.added_since(NIGHT),
        ):  # fmt: skip
            with pytest.raises(LibraryError, match=r"damaged: the row of paper 'b' .* checksum"):
                reading()
    with Library.open(closed) as library, pytest.raises(LibraryError, match="the row of paper 'b'"):
        library.import_papers([source("first.txt", paper("b", "Other bees"))], now=NIGHT)


@pytest.mark.parametrize(
    "change", ["name = '/other'", "format = 'csv'", "imported_at = '2026-11-22T02:15:00+00:00'"]
)
def test_whatever_changes_in_a_source_is_found_and_named(closed, change):
    execute(closed, f"UPDATE sources SET {change}")
    with Library.open_read_only(closed) as library:
        for reading in (library.summary, library.rejected, lambda: library.get("a")):
            with pytest.raises(LibraryError, match=r"damaged: the row of source .* checksum"):
                reading()


def test_a_source_that_is_not_there_any_more_is_damage(closed):
    execute(closed, "DELETE FROM sources")
    with (
        Library.open_read_only(closed) as library,
        pytest.raises(LibraryError, match="damaged: source 1 is not there"),
    ):
        library.get("a")


@pytest.mark.parametrize("change", ["place = 'line 9'", "reason = 'none'", "paper_id = 'z'", "source = 2"])
def test_whatever_changes_in_a_rejected_record_is_found(path, change):
    with Library.open(path, create=True) as library:
        library.import_papers([source("x", paper("a"), "no JSON")], now=NIGHT, on_error="report")
        assert [entry.reason for entry in library.rejected()] == ["no JSON"]
    execute(path, f"UPDATE rejected SET {change}")
    with (
        Library.open_read_only(path) as library,
        pytest.raises(LibraryError, match=r"damaged: the row of a record that was rejected"),
    ):
        library.rejected()


@OPENINGS
@pytest.mark.parametrize("lost", [4096, 3 * 4096, 20_000])
def test_a_truncated_file_is_damaged(closed, opening, lost):
    closed.write_bytes(closed.read_bytes()[:-lost])
    with pytest.raises(LibraryError, match="damaged"):
        opening(closed)


def test_a_page_full_of_zeros_is_damage(closed):
    content = bytearray(closed.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    closed.write_bytes(content)
    with pytest.raises(LibraryError, match="damaged"), Library.open_read_only(closed) as library:
        library.summary()


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "home").write_text("not a folder", encoding="utf-8")
    with pytest.raises(LibraryError, match=r"the folder .*home cannot be made"):
        Library.open(tmp_path / "home" / "library.db", create=True)


def test_a_folder_that_may_not_be_written_holds_no_new_library(unprivileged_folder):
    unprivileged_folder.chmod(0o555)
    with pytest.raises(LibraryError, match="cannot be opened or written"):
        Library.open(unprivileged_folder / "library.db", create=True)
    with pytest.raises(LibraryError, match="cannot be made"):
        Library.open(unprivileged_folder / "home" / "library.db", create=True)


def test_a_library_that_may_only_be_read_is_read_and_not_written(unprivileged_folder):
    path = unprivileged_folder / "library.db"
    with Library.open(path, create=True) as library:
        library.import_papers([source("a.txt", paper("a", "Ants"))], now=NIGHT)
    path.chmod(0o444)
    unprivileged_folder.chmod(0o555)
    with Library.open_read_only(path) as library:
        assert library.get("a").paper.title == "Ants"
    with pytest.raises(LibraryError, match="cannot be opened or written"), Library.open(path) as library:
        library.remove(["a"])


def test_a_library_is_read_where_its_folder_may_not_be_written_while_somebody_writes(unprivileged_folder):
    path = unprivileged_folder / "library.db"
    with Library.open(path, create=True) as writer:
        writer.import_papers([source("a.txt", paper("a", "Ants"))], now=NIGHT)
        for file in unprivileged_folder.iterdir():
            file.chmod(0o444)
        unprivileged_folder.chmod(0o555)
        with Library.open_read_only(path) as library:
            assert library.get("a").paper.title == "Ants"
        unprivileged_folder.chmod(0o755)


def test_a_log_that_cannot_be_read_is_not_ignored(unprivileged_folder):
    path, copy = (unprivileged_folder / name for name in ("library.db", "copy.db"))
    with Library.open(path, create=True) as writer:
        writer.import_papers([source("a.txt", paper("a", "Ants"))], now=NIGHT)
        for ending in ("", "-wal"):  # as a crash leaves them, but for the third file
            copy.with_name(f"copy.db{ending}").write_bytes(path.with_name(f"library.db{ending}").read_bytes())
    unprivileged_folder.chmod(0o555)
    with pytest.raises(LibraryError, match="cannot be opened"):
        Library.open_read_only(copy)


def test_a_full_disk_is_named(path, tmp_path):
    with closing(sqlite3.connect(tmp_path / "small.db")) as connection:
        connection.execute("CREATE TABLE filling (content BLOB)")
        connection.execute("PRAGMA max_page_count = 2")
        with pytest.raises(LibraryError, match="the disk is full"), translated(path):
            connection.execute("INSERT INTO filling VALUES (zeroblob(100000))")


def test_a_record_beyond_the_limit_of_sqlite_is_named(path):
    with (
        closing(sqlite3.connect(":memory:")) as connection,
        pytest.raises(LibraryError, match="a record is too big"),
        translated(path),
    ):
        connection.execute("SELECT zeroblob(2000000000)")
