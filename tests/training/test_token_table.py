import numpy as np
import pytest
import torch

from recommender.training.token_table import CpuTable, DeviceTable, gradient_of
from recommender.training.tokenised import TokenisedTexts

# Three texts: of tokens 2, 0, 2; of none; of 3.
TEXTS = TokenisedTexts(np.array([2, 0, 2, 3], dtype=np.int32), np.array([0, 3, 3, 4]))
VECTORS = torch.tensor([[3.0, 0.0], [9.0, 9.0], [0.0, 6.0], [5.0, 7.0]])


@pytest.fixture(params=[CpuTable, DeviceTable])
def table(request):
    return request.param(VECTORS)


def test_a_text_is_the_mean_of_its_tokens(table):
    assert table.read(TEXTS, np.array([2, 0, 1])).vectors.tolist() == [[5, 7], [1, 4], [0, 0]]


def test_a_gradient_goes_back_to_the_tokens_by_their_shares(table):
    readings = [table.read(TEXTS, np.array(rows)) for rows in ([0, 1], [2, 0])]
    slopes = [torch.tensor([[3.0, 6.0], [1.0, 1.0]]), torch.tensor([[1.0, 0.0], [30.0, 0.0]])]
    tokens, gradient = gradient_of(zip(readings, slopes, strict=True))
    assert tokens.tolist() == [0, 2, 3]
    assert gradient.tolist() == [[11, 2], [22, 4], [1, 0]]


def test_what_is_read_is_what_the_table_holds_now_and_the_start_stays_as_it_is(table):
    table.read(TEXTS, np.array([2]))
    table.tensor[3] = torch.tensor([1.0, 2.0])
    assert table.read(TEXTS, np.array([2])).vectors.tolist() == [[1, 2]]
    assert VECTORS[3].tolist() == [5, 7]
