from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.text.function_words import FUNCTION_WORDS
from recommender.text.language import SCRIPTS, SIMPLIFIED, detect_language, letters_by_script

SENTENCES = {
    "zh": [
        "本文研究乡村学校如何与当地企业合作培养技术人才。",
        "本研究探討都市更新過程中居民參與的方式。",
        "该方法在Bag of Words、Part of Speech与Chain of Thought等九个任务上均有效",
        "基于BERT-BASE、LSTM与Transformer的ABC模型在SQuAD上的对比",
    ],
    "ja": [
        "本研究では、地方都市における高齢者の移動手段について調査した。",
        "日本語教育研究の動向",
        "カタカナ語",
    ],
    "ko": [
        "이 논문은 농촌 지역 학생들의 독서 습관을 조사하였다.",
        "韓國의 敎育制度에 관한 硏究",
        "BERT 기반 감성 분석",
    ],
    "th": ["งานวิจัยนี้ศึกษาคุณภาพน้ำในแม่น้ำสายหลัก"],
    "hi": ["इस शोध में ग्रामीण विद्यालयों की स्थिति का अध्ययन किया गया है।"],
    "ar": ["تتناول هذه الدراسة أثر القراءة في تعليم الأطفال", "دور العلوم"],
    "ru": ["В статье рассматривается влияние чтения на речь детей, живущих в сёлах.", "Методика оценки"],
    "uk": ["У статті розглянуто вплив читання на мовлення дітей.", "Історія України"],
    "en": [
        "We study how rivers carry sand to the sea in dry years.",
        "Graph neural networks",
        "The Schrödinger equation and its use in teaching",
    ],
    "de": ["Die Studie untersucht, wie sich das Leseverhalten von Kindern auf dem Land verändert."],
    "fr": ["Cette étude porte sur la qualité de l'eau dans les rivières du nord."],
    "es": ["El trabajo estudia la relación entre el clima y las cosechas de maíz."],
    "pt": ["O trabalho analisa a formação de professores nas escolas do interior e não só."],
    "it": ["Lo studio esamina il rapporto tra gli studenti e la lettura nelle scuole della regione."],
    "nl": ["Dit onderzoek gaat over het leesgedrag van kinderen en wordt door de school gebruikt."],
    "pl": ["W artykule opisano, jak czytanie wpływa na mowę dzieci oraz ich oceny w szkole."],
    "tr": ["Bu çalışma, köy okullarında okuma alışkanlığı ile başarı arasında bir ilişki arıyor."],
    "vi": ["Bài báo này khảo sát chất lượng nước của các con sông trong mùa khô."],
    "id": ["Penelitian ini membahas mutu air sungai yang digunakan untuk sawah pada musim kering."],
    "cs": ["Článek se zabývá tím, jak četba ovlivňuje řeč dětí, které žijí na venkově."],
}


@pytest.mark.parametrize(
    ("language", "text"), [(code, text) for code, texts in SENTENCES.items() for text in texts]
)
def test_a_sentence_of_every_language_is_recognised(language, text):
    assert detect_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2021,998(22):91-96",
        "საქართველოს ეკონომიკა",
        "Η εκπαίδευση στην Ελλάδα",
        "Ова студија се бави квалитетом воде у рекама које теку кроз његову долину.",
        "این مقاله کیفیت آب رودخانه‌ها را بررسی می‌کند",
        "Studien handlar om hur barn på landet läser och vad de tycker om att läsa på egen hand.",
        "A tanulmány azt vizsgálja, hogy a falusi gyerekek miért és hogyan olvasnak.",
    ],
    ids=["empty", "numbers", "Georgian", "Greek", "Serbian", "Persian", "Swedish", "Hungarian"],
)
def test_without_letters_or_in_another_language_it_is_undecided(text):
    assert detect_language(text) == ""


def test_kana_makes_it_japanese_even_when_mostly_han():
    assert detect_language("機械学習理論入門") == "zh"
    assert detect_language("機械学習の理論入門") == "ja"


def test_a_chinese_text_about_japanese_words_stays_chinese():
    assert detect_language("日语助词「は」与「が」的语义对比研究") == "zh"


def test_latin_names_beside_han_without_a_function_word_do_not_decide():
    assert detect_language("Wasserstein 重心软 Actor-Critic") == "zh"


def test_an_english_abstract_with_a_chinese_term_stays_english():
    assert (
        detect_language("The idea of harmony (天人合一) is traced from the classics to the present.") == "en"
    )


def test_without_function_words_only_plain_ascii_is_english():
    assert detect_language("Neural Networks") == "en"
    assert detect_language("Künstliche Intelligenz") == ""


def test_accents_decide_where_function_words_do_not():
    assert (
        detect_language("educação de adultos") == "pt"
    )  # "de" is of four languages, ç and ã are two letters


def test_of_equal_points_the_language_with_more_function_words_wins():
    # en: in, the; de: in, and a word with ö
    assert detect_language("Schrödinger in the lab") == "en"
    # nl: van, in; de: in, and a word with ü
    assert detect_language("van Müller in Leiden") == "nl"


def test_a_long_text_with_hardly_a_function_word_is_undecided():
    nouns = " ".join(f"noun{letter}" for letter in "abcdefghijklmnopqrstuvwxyz").replace("noun", "zeta")
    assert detect_language(f"the {nouns}") == ""
    assert detect_language(f"the of {nouns}") == ""
    assert detect_language(f"the of to {nouns}") == "en"


def test_case_and_composition_of_letters_do_not_matter():
    decomposed = "BA\u0300I BA\u0301O NA\u0300Y"
    assert detect_language("Bài báo này") == detect_language(decomposed) == "vi"


def test_only_the_beginning_is_looked_at():
    assert detect_language("The water of the river. " * 200 + "水" * 100_000) == "en"


def test_each_language_has_15_to_25_function_words():
    assert {
        language: len(words) for language, words in FUNCTION_WORDS.items() if not 15 <= len(words) <= 25
    } == {"": len(FUNCTION_WORDS[""])}


def test_no_simplified_character_of_the_table_is_used_in_japanese():
    for character in SIMPLIFIED.pattern.strip("[]"):
        with pytest.raises(UnicodeEncodeError):
            character.encode("shift_jis_2004")


@given(st.text("a Z,9éÀ产の한яعไक。ＡΩ\n", max_size=40))
def test_letters_are_counted_wherever_they_stand(text):
    alone = Counter(dict.fromkeys(SCRIPTS, 0))
    for letter in text:
        alone.update(letters_by_script(letter))
    assert letters_by_script(text) == alone


def test_each_letter_is_of_one_script():
    letters = "z é 产 の 한 я ع ไ क Ω"
    scripts = "latin latin han kana hangul cyrillic arabic thai devanagari other"
    found = [{name for name, n in letters_by_script(letter).items() if n} for letter in letters.split()]
    assert found == [{name} for name in scripts.split()]
    assert not any(letters_by_script(" 9,。—\n").values())
