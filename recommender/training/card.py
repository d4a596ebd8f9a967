"""The model card: what a model is, what it learnt from, how good it is. Written by the recipe's run."""

from collections.abc import Sequence
from pathlib import Path

from recommender.training.development import Figure, as_markdown
from recommender.training.recipe import Recipe

# What each source contributes and under which licence it came; kept beside the code that reads them.
SOURCES = """\
| source | what | licence |
|---|---|---|
| ChinaXiv preprints 2016–2022 (by way of DreamBlooms/ChinaXiv-201601-to-202209) | zh abstracts, titles, keywords; the authors' English; citations | CC BY 4.0 |
| arXiv metadata | en titles and abstracts | CC0 |
| daily-arXiv-ai-enhanced (dw-dengwei, xmkxabc) | zh translations and summaries of arXiv papers | Apache-2.0 |
| ACL Anthology | en, fr titles and abstracts | CC BY 4.0; CC BY-NC-SA 3.0 before 2016 |
| FewCLUE (CSL) | zh abstracts, keywords, disciplines | none stated |
| CSL | zh titles with categories | none stated |
| IIS papers | ru titles, abstracts, paragraphs | none stated |
| Python documentation | en–zh, es, pt, ja, ko, fr | CC0, PSF |
| TensorFlow documentation | en–ja, ko, zh, es, pt | Apache-2.0, CC BY 4.0 |
| Markdown books, Edge AI documentation, Security-101, phet | many languages | Apache-2.0, MIT |
| TICO-19 | medical sentences, many languages | CC0 |
| NTREX-128 | news sentences, many languages | CC BY-SA 4.0 |
| WMT news | news sentences | research use |
| Tanaka corpus | en–ja | CC BY 2.0 FR |
| Iconclass | notions of art, religion, history, nature, society | CC0 |
| research papers on policy | en–id | none stated |
| Dive into Deep Learning | en–vi | CC BY-SA |
| Korean news | en–ko | free |
| openEHR, DSpace, GBIF, TDWG, SDG, OSM presets, UDHR | terms and messages, many languages | CC BY-SA, BSD, Apache-2.0, CC BY, ISC, free |
| CC-CEDICT | zh–en dictionary; traditional and simplified forms | CC BY-SA 4.0 |
| Wiktionary | en – many languages | CC BY-SA 3.0 |
| Open Multilingual Wordnet | en – many languages | permissive or CC BY-SA, by wordnet |
| arabterm | en–ar, fr, de terms | none stated |
| Human Phenotype Ontology | medical terms | free with attribution |
"""


def write_card(
    path: Path, recipe: Recipe, n_tokens: int, sizes: dict[str, int], figures: Sequence[Figure]
) -> None:
    """Write the card of a trained model.

    Args:
        path: The README.md of the model folder.
        recipe: What was run.
        n_tokens: Size of the vocabulary.
        sizes: Pairs that were learnt from, a stream.
        figures: What it reaches on the development sets.
    """
    kinds: dict[str, int] = {}
    for name, size in sizes.items():
        kinds[name.partition("/")[0]] = kinds.get(name.partition("/")[0], 0) + size
    pairs = ", ".join(f"{kind} {size:,}" for kind, size in sorted(kinds.items(), key=lambda item: -item[1]))
    path.write_text(
        f"""# {recipe.name}

A static sentence-transformer for abstracts: the vector of a text is the mean of its tokens' vectors. {n_tokens:,} tokens ×
{recipe.dim} dimensions in float16; `SentenceTransformer(folder)` loads it as is, and `recommender` reads it without torch.
The first {", ".join(str(dim) for dim in recipe.dims[1:])} dimensions alone are usable too (Matryoshka).

Languages: zh (simplified and traditional), en; ja, ko, de, fr, es, pt, ru, it, nl, pl, tr, vi, id, ar, hi, th, uk, cs.
Other scripts are read byte by byte: they get a vector, not a good one.

## How it was made

`python scripts/train_model.py --recipe models/{recipe.name}/recipe.toml DATA`, seed {recipe.seed}. A Unigram tokenizer
over whole words of every language (compatibility forms, case, and traditional characters folded), then contrastive learning on pairs that
belong together, one kind of pair a batch. Pairs by kind: {pairs}.

Papers with a hash of their id in the held-out share, and every text of the development sets, were left out.

## How good it is

In percent, with 95 % bootstrap intervals; the development sets were not learnt from. This table is written by the same run.

{as_markdown(figures)}
## What it learnt from

{SOURCES}
Facts were learnt, no text is contained. Left out for their licences: {", ".join(recipe.left_out)}.

## Weaknesses

It knows words, not their order: negation and who did what to whom are lost. Languages with little parallel text (hi, th, uk, vi, ko) are
weaker, see the table; fields beyond computing, physics, medicine and education are carried by dictionaries more than by abstracts.

Licence of the weights: Apache-2.0, with attribution to the sources above.
""",
        encoding="utf-8",
    )
