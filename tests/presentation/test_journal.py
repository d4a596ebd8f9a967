"""The journal: one JSON object a line, of commands, stages, builds, the server and the night."""

import json
import logging
from datetime import datetime
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from recommender.presentation import journal
from recommender.presentation.web.app import create_app
from recommender.settings import Settings
from recommender.workspace import Workspace


@pytest.fixture
def lines(tmp_path, monkeypatch):
    """Keep a journal, and return what it holds by now."""
    file = tmp_path / "journal.jsonl"
    monkeypatch.setenv(journal.VARIABLE, str(file))

    def read():
        found = [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []
        for entry in found:
            assert datetime.fromisoformat(entry["time"]).utcoffset().total_seconds() == 0
            assert isinstance(entry["pid"], int)
        return [SimpleNamespace(**entry) for entry in found]

    return read


def of(entries, event):
    return [entry for entry in entries if entry.event == event]


def test_a_rebuild_leaves_its_stages_its_build_and_its_end(call, write, papers, lines):
    result = call("rebuild", write(papers))
    found = lines()
    build_id = result.out.strip()
    (build,), (published,), (command,) = of(found, "build"), of(found, "published"), of(found, "command")
    assert (build.build, build.papers, build.unchanged) == (build_id, 4, False)
    assert build.embedded == 4
    assert (published.build, hasattr(published, "before")) == (build_id, False)
    assert (command.command, command.exit) == ("rebuild", 0)
    stages = of(found, "stage")
    assert len(stages) > 2
    assert len({stage.stage for stage in stages}) == len(stages)
    assert all(0 <= stage.seconds <= command.seconds for stage in stages)
    assert found[-1] == command


def test_a_rebuild_that_published_nothing_does_not_say_so(call, write, papers, lines):
    first = call("rebuild", write(papers)).out.strip()
    assert call("rebuild").out.strip() == first
    assert call("rebuild", "--no-publish").out.strip() == first
    assert len(of(lines(), "build")) == 3
    assert len(of(lines(), "published")) == 1


def test_every_step_of_a_night_names_its_build(call, write, papers, lines):
    first = call("rebuild", write(papers)).out.strip()
    second = call("rebuild", "--no-publish", "--force").out.strip()
    assert call("evaluate", "--gate").code == 0
    assert call("publish", second).code == 0
    assert call("verify").code == 0
    assert call("rollback").code == 0
    assert call("prune", "--keep", "1").code == 0
    found = lines()
    (verdict,), (verified,) = of(found, "verdict"), of(found, "verified")
    assert (verdict.build, verdict.passed, verified.build) == (second, True, second)
    assert [entry.build for entry in of(found, "published")] == [first, second, first]
    assert [entry.command for entry in of(found, "command")] == [
        "rebuild", "rebuild", "evaluate", "publish", "verify", "rollback", "prune",
    ]  # fmt: skip
    assert of(found, "pruned")[0].builds == []


def test_what_fails_is_there_with_its_exit_code_and_nothing_that_was_asked(call, lines):
    assert call("verify", "none").code == 4
    assert call("rebuild", "--nonsense-secret").code == 2
    assert call("a secret question", "--why", "--since", "secret").code != 0
    found = lines()
    assert [(entry.command, entry.exit) for entry in of(found, "command")][:2] == [
        ("verify", 4),
        ("rebuild", 2),
    ]
    assert of(found, "command")[-1].command == "similar"
    assert "secret" not in json.dumps([vars(entry) for entry in found])


def test_without_the_variable_nothing_is_written_and_with_a_bad_one_nothing_is_done(
    call, write, papers, tmp_path, monkeypatch, capsys
):
    monkeypatch.delenv(journal.VARIABLE, raising=False)
    assert call("rebuild", write(papers)).code == 0
    assert not journal.is_kept()
    monkeypatch.setenv(journal.VARIABLE, str(tmp_path))
    result = call("rebuild", "--force")
    assert result.code == 2
    assert "RECOMMENDER_LOG" in result.err
    assert len([*(tmp_path / "home" / "builds").glob("2*")]) == 1


def test_a_server_tells_what_it_answers_from_and_each_request_by_its_route(call, write, papers, lines, home):
    build_id = call("rebuild", write(papers)).out.strip()
    with journal.kept(), TestClient(create_app(Workspace(Settings(home=home)))) as client:
        assert client.get("/papers/a/similar?k=2").status_code == 200
        assert client.get("/search?q=secret").status_code == 200
        assert client.get("/secret").status_code == 404
    found = lines()
    (answering,) = of(found, "answering")
    assert answering.build == build_id
    assert answering.seconds > 0
    requests = of(found, "request")
    assert [(entry.route, entry.status) for entry in requests] == [
        ("/papers/{paper_id:path}/similar", 200), ("/search", 200), ("none", 404),
    ]  # fmt: skip
    assert {entry.build for entry in requests} == {build_id}
    assert "secret" not in json.dumps([vars(entry) for entry in found])


def test_what_other_parts_log_is_a_line_too(lines, monkeypatch):
    with journal.kept():
        # pytest would keep the lone surrogate for its report, and could not hand it on
        own = [
            handler
            for handler in logging.getLogger().handlers
            if type(handler).__module__.startswith("recommender")
        ]
        monkeypatch.setattr(logging.getLogger(), "handlers", own)
        logging.getLogger("recommender.builds.store").warning("odd\nthing %s", "\udcff")
    (entry,) = lines()
    assert (entry.event, entry.level, entry.logger) == ("log", "warning", "recommender.builds.store")
    assert entry.message.startswith("odd\nthing ")
