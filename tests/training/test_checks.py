import pytest

from recommender.training.checks import (
    Evidence,
    evidence,
    is_out_of_proportion,
    is_wrong_language,
    promised,
)

ENGLISH = "We study how the stability of thin films in moist air depends on the size of their grains. " * 3
GERMAN = (
    "Wir untersuchen, wie die Beständigkeit dünner Schichten in feuchter Luft von der Korngröße abhängt. " * 3
)
CHINESE = "本文研究了市域产教联合体多元主体协同治理的困境与出路，并提出了相应的政策建议与保障机制。" * 3
JAPANESE = "本研究では、地域における産学連携の現状と課題を明らかにし、その解決策について検討する。" * 3
RUSSIAN = (
    "В статье рассматриваются вопросы устойчивости тонких плёнок во влажной среде и способы её повышения. "
    * 3
)
UKRAINIAN = (
    "У статті розглянуто питання стійкості тонких плівок у вологому середовищі та способи її підвищення. " * 3
)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("机器学习", "zh", Evidence.YES),
        ("机器学习", "ja", Evidence.YES),  # kanji alone may be either
        ("アニメ", "zh", Evidence.NO),
        ("BERT", "zh", Evidence.MAYBE),
        ("BERT模型", "zh", Evidence.YES),
        ("машина", "de", Evidence.NO),
        ("Maschine", "fr", Evidence.YES),  # a short text in Latin letters may be of any language
        ("α-helix", "zh", Evidence.MAYBE),
        ("12.5 %", "ko", Evidence.YES),
        (ENGLISH, "en", Evidence.YES),
        (ENGLISH, "de", Evidence.NO),
        (ENGLISH, "zh", Evidence.NO),
        (GERMAN, "de", Evidence.YES),
        (CHINESE, "zh", Evidence.YES),
        (CHINESE, "ja", Evidence.NO),
        (JAPANESE, "ja", Evidence.YES),
        (JAPANESE, "zh", Evidence.NO),
        (RUSSIAN, "uk", Evidence.NO),
        (UKRAINIAN, "uk", Evidence.YES),
        (f"{CHINESE}import numpy as np; from the data it is of no use to do that " * 2, "zh", Evidence.YES),
    ],
)
def test_a_short_text_is_judged_by_its_script_and_a_long_one_by_its_words(text, language, expected):
    assert evidence(text, language) is expected


@pytest.mark.parametrize(
    ("stream", "left", "right", "wrong"),
    [
        ("word/ja", "machine", "机器", False),
        ("word/ja", "machine", "машина", True),
        ("word/ja", "машина", "机器", False),  # the other side may be of any language
        ("word/de", "machine", "机器", False),  # as short as it is, it may be German with its Chinese
        ("sentence/ja", ENGLISH, CHINESE, True),
        ("sentence/ja", JAPANESE, ENGLISH, False),
        ("sentence/cs", ENGLISH, GERMAN, True),
        ("zh-en/title", "深度学习", "Deep learning", False),
        ("zh-en/title", "Deep learning", "深度学习", False),
        ("zh-en/title", "Deep learning", "Глубокое обучение", True),
        ("zh-en/summary", ENGLISH, ENGLISH + "more", True),
        ("zh/title-abstract", "深度学习", CHINESE, False),
        ("zh/title-abstract", "深度学习", ENGLISH, True),
        ("zh/field", CHINESE, "cs.CL", False),
        ("en/title-abstract", "Un titre", GERMAN, True),
        ("fra/title-abstract", "Un titre", ENGLISH, True),
        ("und/title-abstract", "Un titre", CHINESE, False),
    ],
)
def test_a_pair_is_refused_where_its_sides_cannot_be_what_the_stream_says(stream, left, right, wrong):
    assert is_wrong_language(left, right, promised(stream)) is wrong


@pytest.mark.parametrize(
    ("stream", "left", "right", "out"),
    [
        ("sentence/zh", ENGLISH, CHINESE, False),
        ("sentence/zh", "A short sentence.", CHINESE, True),
        ("sentence/de", ENGLISH, "wiki_9:3021", True),
        ("term/de", "Yes", "Ja, das ist so", False),  # a few letters more are no disproportion
        ("word/de", "yale", "ein Fabeltier mit den Pfoten eines Bären " * 9, False),  # glosses may be long
        ("zh-en/abstract", CHINESE * 4, "Abstract", True),
        ("zh/title-abstract", "短题", CHINESE, False),
        ("zh/title-abstract", CHINESE * 3, "摘要", True),
        ("zh/abstract-keywords", CHINESE, "治理", False),
        ("zh/abstract-keywords", "摘要", CHINESE, True),
        ("en/halves/2", ENGLISH * 4, "(2017).", True),
        ("citation", ENGLISH * 9, "x", False),
    ],
)
def test_lengths_may_differ_as_much_as_the_kind_of_pair_allows(stream, left, right, out):
    assert is_out_of_proportion(left, right, stream) is out
