"""`recommend library`, `harvest` and `duplicates`: what is said of rejects, of damage, of a repository."""

import json
import re

import pytest

from recommender.presentation.cli.corpus import SHOWN
from tests.harvesting.conftest import repository  # noqa: F401 - a fixture


def test_of_many_rejects_the_first_are_listed_and_the_others_counted(built, write):
    broken = "".join('{"id": "x%d", "title": 7, "year": "20"}\n' % n for n in range(SHOWN + 5))  # noqa: UP031
    told = built("import", write(broken, "broken.jsonl"), "--on-error", "report").err
    assert len(re.findall(r"^  rejected: .*line \d+", told, re.MULTILINE)) == SHOWN
    assert "  and 5 more; all of them: recommend library --json" in told
    listed = built("library").err
    assert len(re.findall(r"^rejected: .*line \d+", listed, re.MULTILINE)) == SHOWN
    assert "and 5 more; all of them: recommend library --json" in listed
    assert len(json.loads(built("library", "--json").out)["rejected"]) == SHOWN + 5


def test_a_replacement_says_which_papers_stay_because_their_record_was_rejected(built, write, papers):
    lines = [{"id": "a", "title": "t", "year": "20"}, *papers[1:3]]
    lines = "".join(json.dumps(line) + "\n" for line in lines) + "{no json\n"
    told = built("import", write(lines, "next.jsonl"), "--replace", "--on-error", "report").err
    assert "4 records listed" in told
    assert "1 paper whose new record was rejected stays as before" in told
    assert "1 paper that is in none of the files was removed" in told
    assert "1 rejected record has no id that could be read: papers of theirs may be among the removed" in told
    assert json.loads(built("show", "a", "--json").out)["title"] == papers[0]["title"]
    assert built("show", "d").code == 0  # of the build, which is not made anew yet


def test_one_record_is_told_of_in_the_singular(call, write, papers):
    told = call("rebuild", write(papers[:1], "one.jsonl")).err
    assert "1 record listed, 1 with text" in told
    assert "1 paper in the build: 1 text embedded" in told


def test_a_damaged_library_is_recovered_and_told_what_is_lost(built, home):
    path = home / "library.db"
    content = bytearray(path.read_bytes())
    place = content.index("产教融合的治理".encode())
    content[place : place + 3] = b"\0\0\0"
    path.write_bytes(content)
    told = built("library", "--recover").err
    assert "lost: a" in told.splitlines()
    assert re.search(r"^saved 3 papers; the damaged file is now \S+", told, re.MULTILINE)
    assert "import the files of the lost papers again, then: recommend rebuild" in told
    assert json.loads(built("library", "--json").out)["n_papers"] == 3


def test_a_library_that_is_whole_loses_nothing_in_a_recovery(built):
    told = built("library", "--recover").err
    assert "lost" not in told
    assert "saved 4 papers" in told


def test_a_library_into_which_nothing_came_says_so(call, write):
    refused = call("import", write('{"id": "a", "title": 7, "year": "20"}\n', "broken.jsonl"))
    assert refused.code == 2
    told = call("library")
    assert told.code == 0
    assert "no import yet" in told.err
    assert json.loads(call("library", "--json").out)["imported_at"] is None
    assert "last import none" in call("doctor").out


@pytest.mark.loopback
def test_a_harvest_says_what_came_what_went_and_that_nothing_is_new(call, repository):  # noqa: F811
    repository.put("oai:x:1", "Bees", "2026-11-01")
    repository.put("oai:x:2", "Wasps", "2026-11-02")
    first = call("harvest", repository.url)
    assert first.code == 0
    assert "harvest done, up to " in first.err
    repository.put("oai:x:2", "Wasps", "2026-11-24T03:00:00Z", deleted=True)
    assert "1 paper that the repository has deleted was removed" in call("harvest", repository.url).err
    repository.records.clear()
    assert "nothing new in " in call("harvest", repository.url).err


def test_duplicates_are_told_for_people_and_for_programs(built, write, papers):
    copy = {**papers[0], "id": "copy", "venue": "Another journal"}
    built("rebuild", write([papers[0] | {"venue": "One journal"}, copy], "copy.jsonl"))
    content = json.loads(built("duplicates", "--json").out)
    assert ["a", "copy"] in [[paper["id"] for paper in group["papers"]] for group in content["groups"]]
    elsewhere = built("duplicates", "--resubmitted")
    assert "1 groups of papers that are one work" in elsewhere.err
    assert "copy" in elsewhere.out
