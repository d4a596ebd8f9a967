"""A calibration on the disk: read as it was written, or refused."""

import json
from dataclasses import fields

import numpy as np
import pytest

from recommender.errors import BuildError
from recommender.lexical import TermMatrix
from recommender.ranking import COSINE, FUSED, Calibration, LanguageGroups, fit
from recommender.ranking.calibration import FILE, HUBNESS
from recommender.vectors import normalised

LANGUAGES = ["en"] * 15 + ["fr"] * 12 + ["zh"] * 11
VECTORS = normalised(np.random.default_rng(10).normal(size=(38, 5)))
WORDS = {"en": "the firm", "fr": "la firme", "zh": "企业"}
MATRIX = TermMatrix.of(f"{WORDS[language]} {n % 4}" for n, language in enumerate(LANGUAGES))


def fitted(ranking, n=38):
    return fit(VECTORS[:n], MATRIX, LanguageGroups.of(LANGUAGES[:n]), ranking)


@pytest.mark.parametrize("ranking", [COSINE, FUSED], ids=lambda ranking: ranking.name)
def test_what_was_written_is_read(ranking, tmp_path):
    calibration = fitted(ranking)
    calibration.write(tmp_path)
    read = Calibration.read(tmp_path)
    for field in fields(Calibration):
        ours, theirs = getattr(calibration, field.name), getattr(read, field.name)
        assert np.array_equal(ours, theirs) if isinstance(ours, np.ndarray) else ours == theirs, field.name


@pytest.mark.parametrize("name", ["calibration.json", "hubness.npy", "centres.npy"])
def test_a_missing_or_cut_file_is_refused(tmp_path, name):
    fitted(COSINE).write(tmp_path)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(BuildError, match=name):
        Calibration.read(tmp_path)
    path.unlink()
    with pytest.raises(BuildError, match=name):
        Calibration.read(tmp_path)


@pytest.mark.parametrize("name", ["calibration.json", "hubness.npy", "centres.npy"])
def test_a_file_of_another_corpus_is_refused(tmp_path, name):
    fitted(COSINE, n=27).write(tmp_path)
    other = (tmp_path / name).read_bytes()
    fitted(COSINE).write(tmp_path)
    (tmp_path / name).write_bytes(other)
    with pytest.raises(BuildError, match="of another corpus"):
        Calibration.read(tmp_path)


@pytest.mark.parametrize(
    "key",
    ["groups", "weights", "words_spread", "words_worth", "usual", "stretch", "knots", "n_pairs", "shared"],
)
@pytest.mark.parametrize("value", [None, [], [[1.0]], {}], ids=repr)
def test_a_part_of_another_shape_is_refused(tmp_path, key, value):
    fitted(FUSED).write(tmp_path)
    content = json.loads((tmp_path / FILE).read_bytes())
    content[key] = value
    (tmp_path / FILE).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(BuildError, match="damaged"):
        Calibration.read(tmp_path)


def test_a_corpus_of_the_same_languages_but_other_papers_is_told_apart_by_its_rows(tmp_path):
    fitted(COSINE, n=37).write(tmp_path)
    other = (tmp_path / HUBNESS).read_bytes()
    fitted(COSINE).write(tmp_path)
    (tmp_path / HUBNESS).write_bytes(other)
    with pytest.raises(BuildError, match="of another corpus"):
        Calibration.read(tmp_path)
