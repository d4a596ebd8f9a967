import pytest

from recommender.training.recipe import Recipe, Stream


@pytest.fixture
def recipe():
    return Recipe(
        name="tiny",
        seed=7,
        dims=(8, 4),
        temperature=0.1,
        spread=0.1,
        learning_rate=0.05,
        warmup=0.1,
        max_tokens=4,
        left_out=("freedict",),
        streams=(Stream(family="word/", batch=4, passes=60),),
    )
