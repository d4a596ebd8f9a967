"""The text normaliser of the embedded model, compiled into its tokenizer.

One look-up table does compatibility folding, lower case and traditional → simplified Han at once, so
that `電腦`, `电脑` and `ＰＣ`, `pc` meet before the vocabulary is consulted.
"""

import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tokenizers import normalizers

SURROGATES = range(0xD800, 0xE000)
UNREAD = frozenset(
    map(
        chr,
        (
            0x00AD,  # soft hyphen
            *range(0x0300, 0x0370),  # marks that no letter could be composed with: stress, dot of a Turkish İ
            *range(0x0610, 0x061B),  # Arabic honorifics
            0x0640,  # Arabic tatweel, which only stretches
            *range(0x064B, 0x0660),  # Arabic vowels
            0x0670,
            *range(0x200B, 0x2010),  # zero width
            *range(0xFE00, 0xFE10),  # variation selectors
            0xFEFF,
        ),
    )
)
# Spellings that writers do not keep apart; the Arabic ones as in Lucene's ArabicNormalizer.
ALIKE = str.maketrans("أإآٱىةیکı", "اااايهيكi")


def simplified_forms(entries: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Learn which traditional characters have one usual simplified form.

    Args:
        entries: (traditional, simplified) spellings of dictionary words.

    A character is folded only if most of the words it stands in change it: 著 stays, since 著名 keeps it.

    >>> simplified_forms([("電腦", "电脑"), ("名著", "名著"), ("著作", "著作"), ("看著", "看着")])
    {'電': '电', '腦': '脑'}
    >>> simplified_forms([("麼", "么"), ("么", "幺")])  # as a variant of another character
    {'麼': '幺', '么': '幺'}
    """
    votes: dict[str, Counter[str]] = {}
    for traditional, simplified in entries:
        if len(traditional) == len(simplified):
            for before, after in zip(traditional, simplified, strict=True):
                votes.setdefault(before, Counter())[after] += 1
    winners = {before: counts.most_common(1)[0][0] for before, counts in votes.items()}
    return {before: end for before in winners if (end := _end_of(before, winners)) != before}


def _end_of(character: str, steps: dict[str, str]) -> str:
    """Follow the steps to their end, so that folding twice is folding once; a circle ends before itself."""
    seen = {character}
    while (following := steps.get(character, character)) not in seen:
        character = following
        seen.add(character)
    return character


def folded(character: str, simplified: dict[str, str]) -> str:
    """Return what `character` is read as: NFKC, lower case, simplified, without unread marks.

    >>> folded("Ａ", {}), folded("電", {"電": "电"}), folded("أ", {}), folded("\u0301", {})
    ('a', '电', 'ا', '')
    """
    plain = unicodedata.normalize("NFKC", character).lower()
    plain = unicodedata.normalize("NFKC", plain).translate(ALIKE)
    return "".join(simplified.get(part, part) for part in plain if part not in UNREAD)


def normaliser(
    simplified: dict[str, str], further: Callable[[str], str] | None = None
) -> normalizers.Normalizer:
    """Compile the folding of every Unicode character into one normaliser.

    Args:
        simplified: Simplified forms of traditional characters.
        further: What is done to a folded character beyond that.

    Source: the `Precompiled` charsmap of the `tokenizers` library, built by SentencePiece from rules.
    """
    from sentencepiece import SentencePieceNormalizer, sentencepiece_model_pb2

    def fold(character: str) -> str:
        plain = folded(character, simplified)
        return further(plain) if further else plain

    rules = [
        f"{ord(character):X}\t{' '.join(f'{ord(part):X}' for part in plain)}"
        for character in map(chr, (point for point in range(0x110000) if point not in SURROGATES))
        if (plain := fold(character)) != character
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.tsv"
        path.write_text("\n".join(rules) + "\n", encoding="utf-8")
        compiled = SentencePieceNormalizer(
            rule_tsv=str(path),
            add_dummy_prefix=False,
            escape_whitespaces=False,
            remove_extra_whitespaces=False,
        )
    messages: Any = sentencepiece_model_pb2  # made at run time, so that no checker knows its classes
    spec = messages.NormalizerSpec.FromString(compiled.serialized_normalizer_spec())
    return normalizers.Sequence([normalizers.NFC(), normalizers.Precompiled(spec.precompiled_charsmap)])
