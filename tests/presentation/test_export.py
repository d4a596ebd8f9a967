"""`recommend export`, `--format` and `show`: every format that is written, as a user asks for it."""

import json
import os
import re

import pytest

from recommender.presentation.cli.options import FORMATS, TABLE
from recommender.presentation.formats import OF_ANSWERS
from recommender.readers import read_papers
from recommender.writers import WRITERS

NAMES = [writer.name for writer in WRITERS]
READ_BACK = ["json", "jsonl", "csv", "ris", "bibtex", "csljson"]


@pytest.fixture
def library(call, write, papers):
    assert call("import", write(papers, "four.jsonl")).code == 0
    return call


def test_the_formats_of_the_command_line_are_those_of_the_writers(call):
    assert [TABLE, *NAMES] == [*FORMATS]
    assert OF_ANSWERS.keys() <= {*NAMES}
    for command in ("similar", "show", "export"):
        assert "|".join(NAMES) in re.sub(r"\s+", "", call(command, "--help").out)


def test_an_answer_and_a_paper_are_written_in_every_format(built):
    for name in NAMES:
        assert "产教融合的治理" in built("show", "a", "--format", name).out
        answer = built("--id", "a", "--k", "1", "--format", name)
        assert answer.code == 0
        assert "职业教育的校企合作" in answer.out
        assert built("--id", "a", "--k", "1", "--format", name).out == answer.out
    answer = built("--id", "a", "--k", "3", "--format", "ris").out
    ranked = [result["id"] for result in json.loads(built("--id", "a", "--k", "3", "--json").out)["results"]]
    assert re.findall(r"^ID  - (\w*)", answer, re.MULTILINE) == ranked


@pytest.mark.parametrize("name", READ_BACK)
def test_an_answer_is_read_again_as_its_papers(built, tmp_path, name):
    file = tmp_path / "answer"
    file.write_text(built("--id", "a", "--k", "3", "--format", name).out, "utf-8")
    wanted = json.loads(built("--id", "a", "--k", "3", "--json").out)["results"]
    found = [source.paper for source in read_papers(file)]
    assert [(paper.id, paper.title, paper.abstract, [*paper.keywords]) for paper in found] == [
        (one["id"], one["title"], one["abstract"], one["keywords"]) for one in wanted
    ]
    compact = json.dumps({"build": "B", "query": None, "results": wanted})  # as the API writes it
    file.write_text(compact, "utf-8")
    assert [source.paper.id for source in read_papers(file)] == [one["id"] for one in wanted]


@pytest.mark.parametrize("name", READ_BACK)
def test_export_import_export_gives_the_same_bytes(library, call, tmp_path, monkeypatch, name):
    ending = next(writer.suffixes[0] for writer in WRITERS if writer.name == name)
    first, second = tmp_path / f"first{ending}", tmp_path / f"second{ending}"
    assert library("export", "-o", first).err == f"4 papers written to {first} as {name}\n"
    monkeypatch.setenv("RECOMMENDER_HOME", str(tmp_path / "other"))
    assert call("import", first).code == 0
    assert call("export", "-o", second).code == 0
    assert first.read_bytes() == second.read_bytes()
    assert [found.paper.id for found in read_papers(first)] == ["a", "b", "c", "d"]


def test_without_a_format_the_library_goes_to_standard_output_as_json_lines(library):
    lines = library("export").out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a", "b", "c", "d"]


def test_ids_are_exported_in_the_order_they_are_named_in(library):
    lines = library("export", "d", "a", "d").out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["d", "a"]


def test_without_a_library_the_build_is_exported(call):
    exported = call("export", "9", "--format", "gbt7714")
    assert exported.code == 0
    assert exported.out.startswith("[1] ")
    assert len(call("export", "--format", "jsonl").out.splitlines()) == 360


def test_a_pipe_is_written_to_and_stays_one(library, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert library("export", "a", "--format", "ris", "-o", pipe).code == 0
    assert os.read(reader, 10_000).startswith(b"TY  - ")
    os.close(reader)
    assert pipe.is_fifo()


def test_an_unknown_id_leaves_an_earlier_file_as_it_was(library, tmp_path):
    path = tmp_path / "papers.ris"
    path.write_text("earlier")
    refused = library("export", "a", "nobody", "-o", path)
    assert (refused.code, "no paper 'nobody'" in refused.err, path.read_text()) == (3, True, "earlier")
    assert [entry.name for entry in tmp_path.iterdir() if "partial" in entry.name] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["export", "--format", "word"], "there is no format 'word'; choose one of: table, json"),
        (["--id", "a", "--format", "word"], "there is no format 'word'"),
        (["export", "--format", "table"], "an export is no table; choose one of: json, jsonl"),
        (["export", "-o", "papers.doc"], "papers.doc does not end as a known format does"),
        (
            ["export", "-o", "/no/such/folder/a.ris"],
            "error: /no/such/folder/a.ris: cannot be written (folder /no/such/folder does not exist)\n",
        ),
    ],
)
def test_what_cannot_be_written_is_refused(library, arguments, message):
    refused = library(*arguments)
    assert (refused.code, refused.out) == (2, "")
    assert message in refused.err


def test_a_harvest_says_what_is_wrong_with_an_address(call):
    refused = call("harvest", "example.org/oai")
    assert (refused.code, refused.out) == (2, "")
    assert "'example.org/oai' is no address of a repository" in refused.err
