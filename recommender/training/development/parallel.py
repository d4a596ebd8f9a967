"""Development sets across languages: a text's translation has to be found among many."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recommender.training.development.tasks import EveryLanguage, LanguageBias, OwnText, Task
from recommender.training.sources import LANGUAGES, base_language, records

CHINAXIV = "dev/chinaxiv_zh_en.jsonl.xz"
CHINAXIV_TRAINED = "parallel/chinaxiv_zh_en.jsonl.xz"  # in the corpus as distractors
TATOEBA = "dev/tatoeba.jsonl.xz"
TICO19 = "dev/tico19_pubmed.jsonl.xz"
MISALIGNED = frozenset({"fr"})  # of TICO-19: numbers disagree in a quarter of the rows

Row = dict[str, Any]


def chinaxiv(data: Path) -> Iterator[Task]:
    """Ask for the abstract, and the title, of each paper in the other language."""
    for kind in ("abstract", "title"):
        ours, rest = chinaxiv_pairs(data, kind)
        for source, target, way in (("src", "tgt", "zh→en"), ("tgt", "src", "en→zh")):
            corpus = [row[target] for row in [*ours, *rest]]
            if ours:
                yield OwnText(
                    name=f"ChinaXiv {kind}s {way} R@1 among {len(corpus):,}",
                    queries=[row[source] for row in ours],
                    answers=[row[target] for row in ours],
                    corpus=corpus,
                    needs_translation=True,
                )


def language_bias(data: Path) -> Iterator[Task]:
    """Ask which language the nearest of a paper have, in a corpus that has every paper in both."""
    ours, rest = chinaxiv_pairs(data, "abstract")
    if ours:
        yield LanguageBias(
            name="ChinaXiv: same language among ten nearest",
            left=[row["src"] for row in [*ours, *rest]],
            right=[row["tgt"] for row in [*ours, *rest]],
            n_asked=len(ours),
        )


def tatoeba(data: Path) -> Iterator[Task]:
    """Ask for the English of short everyday sentences."""
    pairs: dict[str, list[Row]] = {}
    for row in records(data / TATOEBA):
        language = base_language(row["src_lang"])
        if row["tgt_lang"] == "en" and language in LANGUAGES:
            pairs.setdefault(language, []).append(row)
    tasks = {}
    for language, rows in sorted(pairs.items()):
        english = [row["tgt"] for row in rows]
        tasks[language] = _to_english("Tatoeba", language, [row["src"] for row in rows], english, english)
    if tasks:
        yield EveryLanguage(name="Tatoeba", languages=tasks)


def tico19(data: Path) -> Iterator[Task]:
    """Ask for the English of sentences from PubMed; the corpus is all of the English ones."""
    rows = list(records(data / TICO19))
    corpus = [row["en"] for row in rows]
    found = {column for row in rows for column in row}
    tasks = {}
    for language in sorted(found & LANGUAGES - {"en"} - MISALIGNED):
        translated = [row for row in rows if row.get(language)]
        sources, answers = ([row[name] for row in translated] for name in (language, "en"))
        tasks[language] = _to_english("TICO-19 PubMed", language, sources, answers, corpus)
    if tasks:
        yield EveryLanguage(name="TICO-19 PubMed", languages=tasks)


def _to_english(
    name: str, language: str, queries: list[str], answers: list[str], corpus: list[str]
) -> OwnText:
    return OwnText(
        name=f"{name} {language}→en R@1",
        queries=queries,
        answers=answers,
        corpus=corpus,
        needs_translation=True,
    )


def chinaxiv_pairs(data: Path, kind: str) -> tuple[list[Row], list[Row]]:
    """Return the pairs of a kind for development, and those for training."""
    ours, rest = (
        [row for row in records(data / name) if row["kind"] == kind] for name in (CHINAXIV, CHINAXIV_TRAINED)
    )
    return ours, rest
