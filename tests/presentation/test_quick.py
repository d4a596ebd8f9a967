"""A look-up answered before the commands are imported: the same bytes, the same errors, nothing heavy."""

import errno
import io
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from typer.main import get_command

from recommender.builds import BuildStore
from recommender.builds.rebuild import Corpus, HeldPapers, rebuild
from recommender.errors import BuildError, LibraryError
from recommender.index import engine_named
from recommender.library.failures import translated
from recommender.main import run
from recommender.paper import Paper
from recommender.presentation import answers, formats, journal, quick, terminal
from recommender.presentation.cli import options
from recommender.presentation.cli.app import app, run_command
from recommender.ranking import OF_REBUILDS
from recommender.recommendation import Recommender
from recommender.settings import PACKAGE, Settings
from tests.conftest import keep_first, letter_parts

FORMATS = ("table", *formats.OF_ANSWERS)
N = 1000
WORDS = [
    "产教融合",
    "治理",
    "a survey of",
    "naïve",
    "キャリア教育",
    "교육",
    "e\u0301tude",
    "😀",
    "=1+1",
    '"q"',
    "x" * 90,
]
HEAVY = {
    "typer", "click", "rich", "numpy", "faiss", "torch", "tokenizers", "sqlite3", "pathlib", "typing",
    "dataclasses", "json", "csv", "re", "hashlib", "platformdirs", "inspect", "logging",
}  # fmt: skip


def paper_of(number, chance):
    some = lambda most: " ".join(chance.choices(WORDS, k=chance.randint(0, most)))  # noqa: E731
    return Paper(
        id=f"{('论', 'x ', '')[number % 3]}{number}",
        title=some(9) if chance.random() < 0.9 else "",
        abstract=f"letter {chance.choice('abcdefgh')}. {some(30)}\x1b[2J",
        authors=tuple(some(2) or "甲" for _ in range(chance.randint(0, 6))),
        venue=some(2),
        year=chance.choice([None, 1999, 2024]),
        volume=chance.choice(["", "3"]),
        issue=chance.choice(["", "2"]),
        pages=chance.choice(["", "1-9"]),
        keywords=tuple(chance.choices(WORDS, k=2)),
        language=chance.choice(["zh", "en", ""]),
    )


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A home with a build of a thousand papers, a blank one and a rejected one; nobody changes it."""
    home = tmp_path_factory.mktemp("home")
    chance = random.Random(5)
    papers = [paper_of(number, chance) for number in range(N)]
    corpus = Corpus(
        papers=HeldPapers([*papers, Paper(id="blank")]),
        rejected={"bad": "no year"},
        n_rejected=1,
        digest="d",
        origin="library",
    )
    parts = letter_parts(home, engine_named("flat"))
    built = rebuild(corpus, parts, now=datetime(2026, 11, 23, tzinfo=UTC), on_stage=lambda *_: None)
    parts.store.publish(built.manifest.build_id)
    return home


@pytest.fixture
def both(many, monkeypatch, capsys):
    """Run a command as it is run, and by the commands alone; return code, output, notes without the time."""

    def both_(*arguments, home=many):
        monkeypatch.setenv("RECOMMENDER_HOME", str(home))
        found = []
        for program in (run, run_command):
            code = program([*arguments])
            captured = capsys.readouterr()
            err = [line.split(" in ")[0] + line.partition(" ms ")[2] for line in captured.err.splitlines()]
            found.append((code, captured.out, err))
        return found

    return both_


def test_a_thousand_papers_get_the_same_answer_in_every_format(many):
    """All values of every paper; what is written of them, of every twentieth."""
    recommender = Recommender(BuildStore(many / "builds").current(), lambda: None)
    ids = [*recommender.build.papers.ids()]
    assert len(ids) == N
    for number, paper_id in enumerate(ids):
        k = (5, 1, 50, 9, 2)[number // 20 % 5] if number % 20 == 0 else 5
        looked_up, searched = quick.look_up(str(many), paper_id, k), recommender.similar_to(paper_id, k)
        assert values_of(looked_up) == values_of(searched)
        if number % 20:
            continue
        for write in formats.OF_ANSWERS.values():
            assert write(looked_up, ()) == write(searched, ())
        width = (80, 200)[number // 20 % 2]
        drawn = [answers.table(found.results, (), width, styled=True) for found in (looked_up, searched)]
        assert drawn[0] == drawn[1] != ""
        looked_up.seconds = searched.seconds
        assert answers.header(looked_up) == answers.header(searched)


def test_a_list_that_is_shorter_than_it_could_be_is_left_to_the_commands(many, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(many, home)
    build = BuildStore(home / "builds").current()
    keep_first(3, build)
    paper_id = next(build.papers.ids())
    assert len(quick.look_up(str(home), paper_id, 3).results) == 3
    assert quick.look_up(str(home), paper_id, 4) is None


def test_a_list_is_an_answer_where_it_has_all_the_others(tmp_path):
    papers = [Paper(id=name, title=title) for name, title in (("a", "aab"), ("b", "abb"), ("copy", "aab"))]
    corpus = Corpus(papers=HeldPapers(papers), rejected={}, n_rejected=0, digest="d", origin="library")
    parts = letter_parts(tmp_path, engine_named("flat"))
    built = rebuild(corpus, parts, now=datetime(2026, 11, 23, tzinfo=UTC), on_stage=lambda *_: None)
    parts.store.publish(built.manifest.build_id)
    assert [one.paper.id for one in quick.look_up(str(tmp_path), "a", 5).results] == ["b"]


def values_of(answer):
    """Return all that an answer is written from, but for the time it took."""
    found = [
        (result.rank, result.score, result.similarity, int(result.label), result.label.words, result.paper)
        for result in answer.results
    ]
    liked = [paper.as_dict() for paper in answer.liked]
    return answer.build_id, liked, [(*values, paper.as_dict()) for *values, paper in found]


@pytest.mark.parametrize("output", FORMATS)
def test_the_commands_alone_write_the_same_bytes(both, many, monkeypatch, output):
    ids = [*BuildStore(many / "builds").current().papers.ids()]
    for paper_id in random.Random(1).sample(ids, 3):
        for columns in ("80", "200"):
            monkeypatch.setenv("COLUMNS", columns)
            quickly, alone = both("--id", paper_id, "--k", "7", "--format", output)
            assert quickly == alone
            assert (quickly[0], quickly[1] != "") == (0, True)


CALLS = [
    ["--id", "nobody"],
    ["--id", "blank"],
    ["--id", "bad"],
    ["--id", ""],
    ["--id"],
    ["--id", "5", "--k", "0"],
    ["--id", "5", "--k", "-1"],
    ["--id", "5", "--k", "1_0"],
    ["--id", "5", "--k", "many"],
    ["--id", "5", "--format", "yaml"],
    ["--id", "5", "--format", "JSON"],
    ["--id", "5", "--format", "ris"],
    ["--id", "5", "--nope"],
    ["--id", "5", "text"],
    ["--id", "5", "--k", "60"],
    ["--id", "5", "--k", "9" * 5_000],
    ["text", "--k", "9" * 5_000],
    ["--id", "5", "--id", "x 7"],
    ["--id", "5", "--k", "3", "--k", "2"],
    ["--id", "5", "--min-similarity", "0.9"],
    ["--id", "5", "--home", "/dev/null"],
    ["--id=5", "-k", "2", "--json", "--format", "csv"],
    ["similar", "--id", " 5 ", "--k=2"],
    ["--id", "\udcff"],
]


@pytest.mark.parametrize("arguments", CALLS, ids=lambda arguments: " ".join(arguments)[:80])
def test_whatever_is_asked_for_the_answer_or_the_error_is_that_of_the_commands(both, arguments):
    quickly, alone = both(*arguments)
    assert quickly == alone


def test_a_home_without_a_build_is_left_to_the_commands(tmp_path):
    assert quick.answered(["--id", "9"], {"RECOMMENDER_HOME": str(tmp_path)}) is None
    assert [*tmp_path.iterdir()] == []


DAMAGES = {
    "deleted": lambda content: None,
    "emptied": lambda content: b"",
    "cut off": lambda content: content[:-1],
    "longer": lambda content: content + b"\0",
    "flipped": lambda content: content[:-1] + bytes([content[-1] ^ 1]),
    "flipped early": lambda content: content[:9] + bytes([content[9] ^ 1]) + content[10:],
    "zeroed": lambda content: bytes(len(content)),
}


@pytest.fixture
def few(tmp_path, monkeypatch):
    """A home with a build of three papers, to be damaged."""
    home = tmp_path / "few"
    papers = [Paper(id=name, title=f"{name} aab") for name in "abc"]
    corpus = Corpus(papers=HeldPapers(papers), rejected={}, n_rejected=0, digest="d", origin="library")
    parts = letter_parts(home, engine_named("flat"))
    built = rebuild(corpus, parts, now=datetime(2026, 11, 23, tzinfo=UTC), on_stage=lambda *_: None)
    parts.store.publish(built.manifest.build_id)
    return home


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_said_as_the_commands_say_it(both, few, damage):
    right = both("--id", "a", "--json", home=few)[0]
    assert right[0] == 0
    pointer = few / "builds" / "CURRENT"
    for path in [pointer, *sorted((few / "builds" / "20261123T000000Z").iterdir())]:
        content = path.read_bytes()
        damaged = DAMAGES[damage](content)
        if damaged is None:
            path.unlink()
        else:
            path.write_bytes(damaged)
        quickly, alone = both("--id", "a", "--json", home=few)
        assert quickly == alone, path.name
        named = path == pointer or path.name in " ".join(quickly[2])
        assert quickly == right or (quickly[:2] == (4, "") and named), path.name
        path.write_bytes(content)
    assert both("--id", "a", "--json", home=few) == [right, right]


@pytest.mark.parametrize("name", ["papers.bin", "neighbours.bin", "ids.bin"])
def test_a_damaged_row_ends_with_4_and_names_the_file(both, few, name):
    path = few / "builds" / "20261123T000000Z" / name
    right = both("--id", "b", home=few)[0]
    content = path.read_bytes()
    codes = set()
    for place in range(20, len(content), max(5, len(content) // 40)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :])
        quickly, alone = both("--id", "b", home=few)
        assert quickly == alone
        assert quickly == right or (quickly[:2] == (4, "") and "damaged" in " ".join(quickly[2]))
        codes.add(quickly[0])
    assert 4 in codes


def modules_of(home, *arguments):
    """Return what a process has imported at the end of `recommend …`, by the names of the libraries."""
    code = (
        "import sys, recommender.main as m; m.run(sys.argv[1:]);"
        " sys.stderr.write(chr(10) + ' '.join(sys.modules))"
    )
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "RECOMMENDER_HOME": str(home)}
    before = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"],
        env=environment,
        capture_output=True,
        text=True,
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout
    return {*done.stderr.rpartition("\n")[2].split()} - {*before.stdout.split()}


def test_a_look_up_imports_nothing_that_takes_longer_than_itself(many):
    recommender = Recommender(BuildStore(many / "builds").current(), lambda: None)
    found = (recommender.similar_to(paper_id, 2) for paper_id in recommender.build.papers.ids())
    papers = ([*answer.liked, *(result.paper for result in answer.results)] for answer in found)
    asked = next(named[0] for named in papers if all(paper.title for paper in named))
    loaded = modules_of(many, "--id", asked.id, "--k", "2")
    assert "recommender.presentation.quick" in loaded
    assert not loaded & HEAVY
    assert "recommender.presentation.cli.app" not in loaded


@pytest.mark.parametrize(
    ("output", "needs"), [("json", {"json", "re"}), ("jsonl", {"json", "re"}), ("csv", {"csv", "re"})]
)
def test_a_format_imports_what_it_is_written_with_and_no_more(many, output, needs):
    loaded = modules_of(many, "--id", "5", "--format", output)
    assert loaded & HEAVY - {"typing"} == needs


def test_formats_of_other_programs_are_left_to_the_commands():
    left = {name for name in options.FORMATS if quick.understood(["--id", "5", "--format", name]) is None}
    assert left == {*options.FORMATS} - {"table", "json", "jsonl", "csv"} != set()
    assert quick.understood(["two", "words", "--format", "bibtex"]) is None


def test_the_commands_are_known():
    group = get_command(app)
    assert {*quick.COMMANDS} == {*group.commands}
    assert all(quick.understood([name]) is None for name in group.commands)


TEXTS = [
    ["产教融合 治理"],
    ["产教融合", "治理", "--k", "2", "--json"],
    ["similar", "perovskite", "-k", "1", "--format=csv"],
    ["similar", "similar"],
    ["--k", "1", "rebuild"],
    [""],
    ["   "],
    ["!?"],
    ["x", "--k", "0"],
    ["-"],
    ["--", "x"],
    ["ab \ud800"],
    ["字" * 1_000_001],
    ["x", "--home", "/dev/null"],
]


@pytest.mark.parametrize("arguments", TEXTS, ids=lambda arguments: " ".join(arguments)[:20])
def test_a_text_is_answered_as_the_commands_answer_it(built, home, both, arguments, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    quickly, alone = both(*arguments, home=home)
    assert quickly == alone


def test_a_text_imports_neither_the_command_line_nor_the_engine_nor_a_tokenizer(built, home):
    loaded = modules_of(home, "产教融合", "治理")
    assert "numpy" in loaded
    assert not loaded & {
        "typer",
        "click",
        "rich",
        "faiss",
        "torch",
        "tokenizers",
        "scipy",
        "platformdirs",
        "numpy.ma",
        "concurrent.futures.process",
        *(f"recommender.ranking.{name}" for name in OF_REBUILDS),
    }


def test_a_paper_without_a_title_is_looked_up_all_the_same(many):
    titles = {paper.id: paper.title for paper in BuildStore(many / "builds").current().papers.all()}
    untitled = next(paper_id for paper_id, title in titles.items() if not title)
    loaded = modules_of(many, "--id", untitled)
    assert not loaded & HEAVY - {"re", "typing"}


def test_the_home_folder_is_that_of_the_settings(tmp_path, monkeypatch):
    for environment in (
        {"RECOMMENDER_HOME": "/a/b"},
        {"XDG_DATA_HOME": "/x/y"},
        {"XDG_DATA_HOME": "  "},
        {"XDG_DATA_HOME": "~/z"},
        {"XDG_DATA_HOME": "relative"},
        {},
    ):
        for name in ("RECOMMENDER_HOME", "XDG_DATA_HOME"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("HOME", str(tmp_path))
        found = quick._home(os.environ)
        if found:
            assert os.path.expanduser(found) == str(Settings.read(os.environ).home)  # noqa: PTH111


ANSWERS = [
    ["--id", "a"],
    ["--id", "a", "--json"],
    ["--id", "a", "--format", "ris"],
    ["产教融合", "治理"],
    ["export"],
    ["export", "a", "--format", "bibtex"],
    ["library"],
    ["builds", "--json"],
]


def recommend(home, *arguments, **how):
    """Run a command in a process of its own, and return how it ended."""
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "RECOMMENDER_HOME": str(home)}
    command = [sys.executable, "-m", "recommender", *arguments]
    how = {"stderr": subprocess.PIPE} | how
    return subprocess.run(command, env=environment, text=True, **how)


@pytest.mark.parametrize("arguments", [*ANSWERS, ["duplicates"], ["--help"]], ids=" ".join)
def test_a_reader_who_has_seen_enough_is_no_failure(built_home, arguments):
    with closed_pipe() as pipe:
        done = recommend(built_home, *arguments, stdout=pipe)
    assert done.returncode == 0
    assert "rror" not in done.stderr


def test_work_that_nobody_watches_any_more_is_done_to_its_end(built_home, tmp_path):
    home = shutil.copytree(built_home, tmp_path / "home")
    with closed_pipe() as pipe:
        done = recommend(home, "rebuild", "--force", stdout=subprocess.PIPE, stderr=pipe)
    assert done.returncode == 0
    assert (home / "builds" / "CURRENT").read_text() == done.stdout


@contextmanager
def closed_pipe():
    """Give the writer's end of a pipe whose reader is gone."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        yield writer
    finally:
        os.close(writer)


@pytest.mark.parametrize("arguments", ANSWERS, ids=" ".join)
def test_a_full_disk_is_no_answer(built_home, arguments):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = recommend(built_home, *arguments, stdout=full)
    assert done.returncode == 2
    assert done.stderr.count("error:") == 1
    assert done.stderr.endswith("error: output: No space left on device\n")


def test_a_file_for_which_there_is_no_room_is_left_as_it_was(built_home, tmp_path):
    file = tmp_path / "papers.ris"
    file.write_text("yesterday")
    few = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))  # noqa: E731 - bytes
    done = recommend(built_home, "export", "--output", file, stdout=subprocess.PIPE, preexec_fn=few)
    said = f"error: {file}: cannot be written (File too large)\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)
    assert [path.name for path in tmp_path.iterdir()] == ["papers.ris"]
    assert file.read_text() == "yesterday"


def test_a_full_disk_has_one_exit_code_by_whatever_it_is_met(tmp_path):
    connection = sqlite3.connect(tmp_path / "library.db")
    connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(LibraryError, match="the disk is full") as of_library, translated(tmp_path):
        connection.execute("CREATE TABLE papers (id)")
    connection.close()
    store = BuildStore(tmp_path / "builds")
    with pytest.raises(BuildError, match="No space left") as of_build, store.create("20261124T021500Z"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert [terminal.refuse(found.value) for found in (of_library, of_build)] == [2, 2]
    assert terminal.refuse(BuildError("a build is damaged")) == 4


def test_a_journal_for_which_there_is_no_room_keeps_no_command_from_its_end(built, home, monkeypatch):
    monkeypatch.setenv("RECOMMENDER_LOG", "/dev/full")
    done = built("rebuild", "--force")
    assert done.code == 0
    assert f"build {done.out.strip()} is current" in done.err
    assert done.err.count("RECOMMENDER_LOG: /dev/full cannot be written to (No space left on device)") == 1
    assert "Traceback" not in done.err
    failed = built("verify", "none")
    assert (failed.code, failed.err.count("error:")) == (4, 1)


def test_a_journal_has_whole_lines_after_one_for_which_there_was_no_room(tmp_path, capsys):
    class Tight(io.FileIO):
        def write(self, line):
            return super().write(line[:5] if b"lost" in line else line)

    kept = journal.Appended(str(tmp_path / "journal"))
    kept.close()
    kept._file = Tight(tmp_path / "journal", "a")
    for word in ("before", "lost", "after", "later"):
        kept.write(f"the {word}\n")
    kept.close()
    assert (tmp_path / "journal").read_text() == "the before\nthe l\nthe after\nthe later\n"
    assert capsys.readouterr().err.count("no room for a whole line") == 1
