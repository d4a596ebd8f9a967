"""The model that learns: a BERT encoder, and vectors of tokens of which the English ones stay.

It computes in bfloat16 where that is several times as fast, and is moved in single precision (mixed precision
training, Micikevicius et al. 2018, arXiv:1710.03740).
"""

from typing import Any, Protocol

import torch

from recommender.embedding.sentence import fastest_precision
from recommender.training.checkpoints import Arrays, Checkpoint
from recommender.training.contrastive import RowAdam
from recommender.training.token_table import CPU

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

    def __init__(self, encoder: Any, device: torch.device = CPU) -> None:
        """Take a `transformers` BERT to a device, in place, in the precision that is fast there."""
        self._precision = fastest_precision() if device == CPU else torch.bfloat16
        # The fused attention takes twice as long backwards on a CPU as the plain one.
        encoder.to(device).set_attn_implementation("eager" if device == CPU else "sdpa")
        learnt = [w for name, w in encoder.named_parameters() if not any(part in name for part in UNUSED)]
        self.exact = torch.cat([weight.detach().float().flatten() for weight in learnt])
        self._encoder = encoder.to(self._precision).eval().requires_grad_(False)  # no dropout: repeatable
        self._learnt = [weight.requires_grad_() for weight in learnt]

    def __call__(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the mean of the last states, normalised."""
        tokens = tokens.to(self._precision)
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

    def __init__(self, body: Reader, matrix: torch.Tensor, first: int) -> None:
        self.matrix = matrix
        self._body = body
        self._first = first
        self._rows = RowAdam(matrix[first:], decay=DECAY)
        self._adam = torch.optim.Adam([body.exact], betas=(0.9, 0.99), fused=True)
        self._moments = {name: torch.zeros_like(body.exact) for name in ("exp_avg", "exp_avg_sq")}
        self._moments["step"] = torch.zeros((), device=body.exact.device)
        self._adam.state[body.exact] = self._moments
        self._read: list[tuple[torch.Tensor, torch.Tensor]] = []

    @property
    def device(self) -> torch.device:
        """Where it learns."""
        return self.matrix.device

    def read(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the unit vectors (n, dim) of texts (n, tokens); the next move learns from them."""
        tokens = self.matrix[ids].requires_grad_()
        self._read.append((ids, tokens))
        return self._body(tokens, mask)

    def move(self, row_rate: float, body_rate: float) -> None:
        """Take one step by the gradients of what was read since the last."""
        ids = torch.cat([ids.flatten() for ids, _ in self._read])
        slopes = torch.cat([_gradient(tokens) for _, tokens in self._read])
        self._read.clear()
        new = ids >= self._first
        rows, places = torch.unique(ids[new] - self._first, return_inverse=True)
        gradient = torch.zeros((len(rows), slopes.shape[1]), device=self.device)
        self._rows.move(rows, gradient.index_add_(0, places, slopes[new]), row_rate)
        self._body.exact.grad = self._body.take_gradient()
        self._adam.param_groups[0]["lr"] = body_rate
        self._adam.step()
        self._body.take_weights()

    def state(self) -> Arrays:
        """Return a copy of all that a run goes on from."""
        return {name: tensor.cpu().numpy().copy() for name, tensor in self._tensors().items()}

    @torch.no_grad()
    def resume(self, checkpoint: Checkpoint) -> int:
        """Take the state that was kept; return its step, 0 where there is none."""
        state = self.state()
        step = checkpoint.resume(state)
        for name, tensor in self._tensors().items():
            tensor.copy_(torch.from_numpy(state[name]))
        self._body.take_weights()
        return step

    def _tensors(self) -> dict[str, torch.Tensor]:
        body = {f"body.{name}": moment for name, moment in self._moments.items()}
        return self._rows.tensors() | body | {"body": self._body.exact}


def _gradient(tokens: torch.Tensor) -> torch.Tensor:
    if tokens.grad is None:
        raise RuntimeError("the body let no gradient through")
    return tokens.grad.flatten(0, 1)
