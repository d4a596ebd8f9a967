"""`recommend map`: the page and the pictures."""

import json
import re
import sys
import xml.etree.ElementTree as ET

import pytest

from recommender.presentation.plots import canvas


def data_of(page):
    return json.loads(re.search(r'id="map-data">(.*?)</script>', page, re.DOTALL)[1])


def test_the_page_has_every_paper_and_needs_nothing_else(built, tmp_path):
    page = tmp_path / "out.html"
    result = built("map", page, "--title", "<图>", "--site", "https://site.example/")
    assert result.code == 0, result.err
    assert "4 papers in" in result.err
    text = page.read_text(encoding="utf-8")
    data = data_of(text)
    assert {*data["id"]} == {"a", "b", "c", "d"}
    assert {
        len(data[name]) for name in ("title", "x", "y", "cluster", "near", "year", "language", "link")
    } == {4}
    assert data["near"][data["id"].index("a")][0] == data["id"].index("b")
    assert data["similar"] == "https://site.example/find?like={id}"
    assert not re.findall(r'(?:src|href)="', re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL))
    assert "<title>&lt;图&gt;</title>" in text
    assert built("map", page).code == 0  # from the kept map now
    assert data_of(page.read_text(encoding="utf-8")) == data | {"similar": ""}


def test_no_title_can_end_the_script(call, write, tmp_path):
    evil = "</script><script>alert(1)</script>"
    assert call("rebuild", write([{"id": "1", "title": evil}, {"id": "2", "title": "two"}])).code == 0
    page = tmp_path / "out.html"
    assert call("map", page).code == 0
    text = page.read_text(encoding="utf-8")
    assert evil not in text
    assert data_of(text)["title"][0] == evil


def test_pictures_are_what_their_names_say_the_same_each_time(built, tmp_path, capsys):
    files = [tmp_path / name for name in ("out.png", "again.png", "out.svg")]
    assert [built("map", file).code for file in files] == [0, 0, 0]
    png, again, svg = (file.read_bytes() for file in files)
    assert png.startswith(b"\x89PNG")
    assert png == again
    assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - our own


def test_a_machine_without_a_chinese_font_is_told(built, tmp_path, monkeypatch):
    monkeypatch.setattr(canvas, "FONTS", ("No Such Font",))
    result = built("map", tmp_path / "out.png")
    assert result.code == 0
    assert result.err.count("no font with Chinese is installed") == 1
    assert "Glyph" not in result.err


@pytest.mark.parametrize(
    ("module", "extra", "name"), [("openTSNE", "map", "x.html"), ("matplotlib", "plot", "x.png")]
)
def test_a_missing_extra_is_asked_for(built, tmp_path, monkeypatch, module, extra, name):
    monkeypatch.setitem(sys.modules, module, None)
    result = built("map", tmp_path / name)
    assert result.code == 2
    assert f"pip install 'recommender[{extra}]'" in result.err


def test_other_files_are_refused_before_anything_is_drawn(built, tmp_path):
    result = built("map", tmp_path / "out.jpg")
    assert result.code == 2
    assert "a map is written as .html, .png, .svg" in result.err
    assert built("map", tmp_path / "no" / "folder.html").code == 2
    assert built("map", tmp_path / "no" / "folder.svg").code == 2
