"""Bad input: one line on standard error that says what, where and what to do; the old build answers on."""

import io
import json
import os
import subprocess
import sys

import pytest

LINE = json.dumps({"id": "a", "title": "产教融合的治理"}, ensure_ascii=False)

BAD_FILES = {
    "empty file": ("x.jsonl", b"", 2, "x.jsonl is empty"),
    "white space only": ("x.jsonl", b"\n \n", 2, "x.jsonl holds no record"),
    "wrong encoding": ("x.jsonl", b'{"id": "1", "abstract": "\xff\xff\x81"}', 2, "x.jsonl"),
    "binary": ("x.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", 2, "x.txt"),
    "broken line": ("x.jsonl", f"{LINE}\n{{broken\n".encode(), 2, "x.jsonl, line 2"),
    "missing column": ("x.csv", b"id,name\n1,x\n", 2, "x.csv"),
    "no text key": ("x.jsonl", b'{"id": "1", "name": "x"}\n', 2, "x.jsonl, line 1"),
    "not a number": ("x.jsonl", b'{"id": "1", "abstract": "x", "year": NaN}\n', 2, "x.jsonl, line 1"),
    "lone surrogate": ("x.jsonl", b'{"id": "1", "abstract": "\\ud800 x"}\n', 2, "surrogate"),
    "NUL": ("x.jsonl", b'{"id": "1", "abstract": "a\\u0000b"}\n', 2, "NUL"),
    "10 MB text": ("x.jsonl", json.dumps({"id": "1", "abstract": "字 " * 5_000_000}).encode(), 2, "at most"),
    "duplicate id": ("x.jsonl", f"{LINE}\n{LINE}\n".encode(), 2, "line 1"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_in_one_line_and_yesterday_answers(built, write, name):
    file, content, code, words = BAD_FILES[name]
    before = built("--id", "a", "--json").out
    failed = built("rebuild", write(content, file))
    assert failed.code == code
    assert failed.err.count("\n") == 1
    assert failed.err.startswith("error: ")
    assert words in failed.err
    assert failed.out == ""
    assert built("--id", "a", "--json").out == before
    assert json.loads(built("library", "--json").out)["n_papers"] == 4


BAD_CALLS = {
    "k = 0": (["--id", "a", "--k", "0"], 2, "--k"),
    "negative k": (["--id", "a", "--k=-3"], 2, "--k"),
    "k of 5,000 digits": (["--id", "a", "--k", "9" * 5_000], 2, "exceeded maximum size"),
    "k is no number": (["--id", "a", "--k", "many"], 2, "--k"),
    "empty query": ([""], 2, "--id or a text"),
    "query of blanks": (["   "], 2, "letter or digit"),
    "query without letters": (["!?… ——"], 2, "letter or digit"),
    "id and text": (["--id", "a", "text"], 2, "--id or a text"),
    "unknown id": (["--id", "99"], 3, "no paper '99'"),
    "unknown option": (["--nope"], 2, "--nope"),
    "query too long": (["字" * 1_000_001], 2, "at most"),
    "query with a lone surrogate": (["ab \ud800"], 2, "surrogate"),
    "unknown model folder": (["text", "--model", "./nowhere"], 2, "there is no model folder ./nowhere"),
    "unknown build": (["publish", "20200101T000000Z"], 4, "20200101T000000Z"),
    "a folder as file": (["import", "."], 2, "folder"),
    "missing file": (["import", "nowhere.jsonl"], 2, "does not exist"),
    "unknown engine": (["rebuild", "--engine", "annoy"], 2, "faiss, flat"),
    "replace without files": (["rebuild", "--replace"], 2, "--replace"),
    "remove an unknown id": (["remove", "zz"], 3, "zz"),
    "show an unknown id": (["show", "zz"], 3, "zz"),
    "missing pairs": (["evaluate", "nowhere.tsv"], 2, "nowhere.tsv"),
    "nothing to roll back to": (["rollback"], 4, "roll back"),
}


@pytest.mark.parametrize("name", BAD_CALLS)
def test_a_bad_call_is_refused_in_one_line(built, name):
    arguments, code, words = BAD_CALLS[name]
    failed = built(*arguments)
    assert (failed.code, failed.out) == (code, "")
    assert failed.err.count("\n") == 1
    assert words in failed.err


def test_k_beyond_the_corpus_gives_all_others(built):
    found = json.loads(built("--id", "a", "--k", "99", "--json").out)
    assert [result["id"] for result in found["results"]] == ["b", "d", "c"] or len(found["results"]) == 3


def test_an_empty_abstract_is_kept_and_reported_and_explains_itself(built, write, papers):
    done = built("rebuild", write([*papers, {"id": "e", "title": "", "abstract": ""}]))
    assert done.code == 0
    assert "1 blank" in done.err
    assert "e (line 5)" in done.err
    asked = built("--id", "e")
    assert asked.code == 3
    assert "neither title nor abstract" in asked.err


def test_a_record_reported_as_bad_is_counted_listed_and_kept(built, write):
    file = write(f"{LINE}\n{{broken\n" + json.dumps({"id": "z", "abstract": "a\0b"}) + "\n", "x.jsonl")
    done = built("rebuild", file, "--on-error=report")
    assert done.code == 0
    assert "2 rejected" in done.err
    assert "line 2" in done.err
    asked = built("--id", "z")
    assert asked.code == 3
    assert "NUL" in asked.err
    assert json.loads(built("library", "--json").out)["n_rejected"] == 2


@pytest.mark.parametrize(
    "name", ["papers.bin", "ids.bin", "neighbours.bin", "vectors.npy", "index.faiss", "manifest.json"]
)
def test_a_damaged_build_is_named_and_never_answers_wrongly(built, home, name):
    right = built("--id", "a", "--json").out
    path = next((home / "builds").glob(f"2*/{name}"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    checked = built("verify")
    assert checked.code == 4
    assert name in checked.err
    answered = built("--id", "a", "--json")
    assert answered.out == right or (answered.code == 4 and name in answered.err)


def test_another_model_than_the_build_s_is_refused(built, tmp_path):
    import shutil

    from recommender.settings import bundled

    other = shutil.copytree(bundled("models", "fast"), tmp_path / "other")
    config = other / "1_Normalize" / "config.json"
    config.write_text(config.read_text() + "\n")
    failed = built("text", "--model", other)
    assert failed.code == 2
    assert "was made with model 'fast'" in failed.err


def test_a_second_writer_is_turned_away(built, home):
    holder = (
        "import sys, filelock; l = filelock.FileLock(sys.argv[1]); l.acquire(); print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, home / "writer.lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        failed = built("rebuild", "--force")
        process.communicate(b"\n")
    assert failed.code == 6
    assert failed.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--id", "9"], ["library"]], ids=" ".join)
def test_a_home_that_is_a_file_is_refused(call, tmp_path, arguments):
    (tmp_path / "home").write_text("x")
    failed = call(*arguments)
    assert failed.code == 2
    assert "is no folder" in failed.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_home_still_answers(built, home):
    home.chmod(0o500)
    (home / "builds").chmod(0o500)
    try:
        assert built("--id", "a").code == 0
        assert built("rebuild", "--force").code == 2
    finally:
        home.chmod(0o700)
        (home / "builds").chmod(0o700)


def test_standard_input_is_read_in_any_encoding_that_files_are(built, monkeypatch):
    text = "市域产教联合体多元主体共治的梗阻与纾解"
    found = set()
    for content in (text.encode(), text.encode("utf-8-sig"), text.encode("gb18030"), text.encode("utf-16")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        found.add(built("-", "--format", "ids").out)
    assert len(found) == 1


def test_standard_input_in_no_encoding_is_refused(built, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xfa\xff\xfe")))
    failed = built("-")
    assert failed.code == 2
    assert "standard input is neither UTF-8 (byte 1) nor GB18030 (byte 1)" in failed.err
