"""Words that have a vector if they are cut or written otherwise, where ids of unknown words are fed nowhere."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from tests.doctor.test_diagnose import record
from wordfit.doctor.diagnose import judge
from wordfit.doctor.experiments.tables.coverage import token_counts, unknown_share, zeros_fed
from wordfit.doctor.experiments.tables.sources import Truth
from wordfit.doctor.experiments.tables.vectors import _of_words
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
    assert causes(unknown_share(bench(texts, rows), np.zeros((len(PARTS), 4)), [("ids", PLACE)], [TRUTH])) == named


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
    assert causes(unknown_share(bench(texts, rows), np.zeros((len(words), 4)), [("ids", place)], [truth])) == []


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
        bench([" ".join(written[n] for n in row) for row in drawn], rows), np.zeros((301, 4)), [("ids", place)], [truth]
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
    told = unknown_share(
        bench([" ".join(words[n] for n in row) for row in drawn], rows), np.zeros((301, 4)), [("i", place)], [truth]
    )
    assert causes(told) == ["case_mismatch_oov"]


def test_words_that_have_a_vector_as_they_are_written_were_not_lost_for_their_case():
    draw = np.random.default_rng(3)
    words = [f"w{n}" for n in range(300)]
    truth = Truth("vectors.txt", words, draw.standard_normal((300, 4)).astype(np.float32))
    place = {word: n + 1 for n, word in enumerate(words)}
    drawn = [draw.choice(300, 9) for _ in range(400)]
    rows = [[n + 1 if n % 2 else 0 for n in row] for row in drawn]  # the others were dropped on the way
    told = unknown_share(
        bench([" ".join(words[n] for n in row) for row in drawn], rows), np.zeros((301, 4)), [("i", place)], [truth]
    )
    assert told["share"] > 0.2
    assert causes(told) == []


@pytest.mark.parametrize(("fed", "named"), [(0.15, []), (0.9, ["tokenizer_mismatch_oov"])])
def test_words_of_a_file_that_little_of_what_is_fed_came_from_are_not_lost(fed, named):
    lost = {"share": 0.46, "in_other_case": 0.0, "words": ["texas"], "fed_in_texts": fed}
    assert causes({"share": 0.0, "lost": lost}) == named


@pytest.mark.parametrize("merged", [False, True])
def test_words_that_share_a_row_of_their_mean_are_not_lost(merged):
    draw = np.random.default_rng(4)
    stems = [f"stem{'abcdefghijklmnopqrstuvwxyz'[n // 6 % 26]}{'uvwxyz'[n % 6]}" for n in range(60)]
    words = [stem + ending for stem in stems for ending in ("ing", "ers")]
    meaning = np.repeat(draw.standard_normal((60, 16)), 2, axis=0) + 3  # as far from zero as vectors in use are
    vectors = (meaning + 0.3 * draw.standard_normal((120, 16))).astype(np.float32)
    alone = [f"alone{n}" for n in range(60)]  # words that have no other form
    truth = Truth("vectors.txt", words + alone, np.concatenate([vectors, vectors[:60] * 0.5 + vectors[60:] * 0.5]))
    table = np.concatenate([vectors.reshape(60, 2, 16).mean(1), truth.matrix[120:]])
    if not merged:
        table[:60] = vectors.mean(0)
    place = {word: n for n, word in enumerate(stems + alone)}
    often = np.concatenate([np.full(60, 0.07), 1 / np.arange(1, 61)])
    drawn = [draw.choice(120, 12, p=often / often.sum()) for _ in range(400)]
    forms = [[alone[n - 60] if n >= 60 else words[2 * n + int(draw.random() < 0.1)] for n in row] for row in drawn]
    texts = [" ".join(row) for row in forms]
    told = unknown_share(bench(texts, [row.tolist() for row in drawn]), table, [("ids", place)], [truth])
    assert causes(told) == ([] if merged else ["tokenizer_mismatch_oov"])


@pytest.mark.parametrize(("marked", "named"), [(True, ["tokenizer_mismatch_oov"]), (False, [])])
def test_rows_that_are_one_and_the_same_lost_words_that_have_a_vector(marked, named):
    """Means of vectors, scaled afterwards, of texts whose words were all marked as beginnings before the look-up."""
    draw = np.random.default_rng(6)
    words = [draw.choice(PARTS, 5).tolist() for _ in range(60)]
    held = {w: torch.tensor(TRUTH.matrix[n]) for w, n in PLACE.items()}
    known = [[w for w in row if not marked or draw.random() < 0.05] for row in words]
    fed = torch.stack([torch.stack([held[w] for w in row]).mean(0) if row else torch.zeros(4) for row in known])
    fed = torch.cat([fed, fed.square()], 1)
    scaled = (fed - fed.mean(0)) / (fed.std(0) + 1e-3)
    assert causes(zeros_fed(bench([" ".join(row) for row in words], inputs=[scaled]), [TRUTH])) == named


def test_words_are_counted_in_the_texts_where_features_were_made_of_them_before_training():
    texts = [" ".join(PARTS[:3])] * 40
    pooled = bench(texts)
    pooled.recorder.found["ids"] = [("place", PLACE)]
    assert token_counts(pooled) == {0: 40, 1: 40, 2: 40}


def test_a_matrix_with_a_row_for_every_word_stands_for_the_table_that_a_step_lacks():
    words = {f"w{n}": n for n in range(60)}
    matrix, labels = np.zeros((60, 4), dtype=np.float32), np.zeros((60, 9), dtype=np.float32)
    found = {"ids": [("place", words)], "matrices": [("matrix", matrix), ("again", torch.from_numpy(matrix))]}
    found["matrices"] += [("labels", labels), ("counts", matrix.astype(int))]
    held = SimpleNamespace(recorder=SimpleNamespace(found=found))
    assert [name for name, _ in _of_words(held, [TRUTH])] == ["matrix"]
