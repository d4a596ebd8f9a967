"""What a person does, in a real browser on a real server: search, follow, filter, open, export, switch."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.ui import Select, WebDriverWait

ROOT = Path(__file__).resolve().parents[3]
MISSING = [name for name in ("chromium", "chromedriver") if not shutil.which(name)]
AXE = find_spec("axe_playwright_python")
if not AXE:
    MISSING.append("axe-core")
pytestmark = [
    pytest.mark.loopback,
    pytest.mark.skipif(
        bool(MISSING),
        reason=f"{', '.join(MISSING)} missing; scripts/setup_browser.sh installs what is needed",
    ),
]
PHONE, DESKTOP = (390, 844), (1280, 900)
LONGEST = 30  # seconds that a page may take on a machine that is busy


@pytest.fixture(scope="module")
def address(workspace):
    """The address of a server in a process of its own."""
    command = [sys.executable, "-m", "recommender", "serve", "--port", "0"]
    environment = os.environ | {"RECOMMENDER_HOME": str(workspace.settings.home)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as server:
        for line in server.stderr:
            if found := re.search(r"listening on (http://127\.0\.0\.1:\d+)/", line):
                break
        wait_until_ready(found[1])
        yield found[1]
        server.terminate()
        server.stderr.read()
        assert server.wait(30) in (0, -signal.SIGTERM)


def wait_until_ready(address):
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{address}/readyz")  # noqa: S310 - our own server
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server is not ready")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-unsafe-swiftshader",
        "--disable-dev-shm-usage",
    ):
        options.add_argument(argument)
    options.add_argument("--lang=zh-CN")
    options.add_experimental_option(
        "prefs",
        {
            "intl.accept_languages": "zh-CN,zh",
            "download.default_directory": str(tmp_path_factory.mktemp("got")),
        },
    )
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    driver.folder = Path(options.experimental_options["prefs"]["download.default_directory"])
    yield driver
    driver.quit()


@pytest.fixture
def page(browser, address):
    resize(browser, DESKTOP)
    browser.delete_all_cookies()
    browser.get_log("browser")
    browser.get(address)
    yield browser
    assert [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def resize(browser, size):
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def wait(browser, condition):
    gone = [StaleElementReferenceException]  # of a page that was left between two looks
    return WebDriverWait(browser, LONGEST, ignored_exceptions=gone).until(condition)


def wait_for_all(browser):
    wait(browser, lambda driver: driver.execute_script("return document.readyState") == "complete")


def follow(browser, element):
    """Click what leads to another page, and wait for that."""
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    element.click()
    wait(browser, expected.staleness_of(element))
    wait_for_all(browser)


def search(browser, text):
    field = browser.find_element(By.ID, "q")
    field.send_keys(text, Keys.ENTER)
    wait(browser, expected.presence_of_element_located((By.CSS_SELECTOR, ".results")))
    wait_for_all(browser)


def titles(browser):
    return [node.text for node in browser.find_elements(By.CSS_SELECTOR, ".result h2")]


def crumbs(browser):
    return [node.text for node in browser.find_elements(By.CSS_SELECTOR, ".crumbs li")]


def test_a_person_searches_and_follows_similar_papers_three_steps(page):
    search(page, "产教融合 治理")
    assert re.match(
        r"共查询到20条相似文献，搜索用时 \d+\.\d\d 毫秒",
        page.find_element(By.CSS_SELECTOR, "[role=status]").text,
    )
    path = ["产教融合 治理"]
    for _ in range(3):
        wanted = titles(page)[1]
        follow(page, page.find_elements(By.LINK_TEXT, "相似文献")[1])
        heading = page.find_element(By.TAG_NAME, "h1").text
        assert heading == wanted
        assert len(crumbs(page)) == len(path) + 1
        path.append(heading)
    assert crumbs(page)[0] == "产教融合 治理"
    follow(page, page.find_element(By.CSS_SELECTOR, ".crumbs a"))
    assert page.find_element(By.ID, "q").get_attribute("value") == "产教融合 治理"


def test_a_person_filters_and_takes_it_back(page):
    search(page, "bees")
    everything = titles(page)
    for box in page.find_elements(By.CSS_SELECTOR, "input[name=language]"):
        if box.get_attribute("value") == "de":
            box.click()
    Select(page.find_element(By.ID, "k")).select_by_value("10")
    follow(page, page.find_element(By.CSS_SELECTOR, "#filters button"))
    found = page.find_elements(By.CSS_SELECTOR, ".result h2")
    assert 0 < len(found) <= 10
    assert {node.get_attribute("lang") for node in found} == {"de"}
    page.back()
    wait(page, lambda driver: titles(driver) == everything)


def test_why_opens_in_place_and_closes_again_by_keyboard(page, address):
    page.get(f"{address}/find?like=9&k=3")
    before = page.current_url
    page.find_element(By.ID, "why-2").send_keys(Keys.ENTER)
    wait(page, expected.presence_of_element_located((By.CSS_SELECTOR, "#r-2 .why")))
    assert page.current_url == before
    assert page.find_elements(By.CSS_SELECTOR, "#r-2 mark.sentence")
    assert len(page.find_elements(By.CSS_SELECTOR, ".why")) == 1
    assert page.switch_to.active_element.get_attribute("id") == "why-2"
    page.switch_to.active_element.send_keys(Keys.ENTER)
    wait(page, expected.invisibility_of_element_located((By.CSS_SELECTOR, "#r-2 .why")))


def test_a_list_is_downloaded(page, address):
    page.get(f"{address}/find?like=9&k=3")
    page.find_element(By.LINK_TEXT, "CSV").click()
    file = page.folder / "similar.csv"
    wait(page, lambda _: file.exists() and file.stat().st_size)
    assert len(file.read_text("utf-8-sig").splitlines()) == 4


def test_the_language_is_switched_and_stays(page):
    assert page.find_element(By.TAG_NAME, "html").get_attribute("lang") == "zh-CN"
    follow(page, page.find_element(By.LINK_TEXT, "English"))
    search(page, "bees")
    assert "similar papers found in" in page.find_element(By.CSS_SELECTOR, "[role=status]").text


def test_everything_is_reached_by_keyboard_in_order_and_seen(page, address):
    page.get(f"{address}/find?like=9&k=1")
    reached = []
    while len(reached) < 100:
        page.switch_to.active_element.send_keys(Keys.TAB)
        active = page.switch_to.active_element
        if active.tag_name == "body":
            break
        reached.append(active.text or active.get_attribute("id") or active.get_attribute("name"))
        outline = page.execute_script("return getComputedStyle(arguments[0]).outlineStyle", active)
        assert outline != "none" or active.tag_name == "textarea"  # its frame is marked
    wanted = ["跳到正文", "首页", "q", "检索", "为什么相似", "相似文献", "since", "CSV"]
    assert [name for name in reached if name in wanted][: len(wanted)] == wanted


def test_without_scripts_a_person_reads_on(page, address):
    page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.get(f"{address}/find?like=9&k=3")
        page.find_element(By.ID, "why-1").click()
        wait(page, lambda driver: "explain=299" in driver.current_url)
        assert page.find_elements(By.CSS_SELECTOR, "#r-1 .why mark")
    finally:
        page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_fewer_points_are_drawn_while_the_map_moves_where_all_take_too_long(page):
    page.get(page.current_url.split("/find")[0].rstrip("/") + "/map")
    wait(page, lambda driver: driver.execute_script("return !!window.paperMap"))
    page.execute_script("""
        const { sigma, pace } = window.paperMap, gl = sigma.webGLContexts.nodes;
        const draw = gl.drawArrays.bind(gl);
        window.drawn = [];
        gl.drawArrays = (method, first, count) => { window.drawn.push(count); draw(method, first, count); };
        pace.most = 10;
        sigma.getCamera().setState({ x: 0.4 });
        sigma.refresh();
    """)
    n = len(page.execute_script("return window.paperMap.data.id"))
    assert [*{*page.execute_script("return window.drawn")} - {0}] == [10]  # nothing to point at meanwhile
    wait(page, lambda driver: driver.execute_script("return window.drawn.slice(-2)") == [n, n])


def test_a_person_finds_a_paper_on_the_map_and_goes_on_from_it(page):
    follow(page, page.find_element(By.LINK_TEXT, "文献地图"))
    wait(page, expected.presence_of_element_located((By.CSS_SELECTOR, "#map canvas")))
    assert page.execute_script("return paperMap.graph.order") == 360
    assert page.find_elements(By.CSS_SELECTOR, ".map-labels span")
    page.find_element(By.ID, "map-q").send_keys("产教联合体")
    wait(page, expected.visibility_of_element_located((By.CSS_SELECTOR, ".map-found button")))
    hits = [node.text for node in page.find_elements(By.CSS_SELECTOR, ".map-found button")]
    assert page.find_element(By.CSS_SELECTOR, ".map-count").text == f"找到 {len(hits)} 篇"
    assert all("产教联合体" in hit for hit in hits)
    page.find_element(By.CSS_SELECTOR, ".map-found button").send_keys(Keys.ENTER)
    panel = page.find_element(By.CSS_SELECTOR, ".map-panel")
    assert panel.find_element(By.TAG_NAME, "h2").text == hits[0]
    assert len(panel.find_elements(By.CSS_SELECTOR, "ol button")) == 5
    Select(page.find_element(By.ID, "map-colour")).select_by_value("subject")
    assert "教育学" in page.find_element(By.CSS_SELECTOR, ".map-legend").text
    follow(page, panel.find_element(By.CSS_SELECTOR, ".map-links a"))
    assert page.find_element(By.TAG_NAME, "h1").text == hits[0]


def test_the_map_shows_a_title_below_the_mouse_and_colours_by_what_is_chosen(page):
    page.get(page.current_url.rstrip("/") + "/map")
    wait(page, lambda driver: driver.execute_script("return !!window.paperMap"))
    place = page.execute_script(
        "const {sigma, graph} = window.paperMap; return sigma.graphToViewport(graph.getNodeAttributes('0'))"
    )
    stage = page.find_element(By.ID, "map")
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", stage)
    layer = page.find_element(By.CSS_SELECTOR, "#map canvas")
    x, y = (round(place[axis] - layer.size[side] / 2) for axis, side in (("x", "width"), ("y", "height")))
    ActionChains(page).move_to_element_with_offset(layer, x, y).perform()
    tip = wait(page, expected.visibility_of_element_located((By.CSS_SELECTOR, ".map-tip")))
    titles = page.execute_script("return window.paperMap.data.title")
    assert tip.find_element(By.TAG_NAME, "strong").text in titles
    colours = {}
    for kind in ("cluster", "subject", "year", "language"):
        Select(page.find_element(By.ID, "map-colour")).select_by_value(kind)
        colours[kind] = page.find_element(By.CSS_SELECTOR, ".map-legend").text
    assert len({*colours.values()}) == 4
    assert "中文" in colours["language"]
    assert re.search(r"20\d\d", colours["year"])


LOOKS = [  # every template once, each tongue, theme and size with the long page of results among them
    ("/", "en", "dark", PHONE),
    ("/find?like=9&explain=299&unlike=55&like=20&via=q%3Dbees", "zh", "dark", DESKTOP),
    ("/find?like=9&explain=299&k=5", "en", "light", PHONE),
    ("/advanced", "en", "light", DESKTOP),
    ("/subjects/education", "zh", "light", PHONE),
    ("/latest", "en", "dark", DESKTOP),
    ("/developers", "en", "light", DESKTOP),
    ("/map", "zh", "dark", PHONE),
    ("/same-work", "zh", "light", PHONE),
    ("/embed/9", "zh", "light", DESKTOP),
    ("/find?like=nope", "zh", "dark", DESKTOP),
]


@pytest.mark.parametrize(("path", "tongue", "theme", "size"), LOOKS)
def test_no_page_is_hard_to_read_or_wider_than_its_screen(browser, address, path, tongue, theme, size):
    resize(browser, size)
    browser.get(f"{address}{path}{'&' if '?' in path else '?'}ui={tongue}&theme={theme}")
    axe = Path(AXE.origin).parent / "axe.min.js"
    browser.execute_script(axe.read_text("utf-8"))
    found = browser.execute_async_script(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
        ".then(arguments[arguments.length - 1])"
    )
    assert len(found["passes"]) > 10
    serious = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in serious] == []
    wide = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not browser.execute_script(wide)
