"""What callers put into addresses and headers stays there: in no header, no path of a file, no log."""

import hmac
import logging
from types import SimpleNamespace
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest

from recommender.presentation.web import guard
from recommender.presentation.web.site import Site

USUAL = {
    "cache-control", "content-disposition", "content-encoding", "content-length", "content-security-policy",
    "content-type", "cross-origin-opener-policy", "etag", "permissions-policy", "referrer-policy", "refresh",
    "retry-after", "set-cookie", "vary", "x-content-type-options", "x-frame-options", "last-modified",
    "accept-ranges",
}  # fmt: skip
BREAKS = (
    "\r\nX-Evil: 1\r\n\r\n<p>",
    "\nSet-Cookie: evil=1",
    "\u560d\u560aX-Evil: 1",
    "a\r\n\tb",
    "\x00\r\nX-Evil: 1",
)
PLACES = (
    "/find?q={}", "/find?like={}", "/find?q=bees&venue={}&via={}", "/export?like=9&format={}",
    "/export?like={}&format=ris", "/papers/{}", "/papers/9/similar?format={}", "/subjects/{}", "/embed/{}",
    "/topics/{}", "/latest?since={}", "/new?since={}", "/search?q={}", "/static/x/{}", "/{}",
    "/static/{}/style.css", "/?hl={}", "/?lang={}&theme={}", "/feed.atom?lang={}", "/map.json?{}",
    "/same-work?page={}",
)  # fmt: skip


@pytest.mark.parametrize("text", BREAKS, ids=repr)
def test_no_line_break_becomes_a_header(client, text):
    for place in PLACES:
        response = client.get(place.replace("{}", quote(text)), headers={"Accept": "text/html"})
        assert {*response.headers} <= USUAL, place
        for value in response.headers.values():
            assert "evil" not in value.lower()


@pytest.mark.parametrize(
    "header", ["If-None-Match", "Accept", "Accept-Language", "Accept-Encoding", "Cookie", "Range"]
)
@pytest.mark.parametrize(
    "text", ["evil\tx", "evil" * 3000, "\xff\xfeevil", '"evil"', "theme=evil; lang=evil"]
)
def test_no_header_is_sent_back(client, header, text):
    for place in ("/", "/papers/9", "/find?like=9", "/static/x/icon.svg"):
        response = client.get(place, headers={header: text.encode("latin-1")})
        assert response.status_code < 500
        assert {*response.headers} <= USUAL | {"content-range"}
        assert not [value for value in response.headers.values() if "evil" in value]


@pytest.mark.parametrize(
    "host", ['evil"><script>alert(1)</script>', "evil.example", "a b", "[::1", "x:99999999"]
)
def test_a_host_may_lie_without_breaking_a_page(client, host):
    page = client.get("/embed/9", headers={"Host": host, "Accept": "text/html"})
    assert page.status_code < 500
    assert "<script>alert" not in page.text
    feed = client.get("/feed.atom", headers={"Host": host})
    assert feed.status_code < 500
    if feed.status_code == 200:
        ET.fromstring(feed.content)  # noqa: S314 - our own
    assert "<script>alert" not in client.get("/find?like=9", headers={"Host": host}).text


UP = (
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "..%5c",
    "..\\",
    "....//",
    "%252e%252e%252f",
    "%2f",
    "..;/",
)


@pytest.mark.parametrize("up", UP)
def test_no_path_leads_to_another_file(client, up):
    secrets = [path.read_bytes()[:200] for path in guard_files()]
    for name in ("pyproject.toml", "guard.py", "templates/base.html", "etc/passwd"):
        for depth in (1, 2, 5, 9):
            for start in ("/static/x/", "/static/", "/papers/", "/subjects/", "/embed/", "/"):
                response = client.get(f"{start}{up * depth}{name}")
                assert response.status_code in (404, 422, 400), response.url
                assert not any(secret in response.content for secret in secrets)
                assert b"root:" not in response.content


def guard_files():
    from recommender.settings import PACKAGE

    web = PACKAGE / "presentation" / "web"
    return [web / "guard.py", web / "templates" / "base.html", PACKAGE.parent / "pyproject.toml"]


def test_every_key_is_compared_whatever_the_first_one_says(monkeypatch):
    compared = []

    def counted(one, other):
        compared.append((len(one), len(other)))
        return hmac.compare_digest(one, other)

    monkeypatch.setattr(guard, "hmac", SimpleNamespace(compare_digest=counted))
    keys = ("first", "second", "a third one that is longer")
    for given in ("first", "second", "no", "", "a third one that is longer", "x" * 10_000):
        compared.clear()
        guard.key_among(given, keys)
        assert compared == [(32, 32)] * 3  # digests, so that no length tells anything


def test_no_key_is_logged_or_told(serving, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    client = serving(Site(api_keys=("kept-secret", "other-secret")))
    told = ""
    for headers in (
        {"X-API-Key": "kept-secret"}, {"Authorization": "Bearer other-secret"}, {"X-API-Key": "wrong-secret"},
        {"Authorization": "Bearer wrong-secret"}, {"Authorization": "wrong-secret"},
    ):  # fmt: skip
        for place in (
            "/papers/9",
            "/papers/nope",
            "/search?k=-1&q=x",
            "/metrics",
            "/nowhere",
            "/papers/9/similar?k=2",
        ):
            response = client.get(place, headers=headers)
            assert response.status_code != 500
            told += response.text + str(response.headers)
    client.app.state.service.shelf.current = None  # an error that nobody expects
    response = client.get("/papers/20", headers={"X-API-Key": "kept-secret"})
    assert response.status_code == 500
    told += response.text + caplog.text + "".join(capfd.readouterr())
    assert "-secret" not in told
    assert "-secret" not in repr(client.app.state.service.site)
