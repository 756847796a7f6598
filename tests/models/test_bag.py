"""The NumPy path answers as the network does, and its compiled cut is the tokenizer's."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wordfit import InputError
from wordfit.data import Encoded, Rules, Tokenizer, batches
from wordfit.embedding import TUNINGS, WordEmbedding
from wordfit.models import build_network
from wordfit.models.bag import BagPredictor

RULES = [Rules(), Rules(lowercase=False), Rules(clitics=False), Rules(whitespace=True)]
TEXTS = ["Don't go, it's the U.S.!", "", "a well-known AT&T", "naïve ÉTÉ", "-LRB- 1,000.5 -rrb- ...", "unheard of"]
PIECES = [
    "n't",
    "'s",
    "'ll",
    "'",
    "''",
    "``",
    "`",
    "-",
    "--",
    "-lrb-",
    "-RSB-",
    ".",
    "..",
    "u.s.",
    "a.b",
    "<unk>",
    "<x",
]
PIECES += [
    "1,0",
    "10:30",
    "x_y",
    "can",
    "n",
    "N'T",
    "&",
    "/",
    ",",
    ">",
    "_",
    " ",
    "\t",
    "\n",
    "\v",
    "\x1c",
    "\x00",
    "é",
]
PIECES += ["東", "\u00a0", "\u2028", "İ", "K"]  # the last is the Kelvin sign, whose lower case is an ASCII k
MIXED = st.one_of(st.text(max_size=20), st.lists(st.sampled_from(PIECES), max_size=8).map("".join))


def predictor(rules=RULES[0], texts=TEXTS, hidden=None, **options):
    tokenizer = Tokenizer(rules)
    tokenizer = tokenizer.with_words(tokenizer.count(texts)[:-1])
    random = np.random.default_rng(0)
    matrix = random.normal(size=(len(tokenizer.words), 5)).astype(np.float32)
    widths = [5, hidden, 3] if hidden else [5, 3]
    layers = [(random.normal(size=(b, a)), random.normal(size=b)) for a, b in zip(widths, widths[1:])]
    return BagPredictor(tokenizer, matrix, layers, **options)


@pytest.mark.parametrize("rules", RULES)
@settings(deadline=None, max_examples=25)
@given(texts=st.lists(MIXED, min_size=5, max_size=25))
def test_the_compiled_cut_is_the_tokenizers_on_any_text(rules, texts):
    bag = predictor(rules, [*texts, "a word more"], max_tokens=7)
    np.testing.assert_allclose(bag.logits(texts, compiled=True), bag.logits(texts, compiled=False), atol=1e-4)


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize(("encoder", "head"), [("mean", "linear"), ("sif", "mlp")])
def test_logits_are_those_of_the_network(encoder, head, compiled):
    tokenizer = Tokenizer()
    tokenizer = tokenizer.with_words(tokenizer.count(TEXTS)[:-3])
    random = np.random.default_rng(0)
    embedding = WordEmbedding(random.normal(size=(len(tokenizer.words), 5)).astype(np.float32), TUNINGS["frozen"])
    weights = torch.from_numpy(random.random(len(tokenizer.words)).astype(np.float32)) if encoder == "sif" else None
    config = {"encoder": {"name": encoder}, "head": {"name": head, "kind": "classes", "outputs": 3}}
    network = build_network(config, embedding, weights).eval()
    (batch,) = batches((Encoded.of(TEXTS, tokenizer),), np.zeros(len(TEXTS)), 99)
    expected = np.empty((len(TEXTS), 3), np.float32)
    expected[batch.rows] = network(*map(torch.from_numpy, batch.texts[0])).detach().numpy()
    layers = [m for m in (network.head.hidden, network.head.output) if m is not None]
    bag = BagPredictor(
        tokenizer,
        embedding.weight.detach().numpy(),
        [(m.weight.detach().numpy(), m.bias.detach().numpy()) for m in layers],
        None if weights is None else weights.numpy(),
    )
    np.testing.assert_allclose(bag.logits(TEXTS, compiled), expected, atol=1e-5)


@pytest.mark.parametrize("hidden", [4, 40])  # applied to the table before, to the means after
def test_a_hidden_layer_gives_the_same_wherever_it_is_applied(hidden):
    bag = predictor(hidden=hidden)
    (first, bias), (second, last) = bag.layers
    ids, _ = bag.tokenizer.encode([TEXTS[0]])
    matrix = np.random.default_rng(0).normal(size=(len(bag.tokenizer.words), 5)).astype(np.float32)
    expected = np.maximum(matrix[ids].mean(axis=0) @ first.T + bias, 0) @ second.T + last
    for compiled in (True, False):
        np.testing.assert_allclose(bag.logits([TEXTS[0]], compiled)[0], expected, rtol=1e-4)


def test_the_lines_of_a_file_are_its_texts():
    bag = predictor()
    content = "\n".join(TEXTS).encode()
    for compiled in (True, False):
        for lines in (content, content + b"\n"):
            np.testing.assert_allclose(bag.logits(lines, compiled), bag.logits(TEXTS, compiled), atol=1e-6)
        assert bag.logits(b"", compiled).shape == bag.logits([], compiled).shape == (0, 3)
        with pytest.raises(InputError, match="line 2: expected UTF-8"):
            bag.logits(b"fine\n\xff\xfe\n", compiled)


def test_as_many_rows_as_words_are_wanted():
    with pytest.raises(InputError, match="a row for each of 2 words"):
        BagPredictor(Tokenizer(), np.zeros((3, 5), np.float32), [(np.zeros((2, 5)), np.zeros(2))])


def test_a_few_texts_load_neither_torch_nor_numba():
    program = (
        "import sys, numpy as np\n"
        "from wordfit.data.tokenizer import Tokenizer\n"
        "from wordfit.models.bag import BagPredictor\n"
        "bag = BagPredictor(Tokenizer(), np.eye(2, dtype='f'), [(np.ones((1, 2)), np.zeros(1))])\n"
        "assert bag.logits(['a b']).tolist() == [[1.0]]\n"
        "assert not {'torch', 'numba'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
