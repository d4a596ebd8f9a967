"""The loss: two texts of a pair lie nearer than any other two of the batch.

InfoNCE in both directions (van den Oord 2018, arXiv:1807.03748), averaged over nested prefixes of the
vector (Matryoshka, Kusupati 2022, arXiv:2205.13147). Written out by hand, since one exponential serves
both directions: several times faster than automatic differentiation, which a test compares it with.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from recommender.training.recipe import Recipe

Table = NDArray[np.float32]


def matryoshka_loss(
    left: torch.Tensor, right: torch.Tensor, same: torch.Tensor, recipe: Recipe
) -> tuple[float, torch.Tensor, torch.Tensor]:
    """Return the mean InfoNCE loss over all nested sizes and both directions, and its gradients.

    Args:
        left: Text vectors (n, dim).
        right: Likewise; row i of one belongs to row i of the other.
        same: (n, n), true where a rival is no rival: it is the same text, or on the same topic.
        recipe: For the sizes and the temperature. Scores are below 1 / temperature, which must not
            overflow an exponential in float32 (temperature above 0.012).
    """
    loss = 0.0
    slopes = torch.zeros_like(left), torch.zeros_like(right)
    rivals = (~same).float() if same.any() else None
    for dim in recipe.dims:
        part, (one, other) = _infonce(left[:, :dim], right[:, :dim], rivals, recipe.temperature)
        loss += part / len(recipe.dims)
        slopes[0][:, :dim] += one / len(recipe.dims)
        slopes[1][:, :dim] += other / len(recipe.dims)
    return loss, *slopes


def nearest(left: torch.Tensor, right: torch.Tensor, share: float) -> torch.Tensor:
    """Tell which texts of the other side are among the nearest of each text, (n, n), a pair left out.

    Args:
        left: Text vectors (n, dim).
        right: Likewise.
        share: Of the others, how many count as nearest.
    """
    n = len(left)
    count = round(share * (n - 1))
    if not count:
        return torch.zeros((n, n), dtype=torch.bool, device=left.device)
    one, other = (torch.nn.functional.normalize(side) for side in (left, right))
    scores = one @ other.T
    scores.fill_diagonal_(-torch.inf)
    of_row = scores >= scores.topk(count, dim=1).values[:, -1:]
    of_column = scores >= scores.topk(count, dim=0).values[-1:]
    return of_row | of_column


def _infonce(
    left: torch.Tensor, right: torch.Tensor, rivals: torch.Tensor | None, temperature: float
) -> tuple[float, tuple[torch.Tensor, torch.Tensor]]:
    """Return the symmetric InfoNCE loss of one size and its gradients with respect to both sides."""
    norms = [side.norm(dim=1, keepdim=True).clamp_min(1e-12) for side in (left, right)]
    one, other = left / norms[0], right / norms[1]
    logits = (one @ other.T).div_(temperature)
    own = logits.diagonal().clone()
    odds = logits.exp_()
    if rivals is not None:
        odds *= rivals
    rows, columns = odds.sum(1), odds.sum(0)
    loss = (rows.log() + columns.log() - 2 * own).mean().item() / 2
    slope = odds.mul_(1 / rows[:, None] + 1 / columns[None, :])
    slope.diagonal().sub_(2)
    slope.div_(2 * len(left) * temperature)
    return loss, (
        through_normalisation(slope @ other, one, norms[0]),
        through_normalisation(slope.T @ one, other, norms[1]),
    )


def through_normalisation(slope: torch.Tensor, unit: torch.Tensor, norm: torch.Tensor) -> torch.Tensor:
    """Carry a gradient from unit vectors back to the vectors they were made of."""
    return (slope - unit * (slope * unit).sum(1, keepdim=True)) / norm
