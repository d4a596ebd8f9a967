"""What a record or a caller writes stays text on every page: 200 strings, through every reader."""

import html
import json
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import uvicorn
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support import expected_conditions as expected
from starlette.testclient import TestClient

from recommender.mapping.drawn import Cluster, PaperMap
from recommender.mapping.kept import _write
from recommender.presentation.atlas import page as map_page
from recommender.presentation.web.app import create_app
from recommender.presentation.web.run import configured, listen
from recommender.presentation.web.site import Site
from recommender.readers import READERS, read_papers
from recommender.settings import Settings
from recommender.text.printable import printable
from recommender.workspace import Workspace
from tests.presentation.web.hostile import FILES, STRINGS, WORDS, written
from tests.presentation.web.test_browser import (  # noqa: F401 - fixtures
    MISSING,
    address,
    browser,
    page,
    wait,
)

MOST = 100  # papers on a page
FORMS = (
    "json", "jsonl", "csv", "csljson", "ris", "bibtex", "gbt7714", "markdown", "atom",
)  # fmt: skip
ADDRESSES = {"href", "src", "action", "formaction", "hx-get", "hx-post", "cite", "data", "poster", "srcset"}
VALUES = {"class", "type", "rel", "method"}  # attributes whose values we alone choose
LOOKING = ("p", frozenset({("class", "note"), ("role", "")}))  # while the duplicates are looked for
SOMETIMES = {  # by how similar papers are, how many duplicates and subjects there are
    *(("span", frozenset({("class", f"level level-{level}")})) for level in range(1, 6)),
    LOOKING,
    ("p", frozenset({("class", "more")})),
    ("nav", frozenset({("aria-label", ""), ("class", "turn")})),
    ("a", frozenset({("href", ""), ("rel", "next")})),
}


class Skeleton(HTMLParser):
    """What a page is made of beside its text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.addresses, self.ids, self.said = set(), set(), set(), []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        fixed = frozenset((key, value if key in VALUES else "") for key, value in attrs)
        self.elements.add((tag, fixed))
        self.addresses |= {value for key, value in attrs if key in ADDRESSES}
        self.ids |= {value for key, value in attrs if key == "id"}

    def handle_data(self, data):
        self.said.append(data)

    def handle_comment(self, data):
        self.elements.add(("comment", data))

    def handle_decl(self, decl):
        self.elements.add(("declaration", decl))

    def handle_pi(self, data):
        self.elements.add(("instruction", data))

    def unknown_decl(self, data):
        self.elements.add(("section", data))

    @property
    def text(self):
        return "".join(self.said)


def papers_of(folder, key):
    return [entry.paper for entry in read_papers(written(folder, key), lambda _: None, reader=key)]


@pytest.mark.parametrize("key", FILES)
def test_every_reader_takes_the_strings_for_text(tmp_path, key):
    papers = papers_of(tmp_path, key)
    assert len(papers) == len(STRINGS)
    heads = [paper.text.split("\n")[0] for paper in papers]
    assert all(head.startswith(WORDS) for head in heads)
    alive = [text for text, head in zip(STRINGS, heads, strict=True) if text.split("<")[0].strip() in head]
    assert len(alive) > 150


def test_every_reader_has_its_file():
    assert {reader.name for reader in READERS} == {*FILES}


@pytest.fixture(scope="module")
def built(warm, tmp_path_factory):
    """Return the workspace of a build of papers."""
    return lambda papers: built_in(tmp_path_factory.mktemp("built"), warm, papers)


def built_in(folder, warm, papers):
    (folder / "papers.jsonl").write_text("\n".join(json.dumps(paper.as_dict()) for paper in papers), "utf-8")
    workspace = Workspace(Settings(home=warm(folder / "home")))
    with workspace.writing():
        workspace.import_files([folder / "papers.jsonl"])
        workspace.rebuild()
    return workspace


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Every string by every format: JSON lines first, whose ids are hostile too.

    The years are ours, so that a page can be asked for that shows a hundred of them and no other.
    """
    folder = tmp_path_factory.mktemp("hostile")
    papers = []
    for key in FILES:
        some = papers_of(folder, key)
        if key != "jsonl":
            some = [replace(paper, id=f"{key}-{number}") for number, paper in enumerate(some)]
        papers += some
    return [replace(paper, year=1900 + place // MOST) for place, paper in enumerate(papers)]


@pytest.fixture(scope="module")
def pages_of_all(hostile):
    """The addresses of pages that show every one of them, with how many papers there are on each."""
    n_of_year = Counter(paper.year for paper in hostile)
    return {f"/find?q=bees&since={year}&until={year}&k={MOST}": n for year, n in n_of_year.items()}


@pytest.fixture(scope="module")
def workspace(hostile, built):
    return built(hostile)


@pytest.fixture(scope="module")
def harmless(hostile, built):
    """Some of the same papers, with words where there are strings, so that their pages are made alike."""

    def plain(paper, n):
        return replace(
            paper,
            id=f"i{n}",
            title=f"{WORDS} {n} word",
            abstract=f"They fly. {n} word" if paper.abstract else "",
            authors=tuple(f"Author {n}" for _ in paper.authors),
            venue="Venue" if paper.venue else "",
            keywords=tuple("word" for _ in paper.keywords),
            doi="10.1000/1" if paper.doi else "",
            url="https://x.example/" if n % 2 and paper.url else "",
            subject=f"s{n % 7}" if paper.subject else "",
            volume="1" if paper.volume else "",
            issue="1" if paper.issue else "",
            pages="1" if paper.pages else "",
        )

    papers = [plain(paper, n) for n, paper in enumerate(hostile[::10])]
    alike = [
        replace(papers[0], id=f"ice{n}", title="Melting glaciers", abstract=f"Ice of Norway melts. Part {n}.")
        for n in range(2)
    ]
    return built([*papers, replace(papers[0], id="twin"), *alike])


@pytest.fixture(scope="module")
def clients(workspace, harmless):
    with (
        TestClient(create_app(workspace, Site(title=STRINGS[1]))) as bad,
        TestClient(create_app(harmless)) as good,
    ):
        yield SimpleNamespace(bad=bad, good=good)


def get(client, address):  # noqa: F811 - a fixture of the same name stands above
    response = client.get(address, headers={"Accept": "text/html"})
    assert response.headers["content-type"].startswith("text/html"), response.text
    return Skeleton(response.text)


def wait_for_same_work(client):
    """Wait until the papers that are one work are found."""
    deadline = time.monotonic() + 60
    while LOOKING in get(client, "/same-work").elements and time.monotonic() < deadline:
        time.sleep(0.05)
    assert LOOKING not in get(client, "/same-work").elements


def subjects(client):
    return sorted(place for place in get(client, "/subjects").addresses if place.startswith("/subjects/"))


@pytest.fixture(scope="module")
def known(clients):
    """The elements, with their attributes, that pages of harmless papers have."""
    wait_for_same_work(clients.good)
    found = {*SOMETIMES}
    ids = ["i1", "i2", "i200", "i350"]
    places = [
        "/",
        "/latest",
        "/subjects",
        "/advanced?q=word",
        "/same-work",
        "/map",
        "/developers",
        "/nowhere",
        "/find?like=nope",
        "/find?q=bees&k=100&lang=en&since=2019&unlike=i3&via=q=x",
        "/embed/nope",
        "/advanced?q=a&like=i1&unlike=i2&venue=x&author=y&subject=z&exclude=i9&via=q=x",
        "/find?q=",
        "/find?like=i1&k=20",
        "/find?like=ice0&k=20",
        *subjects(clients.good),
    ]
    places += [f"/find?like={one}&k=100&explain={other}" for one in ids for other in ids]
    places += [f"/embed/{one}" for one in ids]
    for place in places:
        found |= get(clients.good, place).elements
    return found


def check(found, known):
    """Nothing stands on a page but what harmless papers have there, and no address leads to a script."""
    assert found.elements - known == set()
    for place in found.addresses:
        assert place.startswith(("/", "#", "?", "http://", "https://"))
        assert not place.startswith("//")
        if place.startswith("http"):
            assert urlsplit(place).netloc


def test_no_list_of_papers_has_an_element_more(clients, known, hostile, pages_of_all):
    ids = [paper.id for paper in hostile]
    for one in [*ids[:200:10], *ids[200::100]]:
        check(get(clients.bad, f"/find?like={quote(one)}&k={MOST}"), known)
    for place, n in pages_of_all.items():
        found = get(clients.bad, place)
        check(found, known)
        assert {f"r-{rank}" for rank in range(1, n + 1)} <= found.ids


def test_no_page_that_lists_or_explains_has_an_element_more(clients, known, hostile):
    ids = [quote(paper.id) for paper in hostile]
    places = ["/", "/latest", "/subjects", "/same-work", "/map", *subjects(clients.bad)]
    places += [f"/find?like={ids[n]}&k=20&explain={ids[n + 1]}" for n in range(0, 200, 20)]
    places += [f"/embed/{one}" for one in ids[:200:8]]
    assert len(subjects(clients.bad)) > 20
    wait_for_same_work(clients.bad)
    for place in places:
        check(get(clients.bad, place), known)


def test_no_page_that_repeats_what_was_asked_has_an_element_more(clients, known):
    for n, text in enumerate(STRINGS):
        given = quote(text.replace("\x00", ""))
        question = "&".join(f"{key}={given}" for key in ("q", "venue", "author", "subject", "exclude", "via"))
        check(get(clients.bad, f"/advanced?{question}"), known)
        if n % 10 == 0:
            places = (f"/find?like={given}", f"/find?q=bees&venue={given}", f"/find?q={given}",
                      f"/nowhere/{given}", f"/subjects/{given}", f"/embed/{given}",
                      f"/find?q=bees&k={given}")  # fmt: skip
            for place in places:
                check(get(clients.bad, place), known)


def test_what_is_no_page_says_so_and_is_what_it_says(clients, hostile):
    for paper in hostile[:200:40]:
        for form in FORMS:
            response = clients.bad.get(f"/export?like={quote(paper.id)}&format={form}")
            assert response.status_code == 200
            assert "html" not in response.headers["content-type"]
            assert response.headers["x-content-type-options"] == "nosniff"
            if form == "atom":
                assert len(ET.fromstring(response.content)) > 10  # noqa: S314 - our own
            if form == "markdown":
                assert "](javascript:" not in response.text
        response = clients.bad.get(f"/papers/{quote(paper.id)}/similar?why=true")
        assert response.json()["results"]
        assert response.headers["content-type"].startswith("application/json")
    assert ET.fromstring(clients.bad.get("/feed.atom").content) is not None  # noqa: S314
    for text in STRINGS[::10]:
        response = clients.bad.get(f"/papers/{quote(text)}")
        assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


def test_no_text_ends_the_data_of_a_map(hostile):
    content = {
        "id": [paper.id for paper in hostile],
        "title": [paper.title for paper in hostile],
        "build": "b",
    }
    shown = map_page.page(content, STRINGS[3])
    _, _, rest = shown.partition('<script type="application/json" id="map-data">')
    data, _, _ = rest.partition("</script>")
    assert json.loads(data) == content
    assert "<" not in data
    assert html.escape(STRINGS[3]) in shown


@pytest.fixture(scope="module")
def topics(hostile, built):
    """Papers without a subject, on a map whose clusters are named by what might run."""
    papers = [replace(paper, subject="") for paper in hostile[:200:7]]
    workspace = built(papers)
    build = workspace.recommender().build
    n = build.manifest.n_papers
    angles = np.linspace(0, 6, n)
    drawn = PaperMap(
        build_id=build.manifest.build_id,
        points=np.stack([np.cos(angles), np.sin(angles)], axis=1),
        cluster=np.arange(n) % 3,
        clusters=tuple(
            Cluster(STRINGS[place : place + 40 : 4], "en", n // 3, 0.0, 0.5) for place in range(3)
        ),
        neighbours=np.stack([np.roll(np.arange(n), -1)], axis=1),
    )
    workspace.settings.maps.mkdir()
    _write(drawn, workspace.settings.maps / f"{drawn.build_id}.json")
    return workspace


def test_no_page_of_a_cluster_has_an_element_more(topics, known):
    with TestClient(create_app(topics)) as client:
        shown = [get(client, place) for place in ("/subjects", "/topics/0", "/topics/2", "/topics/3")]
    for found in shown:
        check(found, known)
    assert printable(STRINGS[0]) in shown[0].text
    assert printable(STRINGS[0]) in shown[1].text


@contextmanager
def served(workspace):
    """Serve a workspace from this process, and give the address."""
    server = uvicorn.Server(configured(workspace, Site()))
    listening = listen("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)


def look(page, origin):  # noqa: F811
    """Check what stands in the browser: nothing ran, and nothing stands there that could."""
    scripts = page.find_elements(By.CSS_SELECTOR, "script")
    assert all(script.get_attribute("src").startswith(f"{origin}/static/") for script in scripts)
    assert page.execute_script("return localStorage.ran") is None
    assert (
        page.find_elements(By.CSS_SELECTOR, "iframe, object, embed, base, [onerror], [onload], style") == []
    )
    told = [entry["message"] for entry in page.get_log("browser")]
    assert [line for line in told if "Content Security Policy" in line] == []


def places_of(hostile):
    """Return an address of every kind of page, the pages of errors among them."""
    bad = quote(STRINGS[8])  # leaves whatever it stands in, a text field too
    asked = "&".join(f"{name}={bad}" for name in ("q", "venue", "author", "subject", "exclude", "via"))
    return [
        f"/find?like={quote(hostile[1].id)}&k=100",
        f"/find?like={quote(hostile[150].id)}&k=100&explain={quote(hostile[151].id)}",
        f"/find?q={bad}&k=20",
        f"/embed/{quote(hostile[7].id)}",
        *("/latest", "/same-work", "/map", "/", "/subjects", "/developers", f"/advanced?{asked}"),
        *(f"/subjects/{quote(paper.subject, safe='')}" for paper in hostile[:200:50]),
        *(f"/{place}{bad}" for place in ("nowhere/", "find?like=", "subjects/", "embed/", "find?q=bees&k=")),
    ]


BROWSER = pytest.mark.skipif(
    bool(MISSING), reason=f"{', '.join(MISSING)} missing; see scripts/setup_browser.sh"
)


@pytest.fixture
def watched(page):  # noqa: F811
    """A browser that remembers what called `alert`."""
    spy = "window.alert = word => { localStorage.ran = word }"
    page.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": spy})
    return page


@pytest.mark.loopback
@BROWSER
def test_a_real_browser_runs_none_of_them_by_any_reader(watched, address, pages_of_all):  # noqa: F811
    for place, n in pages_of_all.items():
        watched.get(address + place)
        assert watched.find_elements(By.ID, f"r-{n}")
        look(watched, address)


@pytest.mark.loopback
@BROWSER
def test_a_real_browser_runs_none_of_them_on_any_kind_of_page(watched, address, hostile):  # noqa: F811
    for place in places_of(hostile):
        watched.get(address + place)
        assert watched.find_elements(By.CSS_SELECTOR, "main")
        look(watched, address)


@pytest.mark.loopback
@BROWSER
def test_a_real_browser_runs_none_of_them_where_a_part_of_a_page_is_fetched(watched, address, hostile):  # noqa: F811
    for paper in hostile[3:200:100]:
        watched.get(f"{address}/find?like={quote(paper.id)}&k=20")
        for rank in (1, 20):
            watched.find_element(By.ID, f"why-{rank}").send_keys(Keys.ENTER)
            wait(watched, expected.presence_of_element_located((By.CSS_SELECTOR, f"#r-{rank} .why")))
        assert "part=" not in watched.current_url
        assert len(watched.find_elements(By.CSS_SELECTOR, ".why")) == 2
        look(watched, address)


@pytest.mark.loopback
@BROWSER
def test_a_real_browser_runs_none_of_them_where_there_are_clusters_instead_of_subjects(watched, topics):
    with served(topics) as origin:
        for place in ("/subjects", "/topics/0", "/topics/2", "/topics/3", "/map"):
            watched.get(origin + place)
            look(watched, origin)
        wait(watched, lambda driver: driver.execute_script("return !!window.paperMap"))
        look(watched, origin)
