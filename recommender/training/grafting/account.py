"""What a grafted model says of itself in its card."""

from recommender.training.card import Account, teacher_row
from recommender.training.grafting.recipe import GraftRecipe

WHAT = """\
A sentence-transformer for abstracts that reads words in their order: the body of {english} with the tokens
of twenty languages grafted onto its vocabulary. {n_tokens:,} tokens, {n_added:,} of them added, in float16;
`SentenceTransformer(folder)` loads it as is. It reads {max_seq_length} tokens at a time; `recommender` reads
longer texts in windows."""
HOW = """\
The English tokens and their vectors are those of {english}. An added token begins as the mean of the vectors
of its nearest English words in `models/{aligner}`. Then added tokens and body learn together: a text of
another language is drawn to the vector that {english} gives its English side (multilingual distillation,
arXiv:2004.09813), English texts are held to their own, and texts of one Chinese or English paper are drawn
together (InfoNCE). It is computed in bfloat16 on a GPU and on processors with AMX tiles, else in single
precision. A run that is interrupted goes on when it is started again. Of the pairs below it draws what the
recipe says.

Notice: this is a changed version of {english} by the authors of sentence-transformers (Apache-2.0), itself
made from MiniLM by Microsoft (MIT). Changed are its vocabulary, its tokenizer and, by further training, its
weights."""
EARLIER = """

EARLIER is what `{start}.toml` of this folder made, whose tokens and weights this run went on from; the first
lines of each recipe say how it is run."""
OTHER_SCRIPTS = """\
Characters of other scripts are unknown to it: texts of nothing else all get one and the same vector."""
WEAKNESSES = """\
It is a hundred times slower than the static model, and alone it finds translations less well than that
does, medical Hindi and everyday Thai apart and Arabic worst of all; see the table. `models/both` joins the
two. Abstracts were learnt from in Chinese and English alone, other languages by sentences, terms and words.
Upper case is not read, nor are accents of Latin letters, but for Vietnamese."""
TRAIN = "python scripts/train_model.py"
TAUGHT = "body and English tokens as the beginning; vectors of English texts as targets"


def account_of(recipe: GraftRecipe, n_tokens: int, n_added: int) -> Account:
    """Return what a model of `n_tokens` tokens, of which `n_added` were grafted on, says of itself."""
    words = {
        "english": recipe.english,
        "aligner": recipe.aligner,
        "max_seq_length": recipe.max_seq_length,
        "n_tokens": n_tokens,
        "n_added": n_added,
    }
    command = f"{TRAIN} --recipe models/{recipe.name}/recipe.toml DATA --english FOLDER"
    how = HOW.format(**words)
    if recipe.start:
        command += " --start EARLIER"
        how += EARLIER.format(start=recipe.start)
    return Account(
        name=recipe.name,
        seed=recipe.seed,
        command=command,
        what=WHAT.format(**words),
        other_scripts=OTHER_SCRIPTS,
        how=how,
        teacher=teacher_row(recipe.english, TAUGHT),
        weaknesses=WEAKNESSES,
        left_out=recipe.left_out,
    )
