"""The model that ships: loads in both ways, gives the same vectors in both, reads every script."""

import json
import lzma
import random
import sys
import unicodedata
from itertools import islice

import numpy as np
import pytest
from tokenizers import Tokenizer

from recommender.embedding import open_embedder
from recommender.embedding.light import LightTokenizer
from recommender.embedding.static import StaticEmbedder
from recommender.errors import ModelError
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
# Each simplified character with the traditional one that is written for it, where there is one only.
TRADITIONAL_OF = (
    "宁寧么麼"
    "国國学學会會对對时時过過们們个個为為这這说說来來话話种種经經与與业業东東车車见見门門问問间間关關开開长長书書电電马馬鸟鳥鱼魚龙龍龟龜语語读讀请請谁誰课課论論设設"
    "访訪证證评評识識译譯议議记記订訂计計认認让讓许許试試诗詩该該详詳谈談调調谢謝贝貝财財责責败敗货貨质質购購贵貴费費贸貿资資赛賽赢贏软軟轮輪轻輕较較输輸转轉运運进進"
    "远遠连連达達还還边邊选選适適逻邏遗遺邮郵银銀钱錢铁鐵钢鋼铜銅错錯键鍵镜鏡针針钟鐘锁鎖闭閉闻聞阅閱队隊阳陽阴陰阶階际際陆陸险險随隨难難场場块塊坚堅坛壇坏壞声聲处處"
    "备備复復头頭夹夾夺奪奋奮妇婦孙孫实實审審宪憲宽寬导導将將层層岛島币幣师師带帶帮幫并並广廣庄莊庆慶库庫应應庙廟废廢张張弹彈强強归歸当當录錄忆憶态態怀懷总總恋戀恶惡"
    "悬懸惊驚惯慣愿願戏戲战戰户戶扑撲执執扩擴扫掃扬揚抚撫护護报報担擔择擇挂掛挤擠挥揮损損换換据據敌敵数數断斷无無旧舊显顯晓曉术術机機杀殺杂雜权權条條极極构構标標树樹"
    "样樣档檔桥橋梦夢检檢楼樓欢歡欧歐气氣汉漢汤湯沟溝没沒泪淚泽澤洁潔测測济濟浓濃涂塗涨漲渐漸温溫湾灣湿濕满滿滤濾滨濱灭滅灯燈灵靈炉爐点點炼煉烂爛热熱爱愛爷爺状狀独獨"
    "狭狹猎獵环環现現画畫疗療盐鹽监監盖蓋盘盤矿礦码碼确確础礎离離积積称稱稳穩窃竊竞競笔筆筑築简簡类類粮糧紧緊纠糾红紅约約级級纪紀纤纖纬緯纯純纲綱纳納纵縱纷紛纸紙线線"
    "练練组組细細织織终終绍紹结結绘繪给給络絡绝絕统統继繼绩績续續维維综綜绿綠缓緩编編缘緣缩縮网網罗羅罚罰职職联聯肃肅肠腸肤膚肿腫胀脹胁脅胜勝脑腦脚腳脱脫脸臉节節艺藝"
    "苏蘇范範荣榮药藥获獲营營萧蕭虑慮虚虛虽雖补補装裝观觀规規视視览覽觉覺触觸誉譽儿兒区區医醫华華协協单單卖賣卫衛厂廠厅廳历歷压壓县縣参參双雙变變号號吗嗎员員响響团團"
    "园園围圍图圖圆圓伟偉传傳伤傷价價优優众眾体體余餘佣傭侧側侦偵储儲兴興养養写寫军軍农農决決况況净淨减減凤鳳击擊创創别別刚剛剂劑办辦务務动動励勵劳勞势勢勋勛严嚴丽麗"
    "举舉义義乐樂习習乡鄉亏虧亚亞产產亲親亿億仅僅从從仓倉仪儀万萬丰豐临臨专專丝絲两兩"
)
BLOCK = 128
ASSIGNED = [
    chr(point)
    for point in range(sys.maxunicode + 1)
    if unicodedata.category(chr(point)) not in {"Cn", "Cs", "Co"}
]
FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}\u200d\N{BOY}"
WAVING = "\N{WAVING HAND SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-5}"
FLAG = "\N{REGIONAL INDICATOR SYMBOL LETTER C}\N{REGIONAL INDICATOR SYMBOL LETTER N}"
KINDS = {
    "joined signs": [FAMILY, WAVING, FLAG, "\u200d", "\ufe0f", "\u20e3", "1", " ", "a", "❤"],
    "Hangul in parts": [chr(point) for point in (*range(0x1100, 0x1200), *range(0xAC00, 0xAC40))],
    "right to left": [chr(point) for point in (*range(0x590, 0x780), 0x200E, 0x200F, 0x202B)],
    "marks": [character for character in ASSIGNED if unicodedata.category(character)[0] == "M"],
    "Latin and marks": [chr(point) for point in (*range(0x20, 0x250), *range(0x300, 0x370))],
    "Cyrillic and Greek": [chr(point) for point in (*range(0x370, 0x530), 0x301, 0x306, 0x308)],
    "Indic": [chr(point) for point in (*range(0x900, 0xE00), 0x200C, 0x200D)],
    "Thai, Lao, Tibetan": [chr(point) for point in range(0xE00, 0x1000)],
    "controls": [chr(point) for point in (*range(0x20), *range(0x7F, 0xA1), 0xAD, 0xFEFF, 0x2028, 0x41)],
    "anything": ASSIGNED,
    "anything at all": [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000],
}
PLAIN_SCRIPTS = [0x0, 0x400, 0x600, 0x900, 0xE00, 0x3040, 0x4E00, 0x6F00, 0xAC00]


def sample():
    lines = bundled("data", "sample.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def blocks():
    """Return the assigned characters of each stretch of 128 code points that has any."""
    by_block = {}
    for character in ASSIGNED:
        by_block.setdefault(ord(character) // BLOCK, []).append(character)
    return list(by_block.values())


def is_old(signs):
    """Tell whether Unicode 3.2 knew all of them: the library need not be asked about such."""
    return all(unicodedata.ucd_3_2_0.category(sign) != "Cn" for sign in signs)


def texts_in_all_scripts():
    rng = random.Random(20261123)
    abstracts = [record["abstract"] for record in sample()]
    words = [word for abstract in abstracts for word in abstract.split()]
    texts = [*SCRIPTS.values(), *abstracts]
    for signs in [*blocks(), *KINDS.values()]:
        n = 300 if signs in KINDS.values() else 10
        old = [*filter(is_old, signs)]
        texts += ["".join(rng.choices(signs, k=rng.randint(1, 20))) for _ in range(n // 5)]
        texts += ["".join(rng.choices(old, k=rng.randint(1, 20))) for _ in range(n if old else 0)]
    texts += [rng.choice("aA字ﾊ한é") * rng.randint(1000, 2000) for _ in range(8)]
    for _ in range(4000):
        parts = [rng.choice(words), rng.choice(texts)[:40], rng.choice(ASSIGNED), rng.choice(abstracts)[:90]]
        texts.append(rng.choice(["", " ", "\n"]).join(rng.sample(parts, 3)))
    return texts


def tokens_of_library(texts):
    library = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    return [encoding.ids for encoding in library.encode_batch_fast(texts, add_special_tokens=False)]


@pytest.fixture(scope="module")
def embedder():
    return open_embedder("fast")


@pytest.fixture(scope="module")
def tokenizer():
    return LightTokenizer.from_json((FOLDER / "tokenizer.json").read_bytes())


@pytest.mark.parametrize("many", [False, True], ids=["one by one", "all at once"])
def test_ten_thousand_texts_in_all_scripts_have_the_tokens_of_the_library(tokenizer, many):
    texts = texts_in_all_scripts()
    found = tokenizer.encode_many(texts) if many else [*map(tokenizer.encode, texts)]
    rows = [row for row, tokens in enumerate(found) if tokens is not None]
    assert len(rows) > 10_000  # the others are read by the library itself
    assert [found[row].tolist() for row in rows] == tokens_of_library([texts[row] for row in rows])


def test_the_sample_is_read_without_the_library(tokenizer):
    texts = [*SCRIPTS.values(), *(record["abstract"] for record in sample())]
    assert [text for text in texts if tokenizer.encode(text) is None] == [SCRIPTS["emoji and numbers"]]


@pytest.fixture(scope="module")
def fold(tokenizer):
    """What one character is read as, by the table of the model."""

    def read(character):
        replacement = tokenizer._words._charsmap.match(character).replacement
        return character if replacement is None else replacement

    return read


REAL_TEXTS = [
    "dev/tatoeba",
    "dev/csl",
    "dev/chinaxiv_zh_en",
    "dev/tico19_pubmed",
    "parallel/ntrex128",
    "parallel/iconclass_keywords",
    "parallel/edge_ai_docs",
    "lexicon/cc_cedict",
    "papers/arxiv_en",
]


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


@pytest.mark.parametrize("name", REAL_TEXTS)
def test_real_texts_have_the_tokens_of_the_library(shared, tokenizer, name):
    with lzma.open(shared / "data" / f"{name}.jsonl.xz", "rt", encoding="utf-8") as file:
        texts = [text for line in islice(file, 0, 1200, 4) for text in strings(json.loads(line))][:3000]
    found = tokenizer.encode_many(texts)
    rows = [row for row, tokens in enumerate(found) if tokens is not None]
    assert len(rows) > 0.9 * len(texts)
    assert [found[row].tolist() for row in rows] == tokens_of_library([texts[row] for row in rows])


def has_vector(embedder, text):
    """Tell whether a text has a unit vector; False where it is refused for having none."""
    try:
        (vector,) = embedder.encode([text])
    except ModelError as refusal:
        if "no vector for some of the texts: rows [0]" not in str(refusal):
            raise
        return False
    np.testing.assert_allclose(np.linalg.norm(vector), 1, atol=1e-5)
    return True


def test_every_letter_and_number_of_every_script_has_a_vector(embedder, fold):
    rng = random.Random(1)
    for block in blocks():
        letters = [sign for sign in block if unicodedata.category(sign)[0] in "LN" and fold(sign).strip()]
        for size in (1, 1, 3, 8) if letters else ():
            text = "".join(rng.choices(letters, k=size))
            assert has_vector(embedder, text), f"{text!r} has none"


def test_whatever_else_there_is_has_a_vector_or_a_clear_refusal(embedder):
    rng = random.Random(2)
    texts = ["".join(rng.choices(block, k=size)) for block in blocks() for size in (1, 4)]
    assert {has_vector(embedder, text) for text in texts} == {True, False}


@pytest.mark.parametrize(
    "text", ["", " \n\t\u3000", "。，、！", ".,;:-_()[]{}", "\0\x01", "\u200b", "→ ± ∑", "🙂"]
)
def test_a_text_without_letter_or_number_is_refused(embedder, text):
    with pytest.raises(ModelError, match=r"no vector for some of the texts: rows \[1\]"):
        embedder.encode(["a", text])


def nearest(vectors, queries):
    """Return the ten nearest rows of each query, itself left out."""
    scores = queries @ vectors.T
    np.fill_diagonal(scores, -2)
    return np.argsort(-scores, axis=1, kind="stable")[:, :10]


def test_simplified_and_traditional_have_the_same_neighbours(embedder):
    table = dict(zip(TRADITIONAL_OF[::2], TRADITIONAL_OF[1::2], strict=True))
    simplified = [record["abstract"] for record in sample()]
    traditional = [text.translate(str.maketrans(table)) for text in simplified]
    rewritten = [row for row, text in enumerate(simplified) if text != traditional[row]]
    assert len(rewritten) >= 180
    corpus = embedder.encode(simplified)
    other_corpus = embedder.encode(traditional)
    expected = nearest(corpus, corpus)
    assert np.array_equal(nearest(corpus, other_corpus)[rewritten], expected[rewritten])
    assert np.array_equal(nearest(other_corpus, corpus)[rewritten], expected[rewritten])


def test_what_was_folded_is_not_folded_again(fold):
    assert [sign for sign in ASSIGNED if "".join(map(fold, fold(sign))) != fold(sign)] == []


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
