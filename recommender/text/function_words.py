"""What tells languages in the Latin script apart: their commonest function words and rarest letters."""

OTHERS = ""  # neighbours that are not told apart: Swedish, Danish, Norwegian, Finnish, Hungarian, Romanian …

FUNCTION_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "a an and are as at be by do for from i in is no not of on per that the this to was we with",
        "de": "als auch auf aus bei das dem den der des die ein eine für im in ist mit nicht sich und von wird zu zur",
        "fr": "à au aux avec ce dans de des du en est et la le les nous par pour que qui sont sur un une",
        "es": "a al como con de del el en entre es la las los más para por que se su sus un una y",
        "pt": "à ao as com da das de do dos e em entre foi mais na no o os para por que são se um uma",
        "it": "che con da dal dei del della delle di e gli i il in la le nel per più si sono un una è",
        "nl": "aan als bij dat de deze die door een en het in is met niet om ook op te van voor wordt zijn",
        "pl": "dla do i jak jest na nie o od oraz po przez przy się są także to w z ze że",
        "tr": "arasında bir bu çok da daha de göre gibi hem ile için ise ki olan olarak sonra üzerinde ve veya",
        "vi": "bằng các có của cho cứu được không là một này những nghiên trong từ và về với để đến",
        "id": "adalah antara atau bahwa dalam dan dari dengan di ini itu juga karena ke oleh pada tidak untuk yang",
        "cs": "a byl byla být do i jako je jsou které mezi na nebo o od podle pro při se v z za že",
        OTHERS: "a az egy és hogy is nem au care cu de din fost în la mai o pe să și at att av det en er "
        "ett för med og och på som til till är ei ja on että oli ovat",
    }.items()
}

LETTERS: dict[str, frozenset[str]] = {
    language: frozenset(letters)
    for language, letters in {
        "de": "äöüß",
        "fr": "âçèéêëîïôùûœ",
        "es": "áéíñóú",
        "pt": "áâãçéêíóôõú",
        "it": "àèìòù",
        "pl": "ąćęłńóśźż",
        "tr": "çğıöşüâ",
        "vi": "ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
        "cs": "áčďéěíňřšťúůýž",
        OTHERS: "áéóäåæðöøþăőűșțāēģīķļņū",
    }.items()
}
