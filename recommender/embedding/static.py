"""The light path of static models: a text's vector is the mean of its tokens' vectors.

Reads the folder of a sentence-transformers `StaticEmbedding`, or of model2vec, with NumPy, safetensors and
where needed tokenizers, so that nothing waits for torch. The vectors equal
`SentenceTransformer(folder).encode`, brought to unit length.
"""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.cores import cores
from recommender.embedding.folder import files_of, fingerprint, json_of, module_types
from recommender.embedding.joint import is_joint
from recommender.embedding.prepared import FILE as TOKENS
from recommender.embedding.prepared import opened
from recommender.embedding.shipping import ModelFiles, PackedModel
from recommender.embedding.tokenizer import TextTokenizer
from recommender.embedding.unigram import Tokens
from recommender.embedding.weights import TokenVectors
from recommender.errors import ModelError
from recommender.seen import remember, untouched
from recommender.vectors import Vectors, checked, distinct, normalised

SEEN = "model.json"
TEXTS_AT_ONCE = 256  # their tokens stay within some megabytes
FEWEST_TEXTS_AT_ONCE = 64  # for less than that no second thread is started
MOST_THREADS = 4  # more would wait for each other's Python
FEW_TOKENS = 2_000
TOKENS_AT_ONCE = 10_000  # of one text; their vectors stay within some megabytes


class StaticEmbedder:
    """Mean of token vectors, without truncation. Safe to share between threads."""

    fills_cores = False  # most of it is Python

    def __init__(self, folder: Path, kept: Path | None = None, expected: str = "") -> None:
        """Load the model of `folder`.

        Args:
            folder: The model.
            kept: Where `prepare` may have put what is made of models.
            expected: The fingerprint that it had then.

        Raises:
            ModelError: A file is missing or damaged, or tokenizer and weights do not fit.
        """
        self._folder = folder
        files = _files(folder)
        note = None if kept is None else kept / expected / SEEN
        is_known = note is not None and bool(expected) and {*files_of(folder)} == untouched(note)
        self.fingerprint = expected if is_known else fingerprint(folder)
        prepared = opened(_tokens(kept, self.fingerprint), self.fingerprint)
        self._tokenizer = TextTokenizer(files / "tokenizer.json", prepared)
        self._vectors = TokenVectors(files / "model.safetensors", is_known=is_known)
        if len(self._tokenizer) > len(self._vectors):
            raise ModelError(
                f"{folder}: the tokenizer has {len(self._tokenizer)} tokens,"
                f" the weights {len(self._vectors)} rows"
            )

    def __reduce__(self) -> tuple[Any, ...]:
        return PackedModel, (type(self), ModelFiles.of(self._folder, self.fingerprint))

    @property
    def dim(self) -> int:
        return self._vectors.dim

    def encode(self, texts: Sequence[str]) -> Vectors:
        means = np.zeros((len(texts), self.dim), dtype=np.float32)
        threads = min(MOST_THREADS, cores())
        size = min(TEXTS_AT_ONCE, max(FEWEST_TEXTS_AT_ONCE, -(-len(texts) // threads)))
        parts = [slice(start, start + size) for start in range(0, len(texts), size)]
        if len(parts) == 1:
            self._write_means(texts, means)
        else:
            from concurrent.futures import ThreadPoolExecutor  # a question has no use for it

            with ThreadPoolExecutor(threads) as pool:  # NumPy lets the others run while it computes
                [*pool.map(lambda part: self._write_means(texts[part], means[part]), parts)]
        try:
            return checked(normalised(means), len(texts), self.dim)
        except ValueError as problem:
            raise ModelError(f"the model has no vector for some of the texts: {problem}") from problem

    def prepare(self, kept: Path) -> None:
        """Keep what makes the first question after a start fast; hold the writer's lock.

        Raises:
            ModelError: It cannot be written.
        """
        try:
            for left in (kept / self.fingerprint).glob(".*"):  # by a writer that was killed
                left.unlink()
            remember(files_of(self._folder), kept / self.fingerprint / SEEN)
            path = _tokens(kept, self.fingerprint)
            if path and not opened(path, self.fingerprint):
                self._tokenizer.prepare(self.fingerprint, path)
        except OSError as problem:
            raise ModelError(f"cannot write to {kept} ({problem.strerror}); check the disk") from problem

    def windows(self, texts: Sequence[str]) -> list[int]:
        return [1] * len(texts)

    def segments(self, run: str) -> list[str]:
        return self._tokenizer.segments(run)

    def _write_means(self, texts: Sequence[str], means: NDArray[np.float32]) -> None:
        tokens = self._tokenizer.encode(texts)
        used, places = _distinct(np.concatenate(tokens))
        if len(used) and used[-1] >= len(self._vectors):
            raise ModelError(
                f"{self._folder}: the tokenizer gives token {used[-1]}, the weights end before it"
            )
        vectors = self._vectors.of(used)
        end = 0
        # Text by text: faster than all tokens at once, and the batch cannot change a sum.
        for mean, numbers in zip(means, tokens, strict=True):
            start, end = end, end + len(numbers)
            for first in range(start, end, TOKENS_AT_ONCE):
                mean += vectors.take(places[first : min(first + TOKENS_AT_ONCE, end)], axis=0).sum(axis=0)
            mean /= max(1, len(numbers))


def _distinct(tokens: Tokens) -> tuple[Tokens, NDArray[np.int64]]:
    """Return the distinct tokens, ascending, and the place of each token among them."""
    if len(tokens) > FEW_TOKENS:
        return np.unique(tokens, return_inverse=True)
    used = distinct(tokens)  # faster for a few, and for the first ones by far
    return used, np.searchsorted(used, tokens)


def _tokens(kept: Path | None, fingerprint: str) -> Path | None:
    return None if kept is None else kept / fingerprint / TOKENS


def is_static(folder: Path) -> bool:
    """Tell whether the light path can read the model of `folder`."""
    if is_joint(folder):
        return False
    types = module_types(folder)
    plain = types[:1] == ["StaticEmbedding"] and set(types[1:]) <= {"Normalize"}
    if not plain or _has_prompt(folder):
        return False
    return any((_files(folder) / name).is_file() for name in ("model.safetensors", "tokenizer.json"))


def _files(folder: Path) -> Path:
    """Return where tokenizer and weights are: in the folder itself or, by older versions, in one below."""
    module = str(json_of(folder / "modules.json")[0].get("path", ""))
    if PurePosixPath(module).is_absolute() or ".." in PurePosixPath(module).parts:
        raise ModelError(f"{folder / 'modules.json'} leads out of the folder: {module}")
    return folder / module


def _has_prompt(folder: Path) -> bool:
    """Tell whether `SentenceTransformer.encode` would put words of its own before every text."""
    path = folder / "config_sentence_transformers.json"
    if not path.is_file():
        return False
    config = json_of(path)
    try:
        return bool((config.get("prompts") or {}).get(config.get("default_prompt_name")))
    except (AttributeError, TypeError) as problem:
        raise ModelError(f"{path} cannot be read: {problem}") from problem
