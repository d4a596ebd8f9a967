"""What tells languages in the Latin script apart: their commonest function words and accented letters."""

OTHERS = ""  # recognised only so as not to be taken for one of the rest: hu, ro, sv, da, no, fi

FUNCTION_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "a an and are as at be by do for from i in is no not of on per that the this to we with",
        "de": "als auch auf bei das dem den der des die ein eine für im in ist mit nicht und von wird zu",
        "fr": "à au aux avec ce dans de des du en est et la le les nous par pour que qui sont sur un une",
        "es": "a al como con de del el en entre es la las los más para por que se su sus un una y",
        "pt": "à ao as com da das de do dos e em entre foi mais na no o os para por que são se um uma",
        "it": "che con da dal dei del della delle di e gli i il in la le nel per più si sono un una è",
        "nl": "aan als bij dat de deze die door een en het in is met niet om ook op te van voor wordt zijn",
        "pl": "dla do i jak jest na nie o od oraz po przez przy się są także to w z ze że",
        "tr": "arasında bir bu çok da daha de göre gibi hem ile için ise ki olan olarak sonra ve veya",
        "vi": "bằng các có của cho được không là một này những như trên trong từ và về với để đến",
        "id": "adalah antara atau bahwa dalam dan dari dengan di ini itu juga karena ke oleh pada secara "
        "sebagai tidak untuk yang",
        "cs": "a byl byla být do i jako je jsou které mezi na nebo o od podle pro při se v z za že",
        OTHERS: "a az egy és hogy is nem au care cu de din fost în la mai o pe să și at att av det en er "
        "ett för med og och på som til till är ei ja on että oli ovat",
    }.items()
}

LETTERS: dict[str, frozenset[str]] = {
    language: frozenset(letters)
    for language, letters in {
        "de": "äöüß",
        "fr": "àâçèéêëîïôùûœ",
        "es": "áéíñóúü",
        "pt": "àáâãçéêíóôõú",
        "it": "àèéìòù",
        "nl": "éëï",
        "pl": "ąćęłńóśźż",
        "tr": "âçîöûüğış",
        "vi": "àáâãèéêìíòóôõùúýăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
        "cs": "áéíóúýčďěňřšťůž",
        OTHERS: "áéíóöőúüű âîășț åäæø ðþ āčēģīķļņšūž",
    }.items()
}
