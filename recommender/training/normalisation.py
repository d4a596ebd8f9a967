"""The text normaliser of the embedded model, compiled into its tokenizer.

One look-up table does compatibility folding, lower case and traditional → simplified Han at once, so
that `電腦`, `电脑` and `ＰＣ`, `pc` meet before the vocabulary is consulted.
"""

import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tokenizers import normalizers

SURROGATES = range(0xD800, 0xE000)


def simplified_forms(entries: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Learn which traditional characters have one usual simplified form.

    Args:
        entries: (traditional, simplified) spellings of dictionary words.

    A character is folded only if most of the words it stands in change it: 著 stays, since 著名 keeps it.

    >>> simplified_forms([("電腦", "电脑"), ("名著", "名著"), ("著作", "著作"), ("看著", "看着")])
    {'電': '电', '腦': '脑'}
    """
    votes: dict[str, Counter[str]] = {}
    for traditional, simplified in entries:
        if len(traditional) == len(simplified):
            for before, after in zip(traditional, simplified, strict=True):
                votes.setdefault(before, Counter())[after] += 1
    winners = {before: counts.most_common(1)[0][0] for before, counts in votes.items()}
    return {before: after for before, after in winners.items() if before != after}


def folded(character: str, simplified: dict[str, str]) -> str:
    """Return what `character` is read as: NFKC, lower case, simplified."""
    plain = unicodedata.normalize("NFKC", character).lower()
    plain = unicodedata.normalize("NFKC", plain)
    return "".join(simplified.get(part, part) for part in plain)


def normaliser(simplified: dict[str, str]) -> normalizers.Normalizer:
    """Compile the folding of every Unicode character into one normaliser.

    Source: the `Precompiled` charsmap of the `tokenizers` library, built by SentencePiece from rules.
    """
    from sentencepiece import SentencePieceNormalizer, sentencepiece_model_pb2

    rules = [
        f"{ord(character):X}\t{' '.join(f'{ord(part):X}' for part in plain)}"
        for character in map(chr, (point for point in range(0x110000) if point not in SURROGATES))
        if (plain := folded(character, simplified)) != character
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
