"""Our kind of `tokenizer.json`, read without `tokenizers`: loaded in a third of the time, and faster after.

`tokenizers` builds a trie of the whole vocabulary before the first text, which takes it hundreds of
milliseconds for 150,000 tokens; a question looks up a few dozen. Tokens are the very same. A file of
another shape, or a text whose words are not certain, is declined.
"""

import base64
import gc
import json
import threading
from collections import ChainMap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

import numpy as np

from recommender.embedding.charsmap import Charsmap
from recommender.embedding.lattice import MOST_CHARACTERS, Lattice
from recommender.embedding.unigram import TOKEN, Tokens, Unigram
from recommender.embedding.words import Words

REST: dict[str, Any] = {  # of the file, beside normaliser and model
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [],
    "pre_tokenizer": {
        "type": "Split",
        "pattern": {"Regex": r"[^\p{L}\p{M}\p{N}]+"},
        "behavior": "Removed",
        "invert": False,
    },
    "post_processor": None,
    "decoder": None,
}
MOST_WORDS_KNOWN, LONGEST_KNOWN = 100_000, 40  # a longer one is a sentence of Chinese: it hardly recurs
MODEL = {"type", "vocab", "unk_id", "byte_fallback"}


class OtherShapeError(ValueError):
    """A tokenizer.json that may be fine, but is not of the one shape that is read here."""


class LightTokenizer:
    """NFC, a table of replacements, words, Unigram. Safe to share between threads."""

    def __init__(self, charsmap: bytes, model: Unigram) -> None:
        """Take a table of replacements and a model.

        Raises:
            ValueError: The table is damaged, or replaces line ends.
        """
        self.charsmap = charsmap
        self.model = model
        self._words = Words(Charsmap(charsmap))
        self._building = threading.Lock()
        self._lattice: Lattice | None = None
        self._known: dict[str, bytes] = {}  # words recur

    @classmethod
    def from_json(cls, content: bytes) -> Self:
        """Read the content of a tokenizer.json.

        Raises:
            OtherShapeError: It is not of the one shape that is read here.
            ValueError: It is no JSON.
        """
        with _collector_paused():
            charsmap, model = _parts(content)
        try:
            return cls(charsmap, model)
        except ValueError as problem:
            raise OtherShapeError(str(problem)) from problem

    def __len__(self) -> int:
        return len(self.model)

    def encode(self, text: str) -> Tokens | None:
        """Return the tokens of a text, or None where it is not certain that `tokenizers` agrees."""
        try:
            words = self._words.of(text)
            return None if words is None else np.frombuffer(b"".join(map(self._tokens_of, words)), TOKEN)
        except ValueError:
            return None

    def encode_many(self, texts: Sequence[str]) -> list[Tokens | None]:
        """Return the same for each of many texts, in a tenth of the time once the lattice is built."""
        try:
            lines = [self._words.of(text) for text in texts]
            kept = self._known
            fresh = [*dict.fromkeys(word for line in lines for word in line or () if word not in kept)]
            read = dict(zip(fresh, self._lattice_of_model().tokens(fresh), strict=True))
        except ValueError:
            return [None] * len(texts)
        kept |= {word: tokens for word, tokens in read.items() if len(word) <= LONGEST_KNOWN}
        known = ChainMap(read, kept)
        self._forget()
        return [
            None if line is None else np.frombuffer(b"".join(map(known.__getitem__, line)), TOKEN)
            for line in lines
        ]

    def segments(self, run: str) -> list[str] | None:
        """Return a run of letters cut as it is read, or None where it is read as something else."""
        try:
            return self.model.segments(run) if self._words.of(run) == [run] else None
        except ValueError:
            return None

    def _tokens_of(self, word: str) -> bytes:
        known = self._known
        if (tokens := known.get(word)) is None:
            tokens = np.fromiter(self.model.tokens(word), TOKEN).tobytes()
            if len(word) <= LONGEST_KNOWN:
                known[word] = tokens
                self._forget()
        return tokens

    def _forget(self) -> None:
        if len(self._known) > MOST_WORDS_KNOWN:
            self._known = {}  # another one: a thread may be about to look up in this

    def _lattice_of_model(self) -> Lattice:
        with self._building:
            if self._lattice is None:
                self._lattice = Lattice(self.model)
            return self._lattice


def _parts(content: bytes) -> tuple[bytes, Unigram]:
    # Decimals stay bytes: that keeps their digits, and tells them from strings.
    document = json.loads(content.decode(), parse_float=str.encode)
    try:
        normalizer, model = document.pop("normalizer"), document.pop("model")
        _expect(document == REST, "its rest")
        return _charsmap(normalizer), _unigram(model, has_escapes=b"\\u" in content)
    except (ValueError, TypeError, LookupError, AttributeError) as problem:
        raise OtherShapeError(str(problem)) from problem


def _charsmap(normalizer: dict[str, Any]) -> bytes:
    compiled = normalizer["normalizers"][-1]["precompiled_charsmap"]
    expected = {
        "type": "Sequence",
        "normalizers": [{"type": "NFC"}, {"type": "Precompiled", "precompiled_charsmap": compiled}],
    }
    _expect(normalizer == expected, "its normaliser")
    return base64.b64decode(compiled, validate=True)


def _unigram(model: dict[str, Any], *, has_escapes: bool) -> Unigram:
    vocabulary, unknown = model["vocab"], model["unk_id"]
    _expect(model.keys() == MODEL and model["type"] == "Unigram", "its model")
    _expect(type(unknown) is int and 0 <= unknown < len(vocabulary), "its unknown token")
    _expect(type(model["byte_fallback"]) is bool, "its byte fallback")
    tokens, scores = [token for token, _ in vocabulary], [score for _, score in vocabulary]
    _expect(set(map(type, tokens)) == {str} and set(map(type, scores)) <= {bytes, int}, "its vocabulary")
    together = "".join(tokens)
    _expect(len(together) < MOST_CHARACTERS, "its size")
    if has_escapes:
        together.encode()  # a lone surrogate is no character
    return Unigram(tokens, scores, unknown=unknown, byte_fallback=model["byte_fallback"])


def _expect(holds: bool, part: str) -> None:
    if not holds:
        raise OtherShapeError(f"{part} is another")


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the garbage collector from looking again and again at 150,000 young lists, all of them alive."""
    was_running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_running:
            gc.enable()
