"""The nightly job as cron runs it."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "nightly_rebuild.sh"
PAPERS = [
    {"id": "a", "title": "产教融合的治理", "abstract": "市域产教联合体推动职业教育发展。"},
    {"id": "b", "title": "职业教育校企合作", "abstract": "校企合作是职业教育的办学模式。"},
    {"id": "c", "title": "Perovskite solar cells", "abstract": "The stability of perovskite films."},
    {"id": "d", "title": "Halide perovskites", "abstract": "Moisture degrades perovskite solar cells."},
]


def nights_in(tmp_path):
    """Return what runs a night in the folder `home` of another."""
    recommend = tmp_path / "recommend"
    recommend.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m recommender "$@"\n')
    recommend.chmod(0o755)
    home = tmp_path / "home"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("RECOMMEND")},
        "RECOMMENDER_HOME": str(home),
        "RECOMMEND": str(recommend),
        "PYTHONPATH": str(ROOT),
    }

    def begin():
        return subprocess.Popen(
            ["bash", SCRIPT],
            env=environment,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            # whoever runs the tests may ignore it (nohup), and no shell can trap what it never hears
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
        )

    def run(papers=None, **more):
        files = []
        if papers is not None:
            file = tmp_path / "papers.jsonl"
            file.write_text("".join(json.dumps(paper) + "\n" for paper in papers), encoding="utf-8")
            files = [file]
        return subprocess.run(
            ["bash", SCRIPT, *files], env=environment | more, capture_output=True, text=True, timeout=300
        )

    run.home, run.recommend, run.begin = home, recommend, begin
    return run


@pytest.fixture
def nightly(tmp_path):
    return nights_in(tmp_path)


@pytest.fixture(scope="module")
def after_a_night(tmp_path_factory):
    """A home in which a night has published the papers; tests work on copies."""
    night = nights_in(tmp_path_factory.mktemp("night"))
    assert night(PAPERS).returncode == 0
    return night.home


@pytest.fixture
def yesterday(nightly, after_a_night):
    """Have a night behind; return the build that it published."""
    shutil.copytree(after_a_night, nightly.home)
    return current(nightly.home)


def current(home):
    return (home / "builds" / "CURRENT").read_text().strip()


def test_the_first_night_publishes_and_the_second_has_nothing_to_do(nightly):
    first = nightly(PAPERS)
    assert first.returncode == 0, first.stderr
    published = current(nightly.home)
    second = nightly(PAPERS)
    assert second.returncode == 0, second.stderr
    assert "nothing has changed" in second.stderr
    assert current(nightly.home) == published
    log = (nightly.home / "nightly.log").read_text()
    assert log.count("rebuild: exit 0 after") == 2
    assert all(line[4] == "-" and line[10] == "T" for line in log.splitlines())


def test_a_night_that_loses_papers_is_refused_and_yesterday_stays(nightly, yesterday):
    refused = nightly(PAPERS[:2], RECOMMENDER_IMPORT="--replace")
    assert refused.returncode == 5, refused.stderr
    assert "refused" in refused.stderr
    assert current(nightly.home) == yesterday


def test_a_night_that_answers_worse_is_refused(nightly, tmp_path):
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("id_a\tid_b\tgrade\na\tb\t2\nc\td\t2\n")
    assert nightly(PAPERS, RECOMMENDER_PAIRS=str(pairs)).returncode == 0
    yesterday = current(nightly.home)
    swapped = [{**paper, "id": name} for paper, name in zip(PAPERS, "acbd", strict=True)]
    refused = nightly(swapped, RECOMMENDER_PAIRS=str(pairs))
    assert refused.returncode == 5, refused.stderr
    assert "nDCG" in refused.stderr
    assert current(nightly.home) == yesterday
    candidate = max(path.name for path in (nightly.home / "builds").iterdir() if path.is_dir())
    verdict = json.loads((nightly.home / "builds" / candidate / "manifest.json").read_text())["verdict"]
    assert (verdict["passed"], verdict["against"]) == (False, yesterday)
    assert "nDCG@10 falls by" in verdict["reasons"][0]


def test_a_second_night_of_what_was_refused_builds_nothing_and_is_refused_again(nightly, yesterday):
    for _ in range(2):
        refused = nightly(PAPERS[:2], RECOMMENDER_IMPORT="--replace", RECOMMENDER_KEEP="1")
        assert refused.returncode == 5, refused.stderr
    assert "was made of the very same before (gate: refused, 2 lost)" in refused.stderr
    assert len([*(nightly.home / "builds").glob("2*")]) == 2


def test_a_gate_that_cannot_judge_is_a_failure_and_no_refusal(nightly, yesterday, tmp_path):
    more = [*PAPERS, {"id": "e", "title": "Another paper"}]
    failed = nightly(more, RECOMMENDER_PAIRS=str(tmp_path / "nowhere.tsv"))
    assert failed.returncode == 2
    said = (nightly.home / "nightly.failed").read_text()
    assert "exit 2, failed: " in said
    assert f"is not published, {yesterday} stays current" in said
    assert "refused" not in failed.stderr
    assert current(nightly.home) == yesterday


def test_a_damaged_current_build_keeps_no_healthy_one_from_being_published(nightly, yesterday):
    damaged = nightly.home / "builds" / yesterday / "papers.bin"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    night = nightly(PAPERS)  # what it was made of is still there
    assert night.returncode == 0, night.stderr
    assert "there is nothing to compare build" in night.stderr
    assert current(nightly.home) > yesterday


def test_a_broken_file_fails_the_night_and_yesterday_stays(nightly, yesterday):
    failed = nightly([*PAPERS, {"id": "a", "title": "again"}])
    assert failed.returncode == 2
    assert "already" in failed.stderr
    assert current(nightly.home) == yesterday
    assert f"exit 2, failed: {yesterday} stays current" in (nightly.home / "nightly.failed").read_text()
    assert nightly(PAPERS).returncode == 0
    assert not (nightly.home / "nightly.failed").exists()


@pytest.mark.parametrize("name", ["TERM", "INT", "HUP"])
def test_a_night_that_is_ended_from_outside_says_so(nightly, yesterday, name):
    started = nightly.home / "started"
    nightly.recommend.write_text(f"#!/bin/sh\ntouch {started}\nexec sleep 60\n")
    night = nightly.begin()
    while not started.exists():
        assert night.poll() is None
        time.sleep(0.01)
    os.killpg(night.pid, signal.Signals[f"SIG{name}"])
    assert night.wait(60) == 128 + signal.Signals[f"SIG{name}"]
    said = (nightly.home / "nightly.failed").read_text()
    assert f"exit {night.returncode}, failed: ended from outside, {yesterday} stays current" in said
    assert current(nightly.home) == yesterday


def test_a_log_that_cannot_be_written_keeps_no_night_from_its_end(nightly):
    nightly.home.mkdir()
    (nightly.home / "nightly.log").symlink_to("/dev/full")
    night = nightly(PAPERS, RECOMMENDER_LOG="/dev/full")
    assert night.returncode == 0, night.stderr
    assert f"done: {current(nightly.home)} is current" in night.stderr
    failed = nightly([*PAPERS, {"id": "a", "title": "again"}], RECOMMENDER_LOG="/dev/full")
    assert failed.returncode == 2
    assert (nightly.home / "nightly.failed").is_file()


def test_a_second_run_at_the_same_time_is_turned_away(nightly, yesterday):
    with (nightly.home / "nightly.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert nightly(PAPERS).returncode == 6
    assert nightly(PAPERS).returncode == 0


def test_what_a_crashed_night_left_behind_does_not_matter(nightly, yesterday):
    left = nightly.home / "builds" / ".20200101T000000Z.partial"
    left.mkdir()
    (left / "papers.bin").write_bytes(b"half")
    assert nightly([*PAPERS, {"id": "e", "title": "Another paper"}]).returncode == 0
    assert not left.exists()


def test_what_is_to_be_done_with_a_new_build_is_done_once_and_its_failure_is_none_of_the_night(
    nightly, yesterday
):
    done = nightly.home / "told"
    line = f'echo told >> "{done}"; echo for the editor; false'
    for _ in range(2):
        night = nightly([*PAPERS, {"id": "e", "title": "Another paper"}], RECOMMENDER_PUBLISHED=line)
        assert night.returncode == 0, night.stderr
    assert done.read_text() == "told\n"
    assert "what was to be done with the new build failed" in (nightly.home / "nightly.log").read_text()
    assert not (nightly.home / "nightly.failed").exists()


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root writes everywhere")
@pytest.mark.parametrize("there", [True, False])
def test_a_home_that_cannot_be_written_to_is_one_sentence_and_exit_2(nightly, tmp_path_factory, there):
    parent = tmp_path_factory.mktemp("closed")
    home = parent / "home"
    if there:
        home.mkdir()
    parent.chmod(0o777)
    (home if there else parent).chmod(0o555)
    as_nobody = ["setpriv", "--reuid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    for folder in parent.parents:
        if as_nobody and folder != Path("/") and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)
    night = subprocess.run(
        [*as_nobody, "bash", SCRIPT],
        env={**os.environ, "RECOMMENDER_HOME": str(home), "RECOMMEND": "/bin/true"},
        capture_output=True,
        text=True,
    )
    assert (night.returncode, night.stdout) == (2, "")
    assert night.stderr == f"nightly: cannot write to {home}\n"


def test_the_journal_has_every_step_and_how_the_night_ended(nightly, tmp_path):
    journal = tmp_path / "journal.jsonl"
    assert nightly(PAPERS, RECOMMENDER_LOG=str(journal)).returncode == 0
    first = current(nightly.home)
    assert nightly(PAPERS[:2], RECOMMENDER_IMPORT="--replace", RECOMMENDER_LOG=str(journal)).returncode == 5
    lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    nights = [line for line in lines if line["event"] == "night"]
    assert [(line["result"], line["build"]) for line in nights] == [("published", first), ("refused", first)]
    assert all(line["seconds"] >= 0 and line["time"] and line["pid"] for line in nights)
    commands = [(line["command"], line["exit"]) for line in lines if line["event"] == "command"]
    assert commands == [
        ("rebuild", 0), ("evaluate", 0), ("publish", 0), ("prune", 0),
        ("rebuild", 0), ("evaluate", 5), ("prune", 0),
    ]  # fmt: skip
