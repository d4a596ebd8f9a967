"""Take the README's pictures: `python scripts/screenshots.py [FOLDER]`, of the sample, in Debian's Chromium.

Needs chromium, chromedriver and a Chinese font (`scripts/setup_browser.sh`), and the extra `test`.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PICTURES = Path(__file__).resolve().parent / "pictures"
COMMAND = [sys.executable, "-m", "recommender"]
LONGEST = 60.0  # seconds until the server is ready, and until the map is drawn
COLOURS = 64  # a third of the bytes, and nobody sees it
SETTLING = 2.0  # seconds until everything is painted


class Picture(NamedTuple):
    """One picture: its name, the page, the window in pixels, and what is on the page when it is done."""

    name: str
    page: str
    size: tuple[int, int]
    shows: str = "main"


SHOWN = [
    Picture("similar-zh-light", "/find?like=9&explain=299&k=5&ui=zh&theme=light", (1280, 1100)),
    Picture("search-en-dark", "/find?q=how+do+bees+cope+with+pesticides&k=4&ui=en&theme=dark", (1280, 1000)),
    Picture("phone-zh-light", "/find?q=产教融合&k=3&ui=zh&theme=light", (420, 900)),
    Picture("map-zh-light", "/map?ui=zh&theme=light", (1280, 1000), "canvas"),
]


@contextmanager
def server(home: Path) -> Iterator[str]:
    """Yield the address of a server of the sample."""
    subprocess.run([*COMMAND, "--id", "9", "--home", home], check=True, capture_output=True)  # noqa: S603
    command = [*COMMAND, "serve", "--port", "0", "--home", str(home)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            lines = iter(process.stderr or ())
            found = (re.search(r"listening on (http://127\.0\.0\.1:\d+)/", line) for line in lines)
            address = next(match[1] for match in found if match)
            until_it_answers(f"{address}/readyz")
            yield address
        finally:
            process.terminate()


def until_it_answers(page: str) -> None:
    """Wait for a page.

    Raises:
        SystemExit: It does not come.
    """
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(page).close()  # noqa: S310 - our own server
        except OSError:
            time.sleep(0.3)
        else:
            return
    raise SystemExit(f"{page} does not answer")


@contextmanager
def browser() -> Iterator[webdriver.Chrome]:
    """Yield a browser without a window."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "enable-unsafe-swiftshader",
        "hide-scrollbars",
    ):
        options.add_argument(f"--{argument}")
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver") or ""))
    try:
        yield driver
    finally:
        driver.quit()


def main(arguments: list[str] | None = None) -> None:
    """Take all pictures."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("folder", type=Path, nargs="?", default=PICTURES)
    folder = options.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, server(Path(home)) as address, browser() as driver:
        for picture in SHOWN:
            until_it_answers(
                address + picture.page.partition("?")[0]
            )  # the map is drawn when it is first asked for
            driver.set_window_size(*picture.size)
            driver.delete_all_cookies()
            driver.get(address + picture.page)
            WebDriverWait(driver, LONGEST).until(
                lambda page, shows=picture.shows: page.find_elements(By.CSS_SELECTOR, shows)
            )
            time.sleep(SETTLING)
            path = folder / f"{picture.name}.png"
            driver.save_screenshot(str(path))
            with Image.open(path) as taken:
                taken.convert("RGB").quantize(COLOURS).save(path, optimize=True)
            print(path)


if __name__ == "__main__":
    main()
