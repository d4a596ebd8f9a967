"""How good a model is on the development sets, beside character TF-IDF. Nothing here is trained on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from recommender.embedding import Embedder
from recommender.evaluation.intervals import Estimate, bootstrap
from recommender.training.sources import LANGUAGES, base_language, records

Matrix = NDArray[np.float32]
Values = NDArray[np.float64]  # one a query
Row = dict[str, Any]
SEED = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table, as shares of 1; `tfidf` is None where it could not know the answer."""

    name: str
    n: int
    model: Estimate
    tfidf: Estimate | None = None


def measure(embedder: Embedder, data: Path) -> list[Figure]:
    """Measure a model on the development sets below `data`."""
    return [*_csl(embedder, data), *_chinaxiv(embedder, data), *_tatoeba(embedder, data)]


def first_is_own(scores: Matrix) -> Values:
    """Return 1 for each query (row) whose own answer (same column) scores highest, else 0 (R@1)."""
    hits: Values = (scores.argmax(axis=1) == np.arange(len(scores))).astype(np.float64)
    return hits


def precision_of_label(scores: Matrix, labels: Sequence[str], k: int = 10) -> Values:
    """Return for each paper the share of its `k` nearest others that carry its label (P@k)."""
    names = np.asarray(labels)
    shares: Values = (names[_nearest_others(scores, k)] == names[:, None]).mean(axis=1)
    return shares


def recall_of_sharing(scores: Matrix, keywords: Sequence[set[str]], k: int = 10) -> Values:
    """Return for each paper the share of those with a common keyword found among its `k` nearest (R@k).

    Papers that share a keyword with none are left out.
    """
    nearest = _nearest_others(scores, k)
    values = []
    for row, own in enumerate(keywords):
        related = {other for other, words in enumerate(keywords) if other != row and own & words}
        if related:
            values.append(len(related & set(nearest[row].tolist())) / len(related))
    return np.array(values)


def _nearest_others(scores: Matrix, k: int) -> NDArray[np.int64]:
    others = scores.copy()
    np.fill_diagonal(others, -np.inf)
    return np.argsort(-others, axis=1, kind="stable")[:, :k]


def _csl(embedder: Embedder, data: Path) -> Iterator[Figure]:
    papers = list(records(data / "dev" / "csl.jsonl.xz"))
    titles, abstracts = [p["title"] for p in papers], [p["abstract"] for p in papers]
    weights = TfidfVectorizer(analyzer="char", ngram_range=(1, 2)).fit(abstracts)
    vectors, sparse = embedder.encode(abstracts), weights.transform(abstracts)
    among = vectors @ vectors.T, (sparse @ sparse.T).toarray()
    to_title = embedder.encode(titles) @ vectors.T, (weights.transform(titles) @ sparse.T).toarray()
    disciplines = [p["discipline"] for p in papers]
    keywords = [set(p["keywords"]) for p in papers]
    yield _figure("CSL: same-discipline P@10", *(precision_of_label(s, disciplines) for s in among))
    yield _figure("CSL: shared-keyword R@10", *(recall_of_sharing(s, keywords) for s in among))
    yield _figure("CSL: title→abstract R@1", *map(first_is_own, to_title))


def _chinaxiv(embedder: Embedder, data: Path) -> Iterator[Figure]:
    """Find each paper's abstract in the other language among all of development and training."""
    for kind in ("abstract", "title"):
        ours, rest = (
            [r for r in records(path) if r["kind"] == kind]
            for path in (
                data / "dev" / "chinaxiv_zh_en.jsonl.xz",
                data / "parallel" / "chinaxiv_zh_en.jsonl.xz",
            )
        )
        for source, target, way in (("src", "tgt", "zh→en"), ("tgt", "src", "en→zh")):
            queries = embedder.encode([r[source] for r in ours])
            corpus = embedder.encode([r[target] for r in [*ours, *rest]])
            yield _figure(
                f"ChinaXiv {kind}s {way} R@1 among {len(corpus):,}", first_is_own(queries @ corpus.T)
            )


def _tatoeba(embedder: Embedder, data: Path) -> Iterator[Figure]:
    pairs: dict[str, list[Row]] = {}
    for record in records(data / "dev" / "tatoeba.jsonl.xz"):
        language = base_language(record["src_lang"])
        if record["tgt_lang"] == "en" and language in LANGUAGES:
            pairs.setdefault(language, []).append(record)
    by_language = {
        language: first_is_own(
            embedder.encode([r["src"] for r in rows]) @ embedder.encode([r["tgt"] for r in rows]).T
        )
        for language, rows in sorted(pairs.items())
    }
    for language, values in by_language.items():
        yield _figure(f"Tatoeba {language}→en R@1", values)
    yield _figure(f"Tatoeba, {len(by_language)} languages → en, R@1", np.concatenate([*by_language.values()]))


def _figure(name: str, model: Values, tfidf: Values | None = None) -> Figure:
    generator = np.random.default_rng(SEED)
    baseline = None if tfidf is None else bootstrap([*tfidf.tolist()], generator)
    return Figure(name, len(model), bootstrap([*model.tolist()], generator), baseline)


def as_markdown(figures: Sequence[Figure]) -> str:
    """Return the figures as a table in percent with 95 % intervals."""
    lines = ["| development set | n | this model | character TF-IDF |", "|---|--:|--:|--:|"]
    lines += [
        f"| {figure.name} | {figure.n:,} | {_percent(figure.model)} |"
        f" {_percent(figure.tfidf) if figure.tfidf else '–'} |"
        for figure in figures
    ]
    return "\n".join(lines) + "\n"


def _percent(estimate: Estimate) -> str:
    return f"{100 * estimate.mean:.1f} [{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"
