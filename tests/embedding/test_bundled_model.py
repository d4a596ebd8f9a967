"""The model that ships: loads in both ways, gives the same vectors in both, reads every script."""

import json

import numpy as np
import pytest

from recommender.embedding import open_embedder
from recommender.embedding.static import StaticEmbedder
from recommender.settings import bundled

FOLDER = bundled("models", "fast")
# The first article of the Universal Declaration of Human Rights, or a part of it.
SCRIPTS = {
    "simplified": "人人生而自由，在尊严和权利上一律平等。",
    "traditional": "人人生而自由，在尊嚴和權利上一律平等。",
    "Japanese": "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
    "Korean": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
    "Arabic": "يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق.",
    "Hindi": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
    "Thai": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ",
    "Russian": "Все люди рождаются свободными и равными в своем достоинстве и правах.",
    "Vietnamese": "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi.",
    "English": "All human beings are born free and equal in dignity and rights.",
    "Georgian": "ყველა ადამიანი იბადება თავისუფალი და თანასწორი.",
    "Amharic": "የሰው ልጅ ሁሉ ሲወለድ ነጻና በክብርና በመብትም እኩልነት ያለው ነው።",
    "emoji and numbers": "🙂 42 ½ Ⅷ",
}


@pytest.fixture(scope="module")
def embedder():
    return open_embedder("fast")


def test_the_light_path_is_taken(embedder):
    assert isinstance(embedder, StaticEmbedder)
    assert embedder.dim == 256


@pytest.mark.model
def test_vectors_equal_those_of_sentence_transformers(embedder):
    from sentence_transformers import SentenceTransformer

    lines = bundled("data", "sample.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [*SCRIPTS.values(), *(json.loads(line)["abstract"] for line in lines), "x" * 20_000, "字" * 5_000]
    reference = SentenceTransformer(str(FOLDER), device="cpu", local_files_only=True).float()
    expected = reference.encode(texts, show_progress_bar=False)
    np.testing.assert_allclose(embedder.encode(texts), expected, atol=1e-5)


def test_every_script_has_a_vector_of_its_own(embedder):
    vectors = embedder.encode([*SCRIPTS.values()])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert len(np.unique(vectors.round(4), axis=0)) >= len(SCRIPTS) - 1


def test_simplified_and_traditional_are_one_text(embedder):
    one, other = embedder.encode([SCRIPTS["simplified"], SCRIPTS["traditional"]])
    assert one @ other > 0.999


@pytest.mark.parametrize("language", ["traditional", "Japanese", "Korean", "Arabic", "Hindi", "Russian"])
def test_a_translation_is_nearer_than_another_sentence(embedder, language):
    translation, english, other = embedder.encode(
        [SCRIPTS[language], SCRIPTS["English"], "The stability of perovskite solar cells in moist air."]
    )
    assert translation @ english > translation @ other + 0.2


def test_the_folder_holds_nothing_but_safe_formats_and_fits_a_hundred_megabytes():
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".safetensors", ".json", ".md", ".toml"}
    assert sum(path.stat().st_size for path in files) < 100_000_000
