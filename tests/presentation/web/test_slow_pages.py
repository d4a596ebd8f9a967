"""What is computed once a build: the page of duplicates, the map, its clusters as home pages."""

import json

import pytest

from recommender.mapping.kept import map_of
from recommender.presentation.web import pages as pages_module
from recommender.settings import Settings
from recommender.workspace import Workspace

HTML = {"Accept": "text/html", "Accept-Language": "zh-CN"}


@pytest.fixture
def patient(monkeypatch):
    monkeypatch.setattr(pages_module, "AT_ONCE", 60.0)


def test_duplicates_are_a_page_with_the_evidence(client, patient):
    text = client.get("/same-work", headers=HTML).text
    found = client.get("/duplicates").json()["groups"]
    assert f"共 {len(found)} 组" in text
    assert text.count('class="ties"') == min(25, len(found))
    kinds = {"exact copy": "完全相同", "edited version": "改写或删节", "translation": "译本"}
    for pair in found[0]["pairs"]:
        assert f"{pair['one']} – {pair['other']}: <strong>{kinds[pair['kind']]}</strong>" in text
    assert "的数字相同" in text
    second = client.get("/same-work?page=2", headers=HTML).text
    assert '<ol class="works" start="26">' in second
    assert second != text
    assert client.get("/same-work?page=nonsense", headers=HTML).status_code == 200
    fewer = client.get("/same-work?resubmitted=1", headers=HTML).text
    assert f"共 {sum(any(p['differs'] for p in g['pairs']) for g in found)} 组" in fewer


def test_while_they_are_looked_for_the_page_says_so_and_comes_back(serving, monkeypatch):
    monkeypatch.setattr(pages_module, "AT_ONCE", 0.0)
    response = serving().get("/same-work", headers=HTML)
    assert response.status_code == 200
    assert "正在比对" in response.text
    assert response.headers["refresh"] == "3"


def test_the_map_is_drawn_once_and_has_every_paper(client, workspace, patient):
    first = client.get("/map.json")
    assert first.headers["content-encoding"] == "gzip"
    data = first.json()
    assert len({*data["id"]}) == 360
    assert len(data["x"]) == 360
    assert client.get("/map.json", headers={"Accept-Encoding": "identity"}).json() == data
    assert client.get("/map.json", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    kept = json.loads((workspace.settings.maps / f"{data['build']}.json").read_text("utf-8"))
    assert [point[0] for point in kept["points"]] == data["x"]
    assert 'data-source="/map.json"' in client.get("/map", headers=HTML).text


def test_a_map_that_is_not_ready_is_asked_for_again(serving, monkeypatch):
    monkeypatch.setattr(pages_module, "AT_ONCE", 0.0)
    assert serving().get("/map.json").status_code == 202


def test_without_subjects_the_clusters_of_the_map_have_home_pages(serving, warm, tmp_path):
    source = tmp_path / "papers.jsonl"
    lines = [{"id": f"a{i}", "title": f"产教融合第{i}种治理"} for i in range(15)]
    lines += [{"id": f"b{i}", "title": f"Perovskite films of kind {i}"} for i in range(15)]
    source.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    workspace = Workspace(Settings(home=warm(tmp_path / "home")))
    with workspace.writing():
        workspace.import_files([source])
        workspace.rebuild()
    client = serving(of=workspace)
    assert "没有学科" in client.get("/subjects", headers=HTML).text
    assert client.get("/topics/0", headers=HTML).status_code == 404
    drawn = map_of(workspace.recommender().build, workspace.settings.maps, on_stage=lambda *told: None)
    assert "按地图上的聚类" in client.get("/subjects", headers=HTML).text
    page = client.get("/topics/0", headers=HTML).text
    assert " · ".join(drawn.clusters[0].terms) in page
    assert f"{drawn.clusters[0].n} 篇" in page
    assert client.get(f"/topics/{len(drawn.clusters)}", headers=HTML).status_code == 404
    # two clusters of the same terms are two all the same, and the map is read from the disk once
    (kept,) = workspace.settings.maps.glob("*.json")
    content = json.loads(kept.read_text("utf-8"))
    content["clusters"] = [content["clusters"][0] | {"terms": ["同样"]}] * 2
    content["cluster"] = [row // 15 for row in range(30)]  # by language, as the rows are
    kept.write_text(json.dumps(content), encoding="utf-8")
    again = serving(of=workspace)
    shown = [again.get("/topics/0", headers=HTML).text]
    kept.unlink()
    shown.append(again.get("/topics/1", headers=HTML).text)
    titles = ("产教融合第", "Perovskite films")
    held = [[title in text for title in titles] for text in shown]
    assert sorted(held) == [[False, True], [True, False]]
