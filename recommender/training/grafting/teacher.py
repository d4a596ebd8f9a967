"""What the untouched English model says of English texts: the vectors that a student is drawn to."""

import logging
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from recommender.training.grafting.beginning import opened, rows_of
from recommender.training.grafting.student import Body, Reader
from recommender.training.grafting.texts import Texts
from recommender.training.token_table import CPU

log = logging.getLogger(__name__)
TOKENS_AT_ONCE = 8_192  # by a CPU
TOKENS_ELSEWHERE = 262_144


def read_by(english: Path, texts: Texts, device: torch.device, kept: Path) -> torch.Tensor:
    """Return the English model's unit vectors (n, dim) of texts, in half precision on a device.

    Args:
        english: Folder of the model.
        texts: In its tokens.
        device: Where they are read.
        kept: The file that keeps the vectors for a run that goes on.
    """
    if kept.exists():
        return load_file(kept, device=str(device))["vectors"]
    model = opened(english)
    vectors = vectors_of(texts.to(device), rows_of(model).to(device), Body(model[0].auto_model, device))
    partial = kept.with_name(f".{kept.name}.partial")
    save_file({"vectors": vectors.cpu()}, partial)
    partial.replace(kept)
    log.info("the teacher read %d texts", len(texts))
    return vectors


@torch.no_grad()
def vectors_of(texts: Texts, matrix: torch.Tensor, body: Reader) -> torch.Tensor:
    """Return the unit vectors (n, dim) of texts in half precision.

    Args:
        texts: Where the matrix is.
        matrix: Vectors of the tokens.
        body: Reads them.
    """
    lengths = texts.lengths()
    order = np.argsort(-lengths, kind="stable")
    at_once = TOKENS_AT_ONCE if matrix.device == CPU else TOKENS_ELSEWHERE
    vectors = torch.empty((len(texts), matrix.shape[1]), dtype=torch.float16, device=matrix.device)
    start = 0
    while start < len(order):
        rows = order[start : start + max(1, at_once // int(lengths[order[start]]))]
        ids, mask = texts.padded(rows)
        vectors[torch.from_numpy(rows).to(matrix.device)] = body(matrix[ids], mask).half()
        start += len(rows)
    return vectors
