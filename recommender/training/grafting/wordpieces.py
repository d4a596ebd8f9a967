"""The tokens of the transformer brother: an English WordPiece vocabulary with other languages added to it.

English text keeps its pieces, so that a body trained on English reads it as before. A run of an unspaced
script (Han, kana, Thai) gets the mark `▁` in front, a token of its own, so that every piece behind it has
one spelling: `▁知识图谱` is `▁ ##知识 ##图谱`.
"""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import regex
from tokenizers import Regex, Tokenizer, normalizers

PREFIX = "##"
MARK = "▁"
UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}ー]"
IS_UNSPACED = regex.compile(UNSPACED)
LONGEST_RUN = 300  # characters cut as one word; behind them each stands alone, since the search is quadratic
PLACEHOLDER = "〓"


@dataclass(frozen=True, slots=True)
class Grafted:
    """A tokenizer with added tokens.

    Attributes:
        tokenizer: The `tokenizers` object, to be saved as `tokenizer.json`.
        rows: Row of the embedding matrix by added token, behind the rows of the English vocabulary.
        n_rows: Rows in all.
    """

    tokenizer: Tokenizer
    rows: Mapping[str, int]
    n_rows: int


def graft(english: Tokenizer, added: Iterable[str], folding: normalizers.Normalizer) -> Grafted:
    """Add tokens to an English WordPiece tokenizer.

    Args:
        english: Tokenizer of the English model, left as it is.
        added: Tokens as `folding` leaves text, those inside of a word with `##` in front. What English has
            already is skipped.
        folding: Normaliser of the new tokenizer.
    """
    parts: dict[str, Any] = json.loads(english.to_str())
    vocab: dict[str, int] = dict(parts["model"]["vocab"])
    rows: dict[str, int] = {}
    for token in (MARK, PLACEHOLDER, *added):
        if token not in vocab:
            rows[token] = vocab[token] = len(vocab)
    parts["model"] |= {"vocab": vocab, "max_input_chars_per_word": LONGEST_RUN + 1}
    parts |= {"truncation": None, "padding": None}
    tokenizer = Tokenizer.from_str(json.dumps(parts, ensure_ascii=False))
    held = {c for token in vocab if token.startswith(PREFIX) for c in token if IS_UNSPACED.match(c)}
    tokenizer.normalizer = normalizers.Sequence([folding, *_runs(held)])
    return Grafted(tokenizer, rows, len(vocab))


def _runs(held: set[str]) -> list[normalizers.Normalizer]:
    """Return what sets runs of unspaced scripts apart and marks where they begin.

    A character that no token holds would make its whole run unknown, so it is replaced first.
    """
    others = f"[{UNSPACED}&&[^{''.join(sorted(held))}]]" if held else UNSPACED
    return [
        normalizers.Replace(Regex(others), f" {PLACEHOLDER} "),
        normalizers.Replace(Regex(f"(?<={UNSPACED}{{{LONGEST_RUN}}})(?={UNSPACED})"), f" {MARK}"),
        normalizers.Replace(Regex(f"(?<![{MARK}{UNSPACED[1:-1]}])(?={UNSPACED})"), f" {MARK}"),
        normalizers.Replace(Regex(f"(?<={UNSPACED})(?!{UNSPACED})"), " "),
    ]


def piece_counts(texts: Sequence[str], tokenizer: Tokenizer) -> Counter[str]:
    """Count the pieces of texts, with `##` before those inside of a word and those of unspaced scripts."""
    counts: Counter[str] = Counter()
    for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False):
        last: int | None = None
        for token, word in zip(encoding.tokens, encoding.word_ids, strict=True):
            inside = word == last or IS_UNSPACED.match(token)
            counts[f"{PREFIX}{token}" if inside else token] += 1
            last = word
    return counts


def without_accents(text: str) -> str:
    """Return Latin letters as an uncased English model reads them; letters of Vietnamese alone stay.

    >>> without_accents("é"), without_accents("ß"), without_accents("ế"), without_accents("й")
    ('e', 'ß', 'ế', 'й')
    """
    return "".join(map(_without_accent, text))


def _without_accent(character: str) -> str:
    if not 0xC0 <= ord(character) < 0x250:
        return character
    base = unicodedata.normalize("NFD", character)[0]
    return base if base.isascii() else character
