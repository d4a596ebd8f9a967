"""The language that a record names, in whatever form, as ISO 639-1."""

import re

from recommender.text.normalise import matching

SEPARATOR = re.compile(r"[\s_,;/|()、-]")
CODES = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz
ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik
io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml
mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd
se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi
vo wa wo xh yi yo za zh zu
"""
ISO_639_1 = frozenset(CODES.split())
OTHER_NAMES = {
    name: code
    for code, names in {
        "ar": "ara arabic العربية 阿拉伯语",
        "cs": "cze ces czech čeština 捷克语",
        "de": "ger deu german deutsch 德语 德文",
        "en": "eng english 英语 英文",
        "es": "spa spanish español castellano 西班牙语",
        "fr": "fre fra french français 法语 法文",
        "hi": "hin hindi हिन्दी 印地语",
        "id": "ind indonesian in 印尼语",
        "it": "ita italian italiano 意大利语",
        "ja": "jpn japanese jp 日本語 日语 日文",
        "ko": "kor korean kr 한국어 韩语 朝鲜语",
        "nl": "dut nld dutch nederlands 荷兰语",
        "pl": "pol polish polski 波兰语",
        "pt": "por portuguese português 葡萄牙语",
        "ru": "rus russian русский 俄语 俄文",
        "th": "tha thai ไทย 泰语",
        "tr": "tur turkish türkçe 土耳其语",
        "uk": "ukr ukrainian українська 乌克兰语",
        "vi": "vie vietnamese tiếng 越南语",
        "zh": "chi zho cmn chinese mandarin cn 中文 汉语 漢語 华语 简体中文 繁体中文 繁體中文",
    }.items()
    for name in names.split()
}


def language_code(name: str) -> str:
    """Return the ISO 639-1 code that `name` means, or "" if it means none.

    The region is dropped, and of several languages the first counts.

    >>> [language_code(name) for name in ("zh-CN", "chi", "Chinese", "中文", "ENG; ger", "Klingon", "")]
    ['zh', 'zh', 'zh', 'zh', 'en', '', '']
    """
    first, *_ = SEPARATOR.split(matching(name), maxsplit=1)
    return first if first in ISO_639_1 else OTHER_NAMES.get(first, "")
