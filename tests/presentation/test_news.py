"""What is new, as the readers of feeds and mails take it, and as the command line gives it."""

import json
from email import message_from_bytes
from email.policy import default
from xml.etree import ElementTree as ET

import pytest

from recommender.neighbour import Label
from recommender.paper import Paper
from recommender.presentation.news import to_atom, to_json, to_mail
from recommender.recommendation import Recommendation
from recommender.recommendation.news import News
from recommender.writers.atom import ATOM

NASTY = Paper(
    id="<1>",
    title="A & B\x07 <script>",
    abstract="First.\nSecond ]]> end",
    authors=("Li & Wu",),
    url="javascript:alert(1)",
    doi="10.1/x",
)
PLAIN = Paper(id="2", title="产教融合", url="https://journal.example/2")
FOLLOWED = Paper(id="9", title="职教治理")
NEWS = [
    News(Recommendation(1, 0.5, 0.999, Label.SAME_TOPIC, NASTY), FOLLOWED),
    News(Recommendation(2, 0.4, 0.99, Label.UNKNOWN, PLAIN), FOLLOWED),
]
NIGHT = "2026-11-25T02:15:00+00:00"


def parsed(feed):
    return ET.fromstring(feed)  # noqa: S314 - it is our own


def entries(feed):
    return parsed(feed).findall(f"{{{ATOM}}}entry")


def text(node, name):
    return node.findtext(f"{{{ATOM}}}{name}")


def test_a_feed_says_what_is_new_and_why_whatever_the_records_hold():
    nasty, plain = entries(to_atom(NEWS, ["9"], NIGHT))
    assert text(nasty, "title") == "A & B <script>"
    assert nasty.findtext(f"{{{ATOM}}}author/{{{ATOM}}}name") == "Li & Wu"
    assert text(nasty, "summary").startswith("similar to 9 职教治理 (0.500, same topic)\n")
    assert text(nasty, "summary").endswith("First.\nSecond ]]> end")
    assert text(plain, "updated") == NIGHT
    links = [node.find(f"{{{ATOM}}}link").get("href") for node in (nasty, plain)]
    assert links == ["https://doi.org/10.1/x", "https://journal.example/2"]


def test_an_entry_without_a_link_has_its_text_as_content():
    """RFC 4287, 4.1.2: without content there must be a link to the paper."""
    here = Paper(id="3", title="Bees", abstract="Of bees.")
    linked, alone = entries(
        to_atom([NEWS[0], News(Recommendation(2, 0.4, 0.99, Label.UNKNOWN, here), FOLLOWED)], ["9"], NIGHT)
    )
    assert (text(linked, "content"), linked.find(f"{{{ATOM}}}link") is None) == (None, False)
    assert (text(alone, "summary"), alone.find(f"{{{ATOM}}}link")) == (None, None)
    assert text(alone, "content").endswith("Of bees.")


def test_a_paper_keeps_its_id_from_one_feed_to_the_next_and_no_two_share_one():
    first, second = entries(to_atom(NEWS, ["9"], NIGHT))
    (again,) = entries(to_atom(NEWS[1:], ["9", "16"], "2026-11-26T02:15:00+00:00"))
    assert text(second, "id") == text(again, "id") != text(first, "id")
    feeds = [text(parsed(to_atom([], ids, NIGHT)), "id") for ids in (["9", "16"], ["16", "9"], ["9"])]
    assert feeds[0] == feeds[1] != feeds[2]


def test_a_mail_can_be_sent_as_it_is():
    message = message_from_bytes(to_mail(NEWS, ["9"], NIGHT).encode(), policy=default)
    assert message["Subject"] == "2 new papers similar to those you follow"
    body = message.get_content()
    assert "1. A & B <script>\n" in body
    assert "2. 产教融合\n   similar to 9 职教治理 (0.400)\n   https://journal.example/2" in body
    assert "javascript" not in body
    empty = message_from_bytes(to_mail([], ["9"], NIGHT).encode(), policy=default)
    assert (empty["Subject"], "Nothing new" in empty.get_content()) == (
        "0 new papers similar to those you follow",
        True,
    )


def test_json_holds_every_result_with_the_one_it_is_similar_to():
    content = json.loads(to_json(NEWS, ["9"], NIGHT))
    assert (content["follow"], content["updated"]) == (["9"], NIGHT)
    assert [(one["id"], one["followed"], one["score"]) for one in content["results"]] == [
        ("<1>", "9", 0.5),
        ("2", "9", 0.4),
    ]


@pytest.fixture
def since(built, write, papers):
    """Return the id of a build before two papers came."""
    before = json.loads(built("--id", "a", "--json").out)["build"]
    new = [{**papers[0], "id": "new"}, {**papers[-1], "id": "other"}]
    assert built("rebuild", write([*papers, *new], "more.jsonl")).code == 0
    return before


def test_the_command_tells_what_came_after_a_build_or_a_day(built, since):
    for moment in (since, "2020-01-01"):
        answer = built(
            "new", "--since", moment, "--follow", "a", "--min-similarity", "0", "--k", "1", "--json"
        )
        assert [one["id"] for one in json.loads(answer.out)["results"]] == ["new"]
    assert "2 papers entered since" in built("new", "--since", since, "--follow", "a").err
    assert built("new", "--since", "2999-01-01", "--follow", "a").out == ""


def test_last_is_the_build_before_the_current_one(built, since):
    args = ("--follow", "a", "--min-similarity", "0")
    named, last = (built("new", "--since", when, *args, "--json") for when in (since, "last"))
    assert last.out == named.out
    assert f"2 papers entered since {since}; " in last.err


def test_of_a_first_build_nothing_is_new_since_the_last_one(built):
    answer = built("new", "--since", "last", "--follow", "a", "--json")
    assert (answer.code, json.loads(answer.out)["results"]) == (0, [])
    assert "0 papers entered since the build before: there is none" in answer.err


def test_a_mail_of_nothing_is_not_written(built, since):
    for when in ("2999-01-01", since):
        answer = built(
            "new", "--since", when, "--follow", "c", "--min-similarity", "0.9999999", "--format", "mail"
        )
        assert (answer.code, answer.out) == (0, "")
    some = built("new", "--since", "last", "--follow", "a", "--min-similarity", "0", "--format", "mail")
    assert some.out.startswith("Subject: 2 new papers")


def test_followed_papers_may_come_from_a_file(built, since, tmp_path):
    file = tmp_path / "ids.txt"
    file.write_text("a\n\n a \nb\n", encoding="utf-8")
    answer = built("new", "--since", since, "--follow-file", str(file), "--json")
    assert json.loads(answer.out)["follow"] == ["a", "b"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "yesterday", "--follow", "a"], "no build"),
        (["--since", "2026-11-24"], "which papers are followed"),
        (["--since", "2026-11-24", "--follow", "a", "--min-similarity", "1"], "below 1"),
        (["--since", "2026-11-24", "--follow-file", "nowhere.txt"], "nowhere.txt"),
    ],
)
def test_a_call_that_means_nothing_is_refused(built, arguments, said):
    answer = built("new", *arguments)
    assert answer.code == 2
    assert said in answer.err
