"""The training data folder, read into named streams of pairs.

A stream's name tells its kind and its languages (see `stream_names`). One batch is always of one stream, so
that a pair's rivals are of its own kind.
"""

import json
import lzma
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recommender.training.pairs import Pairs, halves, held_out

CORE = ("zh", "zh-tw", "zh-hk", "en", "ja", "ko", "de", "fr", "es", "pt", "pt-pt", "ru", "it")
LANGUAGES = frozenset({*CORE, "nl", "pl", "tr", "vi", "id", "ar", "hi", "th", "uk", "cs"})
SHORT = 60  # characters: a parallel text this short is a term rather than a sentence

Streams = dict[str, Pairs]


def records(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of one `.jsonl.xz` file."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def read_streams(folder: Path, left_out: tuple[str, ...], seed: int) -> Streams:
    """Read every training file below `folder` but those named in `left_out`."""
    streams: Streams = defaultdict(Pairs)
    chance = random.Random(seed)  # noqa: S311
    for path in sorted(folder.glob("papers/*.jsonl.xz")):
        if _name(path) not in {*left_out, "chinaxiv_citation_pairs"}:
            for record in records(path):
                _add_paper(streams, record, chance)
    _add_citations(streams, folder)
    _add_arxiv_translations(streams, folder)
    for path in sorted([*folder.glob("parallel/*.jsonl.xz"), *folder.glob("lexicon/*.jsonl.xz")]):
        if _name(path) not in {*left_out, "arxiv_en_zh"}:
            kind = "word" if path.parent.name == "lexicon" else "sentence"
            for record in records(path):
                _add_parallel(streams, record, kind, chance)
    return dict(streams)


def simplified_entries(folder: Path) -> list[tuple[str, str]]:
    """Return the (traditional, simplified) spellings of the Chinese dictionary."""
    return [
        (record["traditional"], record["simplified"])
        for record in records(folder / "lexicon" / "cc_cedict.jsonl.xz")
    ]


def evaluation_texts(folder: Path) -> Iterator[str]:
    """Yield every text of the development sets, so that none of it is learnt."""
    for path in sorted(folder.glob("dev/*.jsonl.xz")):
        for record in records(path):
            for name, value in record.items():
                if isinstance(value, str) and (name not in {"id", "source"} or len(value) > SHORT):
                    yield value


def _name(path: Path) -> str:
    return path.name.removesuffix(".jsonl.xz")


def base_language(language: str) -> str:
    """Return the language without its region: `zh-tw` is `zh`."""
    return language.partition("-")[0]


def _add_paper(streams: Streams, record: dict[str, Any], chance: random.Random) -> None:
    if record.get("id", "").startswith("arxiv:") and held_out(record["id"].removesuffix(":zh")):
        return
    language, abstract = record["lang"], record.get("abstract", "")
    title = record.get("title", "")
    if title and abstract:
        streams[f"{language}/title-abstract"].add(title, abstract)
    if keywords := record.get("keywords"):
        streams[f"{language}/abstract-keywords"].add(abstract, joined(keywords, language))
    if field := record.get("category") or record.get("discipline"):
        streams[f"{language}/field"].add(abstract or title, str(field))
    for text in [abstract, *record.get("paragraphs", ())]:
        if sides := halves(text, chance):
            streams[f"{language}/halves"].add(*sides)


def joined(keywords: list[str] | str, language: str) -> str:
    """Return keywords as one text, with the separator of their language."""
    if isinstance(keywords, str):
        return keywords
    return ("；" if language == "zh" else "; ").join(keywords)


def _add_citations(streams: Streams, folder: Path) -> None:
    """Add abstracts of Chinese papers of which one cites the other, or that share many references.

    Papers in the held-out tenth appear in no pair, so that a development split can be made of them.
    """
    abstracts = {r["id"]: r["abstract"] for r in records(folder / "papers" / "chinaxiv_zh.jsonl.xz")}
    for record in records(folder / "papers" / "chinaxiv_citation_pairs.jsonl.xz"):
        sides = record["a"], record["b"]
        unseen = any(map(without_citations, sides))
        if is_close(record) and not unseen and all(side in abstracts for side in sides):
            streams["zh/citation"].add(*(abstracts[side] for side in sides))


def is_close(pair: dict[str, Any]) -> bool:
    """Tell whether a silver pair is of similar papers: one cites the other, or they share references.

    Very many shared references of texts without a word in common are two articles in one file.
    """
    if pair["kind"] == "cites":
        return True
    return bool(3 <= pair["shared_refs"] < 15 and pair["char3_jaccard"] >= 0.03)


def without_citations(paper_id: str) -> bool:
    """Tell whether a paper is of the tenth that no training pair of citations names."""
    return held_out(paper_id, share=0.1, salt="citation")


def _add_arxiv_translations(streams: Streams, folder: Path) -> None:
    abstracts = {r["id"]: r["abstract"] for r in records(folder / "papers" / "arxiv_en.jsonl.xz")}
    for record in records(folder / "parallel" / "arxiv_en_zh.jsonl.xz"):
        if held_out(record["id"]):
            continue
        english = record.get("en") or abstracts.get(record["id"])
        if english:
            kind = "title" if record["kind"] == "title" else "summary"
            streams[f"zh-en/{kind}"].add(record["zh"], english)
        if record.get("zh_tldr"):
            streams["zh/tldr"].add(record["zh_tldr"], record["zh"])


def _add_parallel(streams: Streams, record: dict[str, Any], kind: str, chance: random.Random) -> None:
    if "pinyin" in record:
        streams["word/zh"].add("; ".join(record["glosses"]), record["simplified"])
    elif "src_lang" not in record:
        english = record.get("en")
        for language, text in record.items():
            if english and language in LANGUAGES - {"en"} and text:
                _add_translation(streams, english, text, language, kind)
    elif record.get("kind") in {"abstract", "title"} and record["src_lang"] == "zh":
        streams[f"zh-en/{record['kind']}"].add(record["src"], record["tgt"])
    elif {record["src_lang"], record["tgt_lang"]} <= LANGUAGES:
        _add_two_languages(streams, record, kind, chance)


def _add_two_languages(streams: Streams, record: dict[str, Any], kind: str, chance: random.Random) -> None:
    source = record["src"]
    if record.get("gloss") and chance.random() < 0.5:
        source = f"{source} ({record['gloss']})"
    texts = {base_language(record["src_lang"]): source, base_language(record["tgt_lang"]): record["tgt"]}
    english = texts.pop("en", None)
    if english is not None:
        for language, text in texts.items():
            _add_translation(streams, english, text, language, kind)
    elif len(texts) == 2:
        one, other = sorted(texts)
        streams[f"{one}-{other}/{kind}"].add(texts[one], texts[other])


def _add_translation(streams: Streams, english: str, text: str, language: str, kind: str) -> None:
    if kind == "sentence" and max(len(english), len(text)) < SHORT:
        kind = "term"
    streams[f"{kind}/{base_language(language)}"].add(english, text)
