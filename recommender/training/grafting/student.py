"""The model that learns: a BERT encoder, and vectors of tokens of which the English ones stay.

It computes in bfloat16, which current processors multiply several times as fast, and is moved in single
precision (mixed precision training, Micikevicius et al. 2018, arXiv:1710.03740).
"""

from typing import Any, Protocol

import numpy as np
import torch

from recommender.training.checkpoints import Arrays, Checkpoint
from recommender.training.contrastive import RowAdam, Table
from recommender.training.grafting.lessons import Ids

DECAY = 0.99  # of the rows' Adam; a row is seen seldom, so its scale is learnt faster than usual
UNUSED = ("word_embeddings", "pooler")  # the rows stand for the one, mean pooling for the other


class Reader(Protocol):
    """What reads vectors of tokens.

    Attributes:
        exact: Its weights (n,) in single precision.
    """

    exact: torch.Tensor

    def __call__(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return unit text vectors (n, dim) of token vectors (n, tokens, dim)."""
        ...

    def take_gradient(self) -> torch.Tensor:
        """Return the gradient (n,) of the weights, and forget it."""
        ...

    def take_weights(self) -> None:
        """Compute with what `exact` holds now."""
        ...


class Body:
    """A BERT encoder without its word embeddings: it reads any vectors of tokens."""

    def __init__(self, encoder: Any) -> None:
        """Take a `transformers` BERT; it is converted to bfloat16 in place."""
        # The fused attention takes twice as long backwards on a CPU as the plain one.
        encoder.set_attn_implementation("eager")
        learnt = [w for name, w in encoder.named_parameters() if not any(part in name for part in UNUSED)]
        self.exact = torch.cat([weight.detach().float().flatten() for weight in learnt])
        self._encoder = encoder.to(torch.bfloat16).eval().requires_grad_(False)  # no dropout: repeatable
        self._learnt = [weight.requires_grad_() for weight in learnt]

    def __call__(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the mean of the last states, normalised."""
        tokens = tokens.to(torch.bfloat16)
        states = self._encoder(inputs_embeds=tokens, attention_mask=mask).last_hidden_state.float()
        share = mask.unsqueeze(-1).to(states.dtype)
        return torch.nn.functional.normalize((states * share).sum(1) / share.sum(1), dim=1)

    def take_gradient(self) -> torch.Tensor:
        parts = [torch.zeros_like(w) if w.grad is None else w.grad for w in self._learnt]
        for weight in self._learnt:
            weight.grad = None
        return torch.cat([part.float().flatten() for part in parts])

    @torch.no_grad()
    def take_weights(self) -> None:
        """Round `exact` to the precision that the encoder has now."""
        start = 0
        for weight in self._learnt:
            weight.copy_(self.exact[start : start + weight.numel()].view_as(weight))
            start += weight.numel()


class Student:
    """A body and a matrix of token vectors, moved by Adam; rows below `first` stay."""

    def __init__(self, body: Reader, matrix: Table, first: int) -> None:
        self.matrix = matrix
        self._body = body
        self._first = first
        self._rows = RowAdam(matrix[first:], decay=DECAY)
        self._adam = torch.optim.Adam([body.exact], betas=(0.9, 0.99), fused=True)
        self._moments = {name: torch.zeros_like(body.exact) for name in ("exp_avg", "exp_avg_sq")}
        self._moments["step"] = torch.zeros(())
        self._adam.state[body.exact] = self._moments
        self._read: list[tuple[Ids, torch.Tensor]] = []

    def read(self, ids: Ids, mask: torch.Tensor) -> torch.Tensor:
        """Return the unit vectors (n, dim) of texts (n, tokens); the next move learns from them."""
        tokens = torch.from_numpy(self.matrix[ids]).requires_grad_()
        self._read.append((ids, tokens))
        return self._body(tokens, mask)

    def move(self, row_rate: float, body_rate: float) -> None:
        """Take one step by the gradients of what was read since the last."""
        ids = torch.from_numpy(np.concatenate([ids.ravel() for ids, _ in self._read]))
        slopes = torch.cat([_gradient(tokens) for _, tokens in self._read])
        self._read.clear()
        new = ids >= self._first
        rows, places = torch.unique(ids[new] - self._first, return_inverse=True)
        gradient = torch.zeros(len(rows), slopes.shape[1]).index_add_(0, places, slopes[new])
        self._rows.move(rows.numpy(), gradient.numpy(), row_rate)
        self._body.exact.grad = self._body.take_gradient()
        self._adam.param_groups[0]["lr"] = body_rate
        self._adam.step()
        self._body.take_weights()

    def state(self) -> Arrays:
        """Return the arrays themselves; whoever writes into them sets the state."""
        body = {f"body.{name}": moment.numpy() for name, moment in self._moments.items()}
        return self._rows.state() | body | {"body": self._body.exact.numpy()}

    def resume(self, checkpoint: Checkpoint) -> int:
        """Take the state that was kept; return its step, 0 where there is none."""
        step = checkpoint.resume(self.state())
        self._body.take_weights()
        return step


def _gradient(tokens: torch.Tensor) -> torch.Tensor:
    if tokens.grad is None:
        raise RuntimeError("the body let no gradient through")
    return tokens.grad.flatten(0, 1)
