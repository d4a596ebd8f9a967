"""The map as one HTML file: data, drawing and library inside, nothing from elsewhere."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from recommender.builds import Build
from recommender.mapping import PaperMap
from recommender.text.printable import printable
from recommender.writers.citations import citation_line, display_title, link_of

HERE = Path(__file__).parent
SCRIPTS = ("graphology.min.js", "sigma.min.js", "map.js")
STYLES = ("alone.css", "map.css")
NEAR = 5  # similar papers that a chosen one leads to
TEMPLATE = """<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; \
style-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}<small>{about}</small></h1>
<main id="map" aria-busy="true"></main>
<script type="application/json" id="map-data">{data}</script>
{scripts}
</body>
</html>
"""


def content_of(
    drawn: PaperMap, build: Build, *, similar: str = "", names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return a map as the page draws it: one list a field, one entry a row.

    Args:
        drawn: The map.
        build: Its build.
        similar: Address of the similar papers of `{id}`; "": there is none.
        names: What subjects are called.
    """
    papers = [*build.papers.all()]
    return {
        "build": drawn.build_id,
        "similar": similar,
        "names": dict(names or {}),
        "id": [paper.id for paper in papers],
        "title": [display_title(paper) for paper in papers],
        "citation": [citation_line(paper) for paper in papers],
        "link": [link_of(paper) for paper in papers],
        "year": [paper.year or 0 for paper in papers],
        "language": [paper.language for paper in papers],
        "subject": [printable(paper.subject) for paper in papers],
        "x": drawn.points[:, 0].tolist(),
        "y": drawn.points[:, 1].tolist(),
        "cluster": drawn.cluster.tolist(),
        "clusters": [
            {
                "terms": [printable(term) for term in cluster.terms],
                "language": cluster.language,
                "n": cluster.n,
                "x": cluster.x,
                "y": cluster.y,
            }
            for cluster in drawn.clusters
        ],
        "near": [[row for row in rows if row >= 0] for rows in drawn.neighbours[:, :NEAR].tolist()],
    }


def compact(content: dict[str, Any]) -> str:
    """Return a map as JSON in few bytes."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def page(content: dict[str, Any], title: str) -> str:
    """Return the whole page; no text of a paper can end its script."""
    n = len(content["id"])
    scripts = "\n".join(f"<script>{(HERE / name).read_text(encoding='utf-8')}</script>" for name in SCRIPTS)
    return TEMPLATE.format(
        title=escape(title),
        about=f"{n:,} · {escape(content['build'])}",
        style="".join((HERE / name).read_text(encoding="utf-8") for name in STYLES),
        data=compact(content).replace("<", "\\u003c"),
        scripts=scripts,
    )
