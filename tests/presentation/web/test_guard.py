"""What every request passes: keys, limits, headers, queue, health."""

import asyncio
import re
import threading

import pytest

from recommender.presentation.web.desk import BusyError, Desk, LateError
from recommender.presentation.web.guard import Bodies, key_among
from recommender.presentation.web.site import Limits, Site

API = ["/papers/9", "/papers/9/similar", "/search?q=bees", "/duplicates", "/new", "/metrics"]


def test_a_key_is_asked_for_once_there_is_one(serving):
    client = serving(Site(api_keys=("other", "s€cret")))
    for address in API:
        response = client.get(address)
        assert (response.status_code, response.json()["status"]) == (401, 401)
        assert response.headers["www-authenticate"] == "Bearer"
        assert client.get(address, headers={"X-API-Key": "wrong"}).status_code == 401
        # headers are read as Latin-1
        assert client.get(address, headers={"X-API-Key": "s€cret".encode()}).status_code == 401


def test_either_header_may_carry_the_key_and_health_needs_none(serving):
    client = serving(Site(api_keys=("other", "k3y")))
    assert client.get("/papers/9", headers={"X-API-Key": "k3y"}).status_code == 200
    assert client.get("/papers/9", headers={"Authorization": "Bearer k3y"}).status_code == 200
    assert client.get("/papers/9", headers={"Authorization": "Basic k3y"}).status_code == 401
    assert client.post("/similar", json={"ids": ["9"]}).status_code == 401
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    assert client.get("/find", params={"like": "9"}).status_code == 200


@pytest.mark.parametrize(
    ("given", "place"), [("k", 1), ("j", 0), ("", None), ("kk", None), ("\udcff", None), ("ключ", None)]
)
def test_a_key_is_itself_alone(given, place):
    assert key_among(given, ("j", "k")) == place
    assert key_among(given, ()) is None


def test_a_body_has_a_limit_whether_it_tells_its_length_or_not(client):
    large = b'{"text": "' + b"a" * 65_536 + b'"}'
    told = client.post("/similar", content=large)
    untold = client.post("/similar", content=(large[i : i + 999] for i in range(0, len(large), 999)))
    lying = client.post("/similar", content=b"{}", headers={"Content-Length": "many"})
    for response in (told, untold, lying):
        assert (response.status_code, response.headers["content-type"]) == (413, "application/problem+json")
        assert "65,536" in response.json()["detail"]
    just = b'{"ids": ["9"], "text": ""' + b" " * 60_000 + b"}"
    headers = {"Content-Type": "application/json"}
    assert client.post("/similar", content=just, headers=headers).status_code == 200


def test_a_body_that_does_not_come_is_given_up():
    sent = []

    async def never():
        await asyncio.sleep(60)

    async def send(message):
        sent.append(message)

    async def call():
        scope = {"type": "http", "method": "POST", "path": "/similar", "headers": []}
        await Bodies(None, limit=10, seconds=0.01)(scope, never, send)

    asyncio.run(call())
    assert sent[0]["status"] == 408


def test_a_queue_has_an_end_and_a_place_is_free_again_when_work_is_done():
    go = threading.Event()

    async def call():
        desk = Desk(Limits(threads=1, waiting=1, seconds=30))
        waiting = [asyncio.ensure_future(desk.do(go.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await desk.do(lambda: None)
        go.set()
        assert await asyncio.gather(*waiting) == [True, True]
        assert await desk.do(lambda: 7) == 7
        desk.close()

    asyncio.run(call())


def test_late_work_keeps_its_place_until_it_ends():
    go = threading.Event()

    async def call():
        desk = Desk(Limits(threads=1, waiting=0, seconds=0.02))
        with pytest.raises(LateError):
            await desk.do(go.wait)
        with pytest.raises(BusyError):
            await desk.do(lambda: None)
        go.set()
        while desk.pending:
            await asyncio.sleep(0.001)
        desk.close()

    asyncio.run(call())


def test_a_full_queue_is_told_with_503_and_when_to_come_again(serving):
    client = serving(Site(limits=Limits(threads=1, waiting=0)))
    service = client.app.state.service
    assert client.get("/papers/9").status_code == 200
    service.desk.pending += 1
    response = client.get("/papers/20")
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "address", ["/", "/find?like=9", "/papers/9", "/nowhere", "/static/x/style.css", "/papers/nope"]
)
def test_every_reply_has_the_headers_that_browsers_obey(client, address):
    headers = client.get(address).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers


def test_only_the_snippet_may_stand_in_other_sites(client):
    headers = client.get("/embed/9").headers
    assert "frame-ancestors *" in headers["content-security-policy"]
    assert "x-frame-options" not in headers


def test_other_sites_may_call_only_once_they_are_named(serving, client):
    there = {"Origin": "https://journal.example"}
    assert "access-control-allow-origin" not in client.get("/papers/9", headers=there).headers
    named = serving(Site(origins=("https://journal.example",)))
    assert named.get("/papers/9", headers=there).status_code == 200  # the build is open
    assert named.get("/papers/9", headers=there).headers["access-control-allow-origin"] == there["Origin"]
    asked = there | {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    assert named.options("/similar", headers=asked).status_code == 200
    other = named.get("/papers/9", headers={"Origin": "https://other.example"})
    assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize("address", ["/", "/papers/9", "/healthz"])
def test_head_is_get_without_a_body(client, address):
    response = client.head(address)
    assert (response.status_code, response.content) == (200, b"")


def test_another_method_is_refused_with_those_that_are_not(client):
    response = client.delete("/papers/9")
    assert response.status_code == 405
    assert "GET" in response.headers["allow"]
    assert response.json()["status"] == 405


def test_metrics_count_by_route_and_never_by_what_was_asked(client):
    client.get("/papers/9/similar")
    client.get("/search?q=verysecret")
    client.get("/verysecret")
    text = client.get("/metrics").text
    assert "verysecret" not in text
    line = (
        r'recommender_requests_total{method="GET",route="/papers/{paper_id:path}/similar",status="200"} (\d+)'
    )
    assert int(float(re.search(line, text)[1])) >= 1
    assert 'route="none",status="404"' in text
    assert re.search(r'recommender_build_info{build="\d{8}T\d{6}Z",model="fast"} 1.0', text)
    assert "recommender_papers 360.0" in text
    assert "recommender_request_seconds_bucket" in text


def test_without_pages_there_is_only_the_api(serving):
    client = serving(Site(has_pages=False))
    assert client.get("/papers/9").status_code == 200
    response = client.get("/find?like=9", headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")
