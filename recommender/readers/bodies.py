"""Names of bodies: what writes papers, and is no person."""

import re

# Words that no person is called by; `Press`, `Church` and `Bank` are family names too.
WORDS = (
    "academy|agency|alliance|association|associates|bureau|cent(?:er|re)|collaboration|collaborative|"
    "collaborators|commission|committee|company|confederation|conference|congress|consortium|corporation|"
    "council|department|directorate|division|faculty|federation|foundation|fund|government|group|hospital|"
    "inc|institut|institute|institution|instituto|investigators|laborator(?:y|ies)|league|ltd|gmbh|ministry|"
    "network|observatory|office|organi[sz]ation|panel|parliament|partnership|programme|program|project|"
    "secretariat|society|taskforce|task force|team|union|universidad|universidade|universit[aàä]t?|"
    "universit[éy]|workshop|working group"
)
BODY_WORD = re.compile(rf"\b(?:{WORDS})\b", re.IGNORECASE)
JOINED = re.compile(r"\s(?:and|of|the|for|on|und|für|et|des|&)\s", re.IGNORECASE)
HAN_BODY = re.compile(
    "大学|学院|研究所|研究院|研究中心|医院|公司|委员会|协会|学会|实验室|编辑部|课题组|出版社"
)
DIGIT = re.compile(r"\d")


def is_body(name: str) -> bool:
    """Return whether a name can only be that of a body: a name with a comma is a person's.

    >>> [*map(is_body, ("World Health Organization", "GBD 2019", "Barnes and Noble", "北京大学教育学院"))]
    [True, True, True, True]
    >>> is_body("Jane Doe"), is_body("Union, John"), is_body("OECD")
    (False, False, False)
    """
    if "," in name:
        return False
    return any(pattern.search(name) for pattern in (BODY_WORD, JOINED, HAN_BODY, DIGIT))
