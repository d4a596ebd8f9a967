"""The SQLite file of the library: opening, schema, transactions."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from recommender.errors import LibraryError
from recommender.library.failures import NO_ROOM, UNWRITABLE, damaged, result_code, translated
from recommender.library.rows import OF_PAPER, OF_REJECTED, OF_SOURCE, stamp

APPLICATION_ID = 0x5265636F  # "Reco", in the header of the file
FORMAT = 2
UNSTAMPED = 1  # the format whose rows have no stamps: it is read, and becomes the present one when written
STAMPED = {"papers": OF_PAPER, "sources": OF_SOURCE, "rejected": OF_REJECTED}
# How many rows each table has and what their stamps add up to: a damaged page may forget rows without a word.
WHOLE = (
    """CREATE TABLE whole (
        name TEXT PRIMARY KEY,
        n_rows INTEGER NOT NULL,
        stamps INTEGER NOT NULL)""",
    *(
        statement
        for table in STAMPED
        for statement in (
            f"INSERT INTO whole SELECT '{table}', count(*), coalesce(sum(stamp), 0) FROM {table}",
            f"""CREATE TRIGGER {table}_added AFTER INSERT ON {table} BEGIN
        UPDATE whole SET n_rows = n_rows + 1, stamps = stamps + NEW.stamp WHERE name = '{table}'; END""",
            f"""CREATE TRIGGER {table}_changed AFTER UPDATE ON {table} BEGIN
        UPDATE whole SET stamps = stamps + NEW.stamp - OLD.stamp WHERE name = '{table}'; END""",
            f"""CREATE TRIGGER {table}_removed AFTER DELETE ON {table} BEGIN
        UPDATE whole SET n_rows = n_rows - 1, stamps = stamps - OLD.stamp WHERE name = '{table}'; END""",
        )
    ),
)
SCHEMA = (
    # The number of a source gives the order of first import; so does the ordinal of a paper, for ever.
    """CREATE TABLE sources (
        number INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        format TEXT NOT NULL,
        imported_at TEXT NOT NULL,
        stamp INTEGER NOT NULL)""",
    # `digest` is the checksum of `record`, `stamp` that of all else but the numbers that SQLite gives;
    # `language` and `blank` repeat the record for the summary alone.
    """CREATE TABLE papers (
        ordinal INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        digest BLOB NOT NULL,
        source INTEGER NOT NULL REFERENCES sources (number),
        place TEXT NOT NULL,
        added_at TEXT NOT NULL,
        imported_at TEXT NOT NULL,
        language TEXT NOT NULL,
        blank INTEGER NOT NULL,
        record BLOB NOT NULL,
        stamp INTEGER NOT NULL)""",
    "CREATE INDEX papers_in_summary ON papers (source, language, blank)",
    """CREATE TABLE rejected (
        number INTEGER PRIMARY KEY,
        source INTEGER NOT NULL REFERENCES sources (number) ON DELETE CASCADE,
        place TEXT NOT NULL,
        reason TEXT NOT NULL,
        paper_id TEXT,
        stamp INTEGER NOT NULL)""",
    "CREATE INDEX rejected_in_summary ON rejected (source)",
    *WHOLE,
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {FORMAT}",
)


def open_for_writing(path: Path, *, create: bool, wait: float) -> sqlite3.Connection:
    """Open the library at `path`; with `create`, make it and its folder if there is none.

    Raises:
        LibraryError: There is none, it is none, or it is one of another version.
        LockedError: Another process is creating it.
    """
    if create:
        _make_folder(path.parent)
    elif not path.exists():
        raise _missing(path)
    with translated(path), ExitStack() as stack:
        connection = stack.enter_context(closing(_connect(path, "mode=rwc" if create else "mode=rw", wait)))
        if create and _is_empty(connection):
            connection.execute("PRAGMA journal_mode = WAL")
            with transaction(connection):
                if _is_empty(connection):  # nobody was faster
                    for statement in SCHEMA:
                        connection.execute(statement)
        if _checked_format(connection, path) == UNSTAMPED:
            _add_stamps(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        stack.pop_all()
        return connection


def open_read_only(path: Path, *, wait: float) -> sqlite3.Connection:
    """Open the library at `path` on a connection that cannot change it.

    Raises:
        LibraryError: There is none, it is none, or it is one of another version.
    """
    if not path.exists():
        raise _missing(path)
    with translated(path), ExitStack() as stack:
        connection = stack.enter_context(closing(_readable(path, wait)))
        _checked_format(connection, path)
        stack.pop_all()
        return connection


def format_of(connection: sqlite3.Connection) -> int:
    """Return the number of the format that a library has."""
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


def stamp_column(connection: sqlite3.Connection) -> str:
    """Return what to select for the stamps of rows: NULL where the format has none, never where it has."""
    return "NULL" if format_of(connection) <= UNSTAMPED else "coalesce(stamp, -1)"


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write everything of the block or nothing, whatever ends it."""
    connection.execute("BEGIN IMMEDIATE")
    with connection:  # commits or rolls back
        yield


@contextmanager
def one_view(connection: sqlite3.Connection) -> Iterator[None]:
    """Have every query of the block, and of blocks within it, see the same state."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    except GeneratorExit:  # nobody reads on, perhaps as the library was closed, which ended the view too
        with suppress(sqlite3.ProgrammingError):
            connection.rollback()
        raise
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def check_whole(
    connection: sqlite3.Connection, path: Path, table: str, n_rows: int, stamps: int | None = None
) -> None:
    """Check that a table gave every row that was written; with it has to be read in one view.

    Args:
        connection: Of a library.
        path: The library.
        table: Which one.
        n_rows: How many it gave.
        stamps: What their stamps add up to; None: they were not read.

    Raises:
        LibraryError: There are others, or it cannot be told.
    """
    if format_of(connection) == UNSTAMPED:
        return
    row = connection.execute("SELECT n_rows, stamps FROM whole WHERE name = ?", (table,)).fetchone()
    if row is None or row[0] != n_rows:
        written = row[0] if row else "nobody knows how many"
        raise damaged(path, f"of {table} {n_rows:,} rows are found, {written} were written")
    if stamps not in (None, row[1]):
        raise damaged(path, f"the rows of {table} are not those that were written")


def check_ids(connection: sqlite3.Connection, path: Path) -> None:
    """Check that every paper can be found by its id.

    Raises:
        LibraryError: Some cannot.
    """
    (n_ids,) = connection.execute(
        "SELECT count(*) FROM papers INDEXED BY sqlite_autoindex_papers_1"
    ).fetchone()
    check_whole(connection, path, "papers", n_ids)


def _connect(path: Path, options: str, wait: float) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?{options}"
    return sqlite3.connect(address, uri=True, timeout=wait, isolation_level=None)


def _readable(path: Path, wait: float) -> sqlite3.Connection:
    with ExitStack() as stack:
        connection = stack.enter_context(closing(_connect(path, "mode=rw", wait)))
        try:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.OperationalError as problem:
            if result_code(problem) not in UNWRITABLE | NO_ROOM or _has_log(path):
                raise
        else:
            stack.pop_all()
            return connection
    # SQLite cannot make its side files where nothing can be written, and without a log needs none.
    return _connect(path, "mode=ro&immutable=1", wait)


def _has_log(path: Path) -> bool:
    """Return whether there is content beside the file that it does not hold yet."""
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def _checked_format(connection: sqlite3.Connection, path: Path) -> int:
    """Return the format of a library that this version reads.

    Raises:
        LibraryError: It is none, or one of another version.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise LibraryError(f"{path} is not a library of recommender; name another file or move it away")
    found = format_of(connection)
    if not UNSTAMPED <= found <= FORMAT:
        advice = "update recommender" if found > FORMAT else "use the version that wrote it"
        raise LibraryError(
            f"library {path} has format {found}, this version of recommender reads {FORMAT};"
            f" {advice}, or import your files into a new one"
        )
    return found


def _add_stamps(connection: sqlite3.Connection) -> None:
    """Give every row of a library of the earlier format its stamp, all or none."""
    connection.create_function("stamp_of", -1, stamp, deterministic=True)
    with transaction(connection):
        if format_of(connection) != UNSTAMPED:
            return  # somebody was faster
        for table, columns in STAMPED.items():
            connection.execute(f"ALTER TABLE {table} ADD COLUMN stamp INTEGER NOT NULL DEFAULT 0")
            connection.execute(f"UPDATE {table} SET stamp = stamp_of({columns})")
        for statement in WHOLE:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {FORMAT}")


def _is_empty(connection: sqlite3.Connection) -> bool:
    """Return whether the file is new, or of a process that died before it wrote the schema."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return bool(application == 0 and tables == 0)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise LibraryError(f"the folder {folder} cannot be made: {problem.strerror}") from problem


def _missing(path: Path) -> LibraryError:
    return LibraryError(f"there is no library at {path}; make one with: recommend import FILES")
