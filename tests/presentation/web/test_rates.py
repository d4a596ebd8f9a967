"""One caller cannot take the place of all others: so many requests a minute, by key or by address."""

import asyncio

import pytest

from recommender.presentation.web import rates
from recommender.presentation.web.rates import Rates
from recommender.presentation.web.site import Limits, Site


@pytest.fixture
def asked():
    """Ask at a time, as a caller: `asked(per_minute=2)(at=0, host="a")` returns status and Retry-After."""

    def make(**options):
        now = [0.0]

        async def app(scope, receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": []})

        limited = Rates(app, clock=lambda: now[0], **options)

        def ask(at=0.0, host="10.0.0.1", path="/search", **headers):
            now[0] = at
            sent = []

            async def send(message):
                sent.append(message)

            async def receive():
                return {"type": "http.request", "body": b"", "more_body": False}

            raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
            scope = {"type": "http", "method": "GET", "path": path, "headers": raw, "client": (host, 1)}
            asyncio.run(limited(scope, receive, send))
            found = dict(sent[0]["headers"])
            return sent[0]["status"], found.get(b"retry-after", b"").decode()

        return ask

    return make


def test_the_bucket_is_emptied_at_once_and_fills_up_as_time_goes_by(asked):
    ask = asked(per_minute=3)
    assert [ask()[0] for _ in range(4)] == [200, 200, 200, 429]
    assert ask(at=5) == (429, "15")
    assert ask(at=20.1)[0] == 200
    assert ask(at=20.2) == (429, "20")
    assert [ask(at=9_999)[0] for _ in range(4)] == [200, 200, 200, 429]  # it holds no more than it did


def test_each_address_and_each_key_has_its_own(asked):
    ask = asked(per_minute=1, keys=("one", "two"))
    assert [ask(host="a")[0], ask(host="a")[0], ask(host="b")[0]] == [200, 429, 200]
    assert [ask(host="a", x_api_key="one")[0], ask(host="b", authorization="Bearer one")[0]] == [200, 429]
    assert ask(host="a", x_api_key="two")[0] == 200
    assert ask(host="a", x_api_key="guessed")[0] == 429  # no key of ours: it counts by its address


def test_health_and_the_assets_of_pages_are_free(asked):
    ask = asked(per_minute=1)
    assert [ask(path=path)[0] for path in ["/search", *rates.FREE, *rates.FREE]] == [200] * 9
    assert "/metrics" in rates.FREE


def test_callers_are_forgotten_the_quietest_first(asked, monkeypatch):
    monkeypatch.setattr(rates, "CALLERS", 2)
    ask = asked(per_minute=1)
    assert [ask(host=host)[0] for host in "abac"] == [200, 200, 429, 200]
    assert ask(host="a")[0] == 429  # b was forgotten, not a
    assert ask(host="b")[0] == 200


def test_another_site_asks_first_for_free_and_can_read_why_it_is_refused(serving):
    client = serving(Site(limits=Limits(per_minute=1), origins=("https://journal.example",)))
    there = {"Origin": "https://journal.example"}
    first = there | {"Access-Control-Request-Method": "POST"}
    assert [client.options("/similar", headers=first).status_code for _ in range(3)] == [200] * 3
    assert client.get("/papers/9", headers=there).status_code == 200
    refused = client.get("/papers/9", headers=there)
    assert refused.status_code == 429
    assert refused.headers["access-control-allow-origin"] == there["Origin"]
    assert "Retry-After" in refused.headers["access-control-expose-headers"]
    assert client.options("/similar", headers=first).status_code == 200


def test_a_site_refuses_with_a_problem_that_says_when_to_come_back(serving):
    client = serving(Site(limits=Limits(per_minute=2)))
    assert [client.get("/papers/9").status_code for _ in range(2)] == [200, 200]
    response = client.get("/papers/9")
    assert (response.status_code, response.headers["content-type"]) == (429, "application/problem+json")
    assert response.headers["retry-after"] == "30"
    assert response.json()["detail"] == "at most 2 requests a minute; try again in 30 s"
    assert response.headers["x-content-type-options"] == "nosniff"
