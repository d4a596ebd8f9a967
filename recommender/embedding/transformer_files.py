"""The folder of a transformer, checked before torch allocates anything by it, and after it was loaded."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from recommender.embedding.folder import json_of
from recommender.embedding.safetensors_file import check_numbers, places_of
from recommender.errors import ModelError

LOADER = "transformers.modeling_utils"  # it tells of tensors that it had to make up in a log, nowhere else
MISSING = re.compile(r"^(\S+)\s*\|[^|]*MISSING", re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
UNUSED = "pooler."  # what a mean of the last layer never asks
SIDES = ("vocab_size", "hidden_size")  # of the table of tokens


def check_transformer(folder: Path) -> None:
    """Read every weight of a folder, and hold what its settings announce against them.

    Raises:
        ModelError: A file is damaged, holds what is no number, or the settings announce another model.
    """
    sides: set[int] = set()
    names = 0
    for path in sorted(folder.rglob("*.safetensors")):
        places = places_of(path)
        check_numbers(path, places)
        names += len(places)
        sides.update(side for place in places.values() for side in place.shape)
    for path in sorted(folder.rglob("config.json")):
        config = json_of(path)
        if isinstance(config, dict):
            _check_config(path, config, sides, names)


def _check_config(path: Path, config: dict[str, Any], sides: set[int], names: int) -> None:
    for name in SIDES:
        size = config.get(name)
        if isinstance(size, int) and size not in sides:
            raise ModelError(f"{path}: {name} is {size}, and no tensor beside it has a side of that length")
    layers = config.get("num_hidden_layers")
    if isinstance(layers, int) and layers > names:
        raise ModelError(f"{path}: num_hidden_layers is {layers}, and there are {names} tensors in all")
    largest = max((value for value in config.values() if isinstance(value, int)), default=0)
    if largest > 2**31:
        raise ModelError(f"{path}: {largest} is no size of a model")


class _Report(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.missing: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        told = COLOUR.sub("", record.getMessage())
        self.missing += [name for name in MISSING.findall(told) if UNUSED not in name]


@contextmanager
def all_weights(folder: Path) -> Iterator[None]:
    """Load a model in here.

    Raises:
        ModelError: Weights were missing, in whose place transformers puts random numbers.
    """
    log, report = logging.getLogger(LOADER), _Report()
    before = log.level, log.propagate
    log.addHandler(report)
    log.setLevel(logging.WARNING - 1)  # at its own level it also tells, layer by layer, what is not sharded
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(report)
        log.setLevel(before[0])
        log.propagate = before[1]
    if report.missing:
        names = ", ".join(report.missing[:3])
        raise ModelError(f"{folder} lacks {len(report.missing)} of its tensors, the first: {names}")


def check_tokens(folder: Path, model: Any) -> None:
    """Hold the tokenizer of a loaded SentenceTransformer against its table of tokens.

    Raises:
        ModelError: There are tokens without a row.
    """
    tokenizer: Any = getattr(model, "tokenizer", None)
    table = getattr(getattr(model[0], "auto_model", None), "get_input_embeddings", lambda: None)()
    rows = getattr(table, "num_embeddings", None)
    if rows is None or not hasattr(tokenizer, "get_vocab"):
        return
    highest = max(tokenizer.get_vocab().values(), default=-1)
    if highest >= rows:
        raise ModelError(f"{folder}: the tokenizer gives token {highest}, the weights have {rows} rows")
