"""The formats that are written, and how one is found."""

from pathlib import Path

from recommender.errors import QuestionError, UsageError
from recommender.writers.writer import Writer

WRITERS: tuple[Writer, ...] = (
    Writer("json", (".json",), "json_array"),
    Writer("jsonl", (".jsonl", ".ndjson"), "json_lines"),
    Writer("csv", (".csv",), "csv_table"),
    Writer("ris", (".ris",), "ris"),
    Writer("bibtex", (".bib",), "bibtex"),
    Writer("csljson", (".csljson",), "csl_json"),
    Writer("gbt7714", (".txt",), "gbt7714"),
    Writer("markdown", (".md",), "markdown"),
    Writer("atom", (".atom", ".xml"), "atom"),
)


def writer_named(name: str) -> Writer:
    """Return the writer of a format.

    Raises:
        QuestionError: There is none of that name.
    """
    for writer in WRITERS:
        if writer.name == name:
            return writer
    known = ", ".join(writer.name for writer in WRITERS)
    raise QuestionError(
        f"there is no format {name!r} to write; choose one of: {known}", "format", name, known
    )


def writer_for(path: Path) -> Writer:
    """Return the writer whose files end as `path` does.

    Raises:
        UsageError: There is none.
    """
    for writer in WRITERS:
        if path.suffix.lower() in writer.suffixes:
            return writer
    endings = ", ".join(suffix for writer in WRITERS for suffix in writer.suffixes)
    raise UsageError(f"{path} does not end as a known format does ({endings}); say --format")
