"""Which language a text is written in: by script first, then by letters and function words.

No model and no dictionary, so that an answer can be explained:

1. The script with most weight wins. A character of Han, kana or Hangul weighs as much as four letters,
   so that abbreviations do not turn a Chinese abstract into English.
2. Han, kana and Hangul: Korean if Hangul is a fifth of them. Japanese if kana is a twentieth, unless
   characters that only simplified Chinese has outnumber it (a paper on Japanese grammar). Else Chinese.
3. Cyrillic and Arabic: the language with most letters of its own wins, so that Serbian or Persian is
   undecided; without any, Russian and Arabic. (Bulgarian has none of its own and passes for Russian.)
4. Latin: every word gives a point to each language of which it is a function word, and one to each that
   has all its accented letters. Most points win, of equals the language with more function words. A long
   text with hardly a point is undecided. Without any function word: Chinese, Japanese or Korean if there
   is a character of them beside the names; English if all is plain ASCII; else undecided.
5. Georgian, Greek and whatever else: undecided.
"""

import re
import unicodedata
from collections import Counter

from recommender.text.function_words import FUNCTION_WORDS, LETTERS
from recommender.text.scripts import HAN, HANGUL, KANA, THAI

UNDECIDED = ""
ENOUGH = 4000  # characters that are looked at, so that a text of 10 MB costs no more
IDEOGRAPHIC_WEIGHT = 4
HANGUL_SHARE = 1 / 5
KANA_SHARE = 1 / 20
LONG = 20  # Latin words: from here on so many points a word are needed
POINTS_A_WORD = 1 / 12

IDEOGRAPHIC = {"han": HAN, "kana": KANA, "hangul": HANGUL}
ALPHABETIC = {
    "latin": "A-Za-zÀ-ÖØ-öø-ɏ\u1e00-\u1effＡ-Ｚａ-ｚ",
    "cyrillic": "\u0400-\u052f",
    "arabic": "\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff",
    "thai": THAI,
    "devanagari": "\u0904-\u0939\u093e-\u094c\u0958-\u0961",
    "other": "\u0370-\u03ff\u0530-\u05ea\u0980-\u0dff\u0e80-\u0eff\u1000-\u10ff\u1200-\u137f\u1780-\u17d3",
}
SCRIPTS = IDEOGRAPHIC | ALPHABETIC
RUN = re.compile("|".join(f"(?P<{name}>[{letters}]+)" for name, letters in SCRIPTS.items()))
ASCII = re.compile("[\0-\x7f]+")
SIMPLIFIED = re.compile("[业为义习们传结动务发变问术样现类组经统论证认说语还这进过间际难题产实对师应该]")
OWN_LETTERS = {
    "cyrillic": {"ru": "[ыэъё]", "uk": "[іїєґ]", UNDECIDED: "[ўђјљњћџѓќѕәғқңөұүһ]"},
    "arabic": {"ar": "[ةىكيأإ]", UNDECIDED: "[پچژگکیےھٹڈڑں]"},
    "thai": {"th": "."},
    "devanagari": {"hi": "."},
    "other": {UNDECIDED: "."},
}
LANGUAGES = {  # of which each function word is one
    word: [language for language, own in FUNCTION_WORDS.items() if word in own]
    for own in FUNCTION_WORDS.values()
    for word in own
}
LATIN_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
PLAIN_WORD = re.compile("[a-z]+(?:-[a-z]+)*")  # the same in ASCII of lower case, and faster
NO_LETTERS = bytes(byte for byte in range(128) if not chr(byte).isalpha())


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code of the language of `text`, or "" where there is none or it is undecided.

    >>> detect_language("基于BERT的产教融合政策文本分类研究")
    'zh'
    >>> detect_language("2021, 998(22)")
    ''
    """
    text = unicodedata.normalize("NFC", text[:ENOUGH]).lower()
    letters = letters_by_script(text)
    ideographic = sum(letters[name] for name in IDEOGRAPHIC)
    script = max(ALPHABETIC, key=letters.__getitem__)
    if letters[script] <= ideographic * IDEOGRAPHIC_WEIGHT:
        return _east_asian(text, letters, ideographic) if ideographic else UNDECIDED
    if script == "latin":
        return _latin(text) or (_east_asian(text, letters, ideographic) if ideographic else UNDECIDED)
    counts = {language: len(re.findall(own, text)) for language, own in OWN_LETTERS[script].items()}
    return max(counts, key=counts.__getitem__)


def letters_by_script(text: str) -> dict[str, int]:
    """Count the letters of each of `SCRIPTS` in a text.

    >>> letters_by_script("BERT 与产教融合")["han"]
    5
    """
    found = dict.fromkeys(SCRIPTS, 0)
    found["latin"] = len(text.encode("ascii", "ignore").translate(None, NO_LETTERS))
    if not text.isascii():
        for run in RUN.finditer(ASCII.sub("", text)):  # what is left stands in few runs
            found[run.lastgroup or ""] += run.end() - run.start()
    return found


def _east_asian(text: str, letters: dict[str, int], ideographic: int) -> str:
    if letters["hangul"] >= ideographic * HANGUL_SHARE and letters["hangul"] > letters["kana"]:
        return "ko"
    if letters["kana"] >= ideographic * KANA_SHARE and letters["kana"] > len(SIMPLIFIED.findall(text)):
        return "ja"
    return "zh"


def _latin(text: str) -> str:
    is_plain = text.isascii()
    words = (PLAIN_WORD if is_plain else LATIN_WORD).findall(text)
    functional = dict.fromkeys(FUNCTION_WORDS, 0)
    for word, count in Counter(filter(LANGUAGES.__contains__, words)).items():
        for language in LANGUAGES[word]:
            functional[language] += count
    if not any(functional.values()):
        return "en" if is_plain else UNDECIDED
    points = functional
    if not is_plain:
        accented = [
            ({letter for letter in word if not letter.isascii()}, count)
            for word, count in Counter(word for word in words if not word.isascii()).items()
        ]
        points = {language: functional[language] + _lettered(accented, language) for language in functional}
    winner = max(points, key=lambda language: (points[language], functional[language]))
    if len(words) >= LONG and points[winner] < len(words) * POINTS_A_WORD:
        return UNDECIDED
    return winner


def _lettered(accented: list[tuple[set[str], int]], language: str) -> int:
    """Count the words with accented letters, given these, of which all are letters of the language."""
    own = LETTERS.get(language, frozenset())
    return sum(count for letters, count in accented if own >= letters)
