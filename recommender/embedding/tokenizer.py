"""The tokens of texts by a `tokenizer.json`: read lightly where possible, else by the library `tokenizers`.

Which of the two serves never changes a token.
"""

import mmap
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recommender.embedding.light import LightTokenizer, OtherShapeError
from recommender.embedding.prepared import PreparedUnigram, prepare
from recommender.embedding.unigram import TOKEN, Tokens
from recommender.errors import BuildError, ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FEW_TEXTS, FEW_CHARACTERS = 8, 20_000  # a question; for more than that it pays to prepare


class TextTokenizer:
    """Turns texts into token numbers. Safe to share between threads.

    Nothing is truncated or padded, and no special tokens are added, whatever the file says.
    """

    def __init__(self, path: Path, prepared: PreparedUnigram | None = None) -> None:
        """Load the tokenizer of `path`.

        Args:
            path: A tokenizer.json; what is not needed at once is read from it even where it is gone by then.
            prepared: The same, prepared for questions: then the file is read only if more is asked.

        Raises:
            ModelError: It is missing or damaged.
        """
        self._path = path
        self._content = _mapped(path)
        self._loading = threading.Lock()
        self._full: Tokenizer | None = None
        self._prepared = _with_words(prepared)
        self._light: LightTokenizer | None = None
        self._is_read = False
        if self._prepared is None:
            self._read()
        small = self._prepared or self._light
        self._size = len(small) if small is not None else self._library().get_vocab_size()

    def __len__(self) -> int:
        """Return the number of tokens."""
        return self._size

    def encode(self, texts: Sequence[str]) -> list[Tokens]:
        """Return the token numbers of each text.

        Raises:
            ModelError: The tokenizer has no tokens for a text, or is damaged.
        """
        tokens = self._encode_lightly(texts)
        left = [row for row, numbers in enumerate(tokens) if numbers is None]
        certain = dict(zip(left, self._encode_by_library([texts[row] for row in left]), strict=True))
        return [certain[row] if numbers is None else numbers for row, numbers in enumerate(tokens)]

    def _encode_lightly(self, texts: Sequence[str]) -> list[Tokens | None]:
        """Return the token numbers of each text, None where that is left to `tokenizers`."""
        are_few = len(texts) <= FEW_TEXTS and sum(map(len, texts)) <= FEW_CHARACTERS
        if are_few and self._prepared is not None:
            try:
                return [*map(self._prepared.encode, texts)]
            except BuildError:
                self._prepared = None  # damaged there: the tokenizer itself knows
        light = self._read()
        if light is None:
            return [None] * len(texts)
        return [*map(light.encode, texts)] if are_few else light.encode_many(texts)

    def segments(self, run: str) -> list[str]:
        """Return a run of letters cut into the words and parts of words that it is read in.

        Where that is left to `tokenizers`, it is cut into its characters.
        """
        if self._prepared is not None:
            try:
                return self._prepared.segments(run) or [*run]
            except BuildError:
                self._prepared = None  # damaged there: the tokenizer itself knows
        light = self._read()
        return (light.segments(run) if light is not None else None) or [*run]

    def prepare(self, fingerprint: str, path: Path) -> None:
        """Write what questions need of the tokenizer into a file of its own, if it can be read lightly."""
        if (light := self._read()) is not None:
            prepare(light.model, light.charsmap, fingerprint, path)

    def _read(self) -> LightTokenizer | None:
        with self._loading:
            if not self._is_read:
                self._light, self._is_read = _light(self._content[:], self._path), True
            return self._light

    def _encode_by_library(self, texts: Sequence[str]) -> list[Tokens]:
        if not texts:
            return []
        library = self._library()
        with _translated(f"the tokenizer of {self._path.parent} cannot read the text"):
            encodings = library.encode_batch_fast([*texts], add_special_tokens=False)
        return [np.array(encoding.ids, TOKEN) for encoding in encodings]

    def _library(self) -> "Tokenizer":
        with self._loading:
            if self._full is None:
                self._full = _full(self._content[:], self._path)
            return self._full


def _with_words(prepared: PreparedUnigram | None) -> LightTokenizer | None:
    return None if prepared is None else LightTokenizer(prepared.charsmap, prepared)


def _mapped(path: Path) -> mmap.mmap:
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as problem:  # ValueError: it is empty
        raise ModelError(f"{path} cannot be read: {problem}") from problem


def _light(content: bytes, path: Path) -> LightTokenizer | None:
    try:
        return LightTokenizer.from_json(content)
    except OtherShapeError:
        return None
    except (ValueError, RecursionError) as problem:
        raise ModelError(f"{path} cannot be read: {problem}") from problem


def _full(content: bytes, path: Path) -> "Tokenizer":
    from tokenizers import Tokenizer  # only where it is needed: it costs milliseconds

    with _translated(f"{path} cannot be read"):
        tokenizer = Tokenizer.from_buffer(content)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


@contextmanager
def _translated(what: str) -> Iterator[None]:
    """Turn what `tokenizers` raises, bare `Exception` or a panic of its Rust code, into `ModelError`."""
    try:
        yield
    except BaseException as problem:
        if not isinstance(problem, Exception) and type(problem).__name__ != "PanicException":
            raise
        raise ModelError(f"{what}: {problem}") from problem
