"""Words that have a vector if they are cut or written otherwise, where ids of unknown words are fed nowhere."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from tests.doctor.test_diagnose import record
from wordfit.doctor.diagnose import judge
from wordfit.doctor.experiments.tables.coverage import unknown_share, zeros_fed
from wordfit.doctor.experiments.tables.sources import Truth
from wordfit.doctor.rows import Rows

PARTS = ["open", "file", "read", "socket", "time", "zone", "parse", "token", "clock", "buffer", "path", "port"]
TRUTH = Truth("words.txt", PARTS, np.random.default_rng(0).standard_normal((12, 4)).astype(np.float32))
PLACE = {word: n for n, word in enumerate(PARTS)}


def bench(texts, rows=(), inputs=()):
    batches = [SimpleNamespace(inputs=list(inputs))]
    split = SimpleNamespace(train=Rows(texts=[(tuple(row),) for row in rows]), training=batches, padding=None)
    recorder = SimpleNamespace(found={"texts": [("texts", texts)]}, shuffled=[], files={}, streams=[], links="")
    return SimpleNamespace(split=split, recorder=recorder, memo={}, case=None)


def causes(told):
    return [f.cause for f in judge(record(vectors={"unknown": told})) if f.severity == "error"]


@pytest.mark.parametrize(("cut", "named"), [(False, ["tokenizer_mismatch_oov"]), (True, [])])
def test_names_made_of_words_with_a_vector_are_cut_or_left_out(cut, named):
    draw = np.random.default_rng(1)
    texts, rows = [], []
    for _ in range(60):
        alone, joined = draw.choice(PARTS, 4).tolist(), draw.choice(PARTS, 3).tolist()
        texts.append(" ".join([*alone, "_".join(joined) + "();"]))
        rows.append([PLACE[word] for word in alone + (joined if cut else [])])
    assert causes(unknown_share(bench(texts, rows), len(PARTS), [("ids", PLACE)], [TRUTH])) == named


@pytest.mark.parametrize(("lowered", "named"), [(False, ["case_mismatch_oov"]), (True, [])])
@pytest.mark.parametrize("sequences", [False, True])
def test_zeros_fed_for_words_in_another_case(lowered, named, sequences):
    draw = np.random.default_rng(2)
    words = [[w.title() if draw.random() < 0.6 else w for w in draw.choice(PARTS, 5).tolist()] for _ in range(60)]
    held = {w: torch.tensor(TRUTH.matrix[n]) for w, n in PLACE.items()}
    fed = [[held.get(w.lower() if lowered else w, torch.zeros(4)) for w in row] for row in words]
    vectors = torch.stack([torch.stack(row + [torch.zeros(4)] * 3) for row in fed])  # (N, T, D) with padding
    inputs = [vectors] if sequences else [vectors[:, 0], vectors[:, 1]]
    assert causes(zeros_fed(bench([" ".join(row) for row in words], inputs=inputs), [TRUTH])) == named


def test_a_name_that_has_a_vector_of_its_own_is_not_missed_in_pieces():
    draw = np.random.default_rng(2)
    names = [" ".join(draw.choice(PARTS, 3)) for _ in range(40)]
    words = PARTS + sorted(set(names))
    truth = Truth("names.txt", words, draw.standard_normal((len(words), 4)).astype(np.float32))
    place = {word: n for n, word in enumerate(words)}
    texts = [draw.choice(names, 6).tolist() for _ in range(60)]
    rows = [[place[word] for word in text] for text in texts]
    assert causes(unknown_share(bench(texts, rows), len(words), [("ids", place)], [truth])) == []


@pytest.mark.parametrize(("limited", "named"), [(True, []), (False, ["case_mismatch_oov"])])
def test_a_model_that_knows_the_most_frequent_words_alone_is_small_on_purpose(limited, named):
    draw = np.random.default_rng(3)
    words = [f"w{n}" for n in range(300)]
    truth = Truth("vectors.txt", words, draw.standard_normal((300, 4)).astype(np.float32))
    place = {word: n + 1 for n, word in enumerate(words)}
    shares = 1 / np.arange(1, 301) ** 0.6
    drawn = [draw.choice(300, 9, p=shares / shares.sum()) for _ in range(400)]
    rows = [[n + 1 if (n < 150 if limited else n % 2) else 0 for n in row] for row in drawn]
    written = [word if limited or not n % 2 else word.title() for n, word in enumerate(words)]
    told = unknown_share(
        bench([" ".join(written[n] for n in row) for row in drawn], rows), 301, [("ids", place)], [truth]
    )
    assert told["share"] > 0.2
    assert causes(told) == named


def test_names_that_were_lowered_though_the_vectors_have_capitals_are_lost_for_their_case():
    draw = np.random.default_rng(3)
    words = [f"w{n}" if n % 6 else f"N{n}" for n in range(300)]
    truth = Truth("vectors.txt", words, draw.standard_normal((300, 4)).astype(np.float32))
    place = {word: n + 1 for n, word in enumerate(words)}
    drawn = [draw.choice(300, 9) for _ in range(400)]
    rows = [[place.get(words[n].lower(), 0) for n in row] for row in drawn]
    told = unknown_share(bench([" ".join(words[n] for n in row) for row in drawn], rows), 301, [("i", place)], [truth])
    assert causes(told) == ["case_mismatch_oov"]


def test_words_that_have_a_vector_as_they_are_written_were_not_lost_for_their_case():
    draw = np.random.default_rng(3)
    words = [f"w{n}" for n in range(300)]
    truth = Truth("vectors.txt", words, draw.standard_normal((300, 4)).astype(np.float32))
    place = {word: n + 1 for n, word in enumerate(words)}
    drawn = [draw.choice(300, 9) for _ in range(400)]
    rows = [[n + 1 if n % 2 else 0 for n in row] for row in drawn]  # the others were dropped on the way
    told = unknown_share(bench([" ".join(words[n] for n in row) for row in drawn], rows), 301, [("i", place)], [truth])
    assert told["share"] > 0.2
    assert causes(told) == []


@pytest.mark.parametrize(("fed", "named"), [(0.15, []), (0.9, ["tokenizer_mismatch_oov"])])
def test_words_of_a_file_that_little_of_what_is_fed_came_from_are_not_lost(fed, named):
    lost = {"share": 0.46, "in_other_case": 0.0, "words": ["texas"], "fed_in_texts": fed}
    assert causes({"share": 0.0, "lost": lost}) == named
