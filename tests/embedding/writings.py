"""Texts in the scripts of the world, and what the tests of every bundled model ask of them."""

import json
import sys
import unicodedata

import numpy as np

from recommender.settings import bundled

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


def sample():
    lines = bundled("data", "sample.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def blocks():
    """Return the assigned characters of each stretch of 128 code points that has any."""
    by_block = {}
    for character in ASSIGNED:
        by_block.setdefault(ord(character) // BLOCK, []).append(character)
    return list(by_block.values())


def nearest(vectors, queries):
    """Return the ten nearest rows of each query, itself left out."""
    scores = queries @ vectors.T
    np.fill_diagonal(scores, -2)
    return np.argsort(-scores, axis=1, kind="stable")[:, :10]


def in_traditional(text):
    """Return a simplified text as it is written with traditional characters."""
    return text.translate(str.maketrans(TRADITIONAL_OF[::2], TRADITIONAL_OF[1::2]))
