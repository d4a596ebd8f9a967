"""What lines of the table should reach, in percent or beside another column."""

from collections.abc import Mapping

GOALS: Mapping[str, str] = {
    "CSL: same-discipline P@10": "31",
    "CSL: shared-keyword R@10": "34",
    "CSL: title→abstract R@1": "95",
    "CSL: k-means into 13 categories, V-measure of 20 starts": "42",
    "ChinaXiv abstracts zh→en R@1 among 5,964": "96",
    "ChinaXiv abstracts en→zh R@1 among 5,964": "99",
    "ChinaXiv titles zh→en R@1 among 5,271": "92",
    "ChinaXiv titles en→zh R@1 among 5,271": "92",
    "Tatoeba, mean of 19 languages → en R@1": "75",
    "Tatoeba, worst language → en R@1": "50",
    "TICO-19 PubMed zh→en R@1": "94",
    "TICO-19 PubMed es→en R@1": "98",
    "TICO-19 PubMed pt→en R@1": "99",
    "TICO-19 PubMed ru→en R@1": "90",
    "TICO-19 PubMed ar→en R@1": "84",
    "TICO-19 PubMed hi→en R@1": "82",
    "TICO-19 PubMed id→en R@1": "96",
    "ChinaXiv: citations R@20 among 10,897": "TF-IDF + 8",
    "arXiv: title→abstract R@1 among 5,000": "95",
    "arXiv: same primary category P@10": "MiniLM − 1",
    "arXiv: overlap of several categories, ten nearest": "MiniLM − 1",
    "ACL Anthology: same volume P@10": "MiniLM − 1",
}
