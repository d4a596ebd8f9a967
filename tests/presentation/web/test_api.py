"""The API answers what the library answers, and says in one form what it cannot."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from recommender.presentation.web.site import Limits, Site
from recommender.recommendation import Filters, Query
from recommender.writers import WRITERS
from recommender.writers.atom import ATOM

PROBLEM = "application/problem+json"
MEDIA = {
    "json": "application/json",
    "jsonl": "application/jsonl",
    "csv": "text/csv; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
    "bibtex": "application/x-bibtex; charset=utf-8",
    "csljson": "application/vnd.citationstyles.csl+json",
    "gbt7714": "text/plain; charset=utf-8",
    "markdown": "text/markdown; charset=utf-8",
    "atom": "application/atom+xml",
}


def problem(response, status):
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM
    content = response.json()
    assert content["status"] == status
    assert content["title"]
    assert content["detail"]
    return content


def ids(response):
    assert response.status_code == 200, response.text
    return [result["id"] for result in response.json()["results"]]


def test_a_paper_is_given_whole(client):
    found = client.get("/papers/9").json()
    assert found["title"].startswith("从名义联合到实质协同")
    assert found["keywords"] == ["市域产教联合体", "多元主体", "协同治理", "职业教育", "产业园区"]
    assert found["citation"] == "顾承远, 沈若溪, 陶建平 《职教治理研究》2024,9(3):18-27"


def test_the_papers_similar_to_one_are_those_of_the_library(client, recommender):
    answer = recommender.similar_to("9", k=7)
    response = client.get("/papers/9/similar", params={"k": 7})
    assert ids(response) == [result.paper.id for result in answer.results]
    first = response.json()["results"][0]
    assert (first["score"], first["label"]) == (round(answer.results[0].score, 6), "near-duplicate")
    assert response.json()["query"]["id"] == "9"
    assert response.headers["etag"] == f'"{answer.build_id}"'


def test_filters_and_steering_in_an_address_are_those_of_the_library(client, recommender):
    query = Query(
        like=("9",),
        unlike=("55",),
        filters=Filters(
            since=2020, until=2024, languages=("zh", "en"), subjects=("Education",), exclude=("299",)
        ),
        diversity=0.3,
        half_life=5.0,
    )
    parameters = {
        "k": 4, "unlike": "55", "since": 2020, "until": 2024, "language": ["zh", "en"],
        "subject": "Education", "exclude": "299", "diversity": 0.3, "half_life": 5,
    }  # fmt: skip
    expected = [result.paper.id for result in recommender.recommend(query, 4).results]
    assert len(expected) == 4
    assert ids(client.get("/papers/9/similar", params=parameters)) == expected


def test_every_filter_narrows_the_answer(client):
    paper = client.get("/papers/299").json()
    for name, value in (("venue", paper["venue"]), ("author", paper["authors"][0])):
        found = client.get("/papers/9/similar", params={name: value, "k": 100}).json()["results"]
        assert "299" in [one["id"] for one in found]
        key = {"venue": "venue", "author": "authors"}[name]
        assert all(value in one[key] for one in found)
        assert len(found) < 100


def test_a_text_is_searched_for_with_papers_beside_it(client, recommender):
    response = client.get("/search", params={"q": "产教融合 治理", "k": 5})
    assert ids(response) == [one.paper.id for one in recommender.similar_to_text("产教融合 治理", 5).results]
    both = client.get("/search", params={"q": "产教融合 治理", "like": "20", "k": 5})
    query = Query(text="产教融合 治理", like=("20",))
    assert ids(both) == [one.paper.id for one in recommender.recommend(query, 5).results]


def test_a_posted_question_is_the_same_as_one_in_an_address(client):
    posted = client.post(
        "/similar",
        json={
            "text": "soil", "ids": ["20"], "like": ["21", "20"], "unlike": ["9"], "k": 6,
            "filters": {"since": 2015, "languages": ["en"]}, "min_similarity": 0.1,
        },
    )  # fmt: skip
    asked = {
        "q": "soil",
        "like": ["20", "21"],
        "unlike": "9",
        "k": 6,
        "since": 2015,
        "language": "en",
        "min_similarity": 0.1,
    }
    assert ids(posted) == ids(client.get("/search", params=asked))
    assert posted.json()["asked"]["unlike"] == ["9"]


def test_reasons_are_given_where_they_are_asked_for(client):
    (plain,) = client.get("/papers/9/similar", params={"k": 1}).json()["results"]
    (reasoned,) = client.get("/papers/9/similar", params={"k": 1, "why": True}).json()["results"]
    assert "why" not in plain
    why = reasoned["why"]
    assert sum(why[part] for part in ("meaning", "words", "usual", "neighbours")) == pytest.approx(
        reasoned["score"], abs=2e-6
    )
    assert why["sentences"][0]["found"] in reasoned["abstract"]


@pytest.mark.parametrize("name", [writer.name for writer in WRITERS])
def test_every_format_that_answers_are_written_in_is_served(client, recommender, as_file, name):
    response = client.get("/papers/9/similar", params={"format": name, "k": 3})
    written = as_file(recommender.similar_to("9", 3), name)
    assert response.headers["content-type"] == MEDIA[name]
    if name == "json":
        assert response.json() == json.loads(written)
    else:
        assert response.content.decode() == written


def test_a_table_is_one_that_spreadsheets_open(client):
    response = client.get("/papers/9/similar", params={"format": "csv", "k": 3})
    assert response.headers["content-type"].startswith("text/csv")
    rows = [*csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))]
    assert [row["rank"] for row in rows] == ["1", "2", "3"]


def test_an_answer_that_the_caller_has_is_not_sent_again(client):
    first = client.get("/papers/9/similar")
    again = client.get("/papers/9/similar", headers={"If-None-Match": f'W/"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert client.get("/papers/9/similar", headers={"If-None-Match": '"other"'}).status_code == 200


def test_an_answer_is_computed_once_while_its_build_is_current(serving, monkeypatch):
    client = serving()
    first = client.get("/search", params={"q": "bees"})
    shelf = client.app.state.service.shelf
    monkeypatch.setattr(shelf.ready.recommender, "recommend", None)
    assert client.get("/search", params={"q": "bees"}).content == first.content
    assert client.get("/search", params={"q": "wasps"}).status_code == 500


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/papers/nope", 404, "no paper 'nope'"),
        ("/papers/nope/similar", 404, "no paper 'nope'"),
        ("/papers//similar", 404, "no paper ''"),
        ("/search?q=bees&langs=zh", 422, "Extra inputs"),
        ("/papers/9/similar?k=0", 422, "greater than or equal to 1"),
        ("/papers/9/similar?k=101", 422, "less than or equal to 100"),
        ("/papers/9/similar?k=ten", 422, "integer"),
        ("/papers/9/similar?sice=2020", 422, "Extra inputs"),
        ("/papers/9/similar?diversity=1", 422, "less than 1"),
        ("/papers/9/similar?half_life=nan", 422, "half_life"),
        ("/papers/9/similar?half_life=0", 422, "greater than 0"),
        ("/papers/9/similar?since=2024&until=2020", 400, "no year"),
        ("/papers/9/similar?subject=alchemy", 400, "alchemy"),
        ("/papers/9/similar?exclude=nope", 404, "nope"),
        ("/papers/9/similar?unlike=9", 400, "at once"),
        ("/papers/9/similar?format=docx", 400, "docx"),
        ("/search", 422, "q: Field required"),
        ("/search?q=", 422, "at least 1 character"),
        ("/search?q=%20.%20", 400, "no letter or digit"),
        ("/search?q=%00a", 400, "NUL"),
        ("/new?since=yesterday", 400, "no date"),
        ("/new?since=20200101T000000Z", 400, "no build"),
        ("/new?since=2020-01-01", 400, "name a build"),
        ("/new?follow=nope&since=2020-01-01", 400, "name a build"),
        ("/new?format=docx", 400, "atom"),
        ("/new?format=mail", 400, "followed"),
        ("/duplicates?resubmitted=perhaps", 422, "boolean"),
        ("/nowhere", 404, "Not Found"),
    ],
)
def test_what_cannot_be_answered_is_a_problem_that_says_why(client, address, status, words):
    detail = problem(client.get(address), status)["detail"]
    assert words in detail
    assert not re.search(r"--\w|recommend ", detail)  # of the command line


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"text": " "}, 400),
        ({"text": "a", "filter": {}}, 422),
        ({"text": "a", "filters": {"venue": ["x"]}}, 422),
        ({"ids": "9"}, 422),
        ({"ids": [""]}, 422),
        ({"ids": ["9"] * 51}, 422),
        ({"ids": ["nope"]}, 404),
        ({"text": "a", "k": 1e400}, 422),
        ({"text": "a", "min_similarity": float("nan")}, 422),
        ({"text": "\ud800"}, 422),
        ({"text": "a" * 20_001}, 422),
        ([], 422),
        (None, 422),
    ],
)
def test_a_body_that_is_no_question_is_a_problem(client, body, status):
    content = json.dumps(body).encode() if body is not None else b"{nonsense"
    response = client.post("/similar", content=content, headers={"Content-Type": "application/json"})
    problem(response, status)


def test_a_paper_without_text_says_so(tmp_path, warm, serving):
    from recommender.settings import Settings
    from recommender.workspace import Workspace

    file = tmp_path / "two.jsonl"
    file.write_text(
        '{"id": "10.1/a", "title": "Bees and flowers"}\n{"id": "b", "title": "…"}\n'
        '{"id": "c", "title": "Wasps"}\n',
        "utf-8",
    )
    workspace = Workspace(Settings(home=warm(tmp_path / "home")))
    with workspace.writing():
        workspace.import_files([file])
        workspace.rebuild()
    client = serving(of=workspace)
    assert "known, but" in problem(client.get("/papers/b"), 422)["detail"]
    assert client.get("/papers/10.1/a").json()["title"] == "Bees and flowers"
    assert ids(client.get("/papers/10.1%2Fa/similar")) == ["c"]
    found = client.get("/new", params={"since": "2020-01-01"})
    assert [one["id"] for one in found.json()["results"]] == ["10.1/a", "c"]
    assert found.json()["entered"] == 2
    day = datetime.now(UTC).date().isoformat()
    similar = client.get("/new", params={"since": day, "follow": "10.1/a", "min_similarity": 0}).json()[
        "results"
    ]
    assert [(one["id"], one["followed"]) for one in similar] == [("c", "10.1/a")]
    feed = ET.fromstring(client.get("/new", params={"since": day, "format": "atom"}).text)  # noqa: S314
    assert [node.findtext(f"{{{ATOM}}}title") for node in feed.findall(f"{{{ATOM}}}entry")] == [
        "Bees and flowers",
        "Wasps",
    ]
    mail = client.get("/new", params={"since": day, "format": "mail", "follow": "10.1/a"})
    assert mail.text.startswith("Subject: ")
    groups = client.get("/duplicates").json()
    assert groups == {"build": workspace.store.current_id(), "groups": []}


def test_of_the_first_build_nothing_is_new(client):
    assert client.get("/new").json()["since"] is None
    assert client.get("/new").json()["results"] == []


def test_what_is_not_found_in_time_is_asked_for_again(serving, workspace):
    client = serving(Site(limits=Limits(seconds=0.01)))
    while client.get("/readyz").status_code != 200:
        pass
    response = client.get("/duplicates")
    assert "longer than 0.01 seconds" in problem(response, 503)["detail"]
    assert response.headers["retry-after"] == "1"


def test_the_description_names_every_route_and_how_errors_look(client):
    schema = client.get("/openapi.json").json()
    assert {*schema["paths"]} == {
        "/papers/{paper_id}", "/papers/{paper_id}/similar", "/similar", "/search", "/duplicates", "/new",
        "/healthz", "/readyz", "/metrics",
    }  # fmt: skip
    errors = schema["paths"]["/similar"]["post"]["responses"]
    assert {"400", "401", "404", "408", "413", "422", "503"} <= errors.keys()
    assert [*errors["422"]["content"]] == [PROBLEM]


def test_lang_is_language(client):
    named, short = (
        client.get(f"/search?q=产教融合&{name}=ja").json()["results"] for name in ("language", "lang")
    )
    assert named == short
    assert {result["language"] for result in short} == {"ja"}


def test_every_parameter_is_described_and_every_route_has_a_sentence(client):
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        for operation in operations.values():
            assert operation["summary"].split()[0] in ("Return", "Say"), path
            for one in operation.get("parameters", []):
                assert one.get("description") or one["schema"].get("description"), (path, one["name"])
