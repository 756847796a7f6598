"""Tables and dictionaries beside the file they come from, told by the values alone."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import wordfit
from wordfit.doctor.experiments.tables.dictionaries import dictionary
from wordfit.doctor.experiments.tables.sources import Truth
from wordfit.doctor.experiments.tables.vectors import across_borders
from wordfit.doctor.experiments.texts.data import _nearly_shared, _redrawn
from wordfit.doctor.rows import Rows


@pytest.fixture
def matrix():
    return np.random.default_rng(5).normal(size=(120, 10)).astype(np.float32)


@pytest.mark.parametrize(
    ("width", "lead", "across"), [(20, 0, 1.0), (7, 0, 0.6), (20, 3, 1.0), (10, 0, 0.0), (8, 0, 0.6)]
)
def test_values_read_with_another_width_are_found_in_the_file(matrix, width, lead, across):
    flat = matrix.reshape(-1)[: matrix.size // width * width].reshape(-1, width)
    table = np.concatenate([np.zeros((lead, width), np.float32), flat])
    assert across_borders(table, matrix) == pytest.approx(across, abs=0.35)


def test_vectors_cut_at_their_end_cross_no_border(matrix):
    assert across_borders(matrix[:, :6].copy(), matrix) == 0.0


def test_rows_brought_to_one_length_are_found_in_the_file_as_well(matrix):
    for width, across in ((20, 1.0), (8, 0.6), (10, 0.0)):
        rows = matrix.reshape(-1)[: matrix.size // width * width].reshape(-1, width)
        scaled = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        assert across_borders(scaled, matrix) == pytest.approx(across, abs=0.35)


def test_a_later_sense_that_took_a_words_place_is_told_by_the_mark_in_its_name(matrix):
    words = [f"word{i}|NOUN" for i in range(60)] + [f"word{i}|VERB" for i in range(60)]
    file = Truth("senses.txt", words, matrix)
    last = dictionary(Truth("held", [f"word{i}" for i in range(60)], matrix[60:]), file)
    first = dictionary(Truth("held", [f"word{i}" for i in range(60)], matrix[:60]), file)
    assert last["overwritten"] == last["several_spellings"] == 60
    assert first["overwritten"] == 0


def test_copies_with_a_word_dropped_are_near_and_texts_of_one_pattern_are_not():
    generator = np.random.default_rng(0)

    def rows(texts):
        return Rows(texts=[(tuple(t),) for t in texts], targets=[0] * len(texts))

    train = [generator.permutation(300)[:12].tolist() for _ in range(200)]
    copies = [t[:-1] for t in train[:50]]
    pattern = [[*range(10), int(generator.integers(300))] for _ in range(250)]
    assert _nearly_shared(rows(train), rows(copies))["share"] > 0.95
    assert _nearly_shared(rows(pattern[:200]), rows(pattern[200:]))["share"] == 0.0


def test_a_momentum_beside_a_table_holds_no_vectors_for_it():
    table = torch.randn(40, 4, requires_grad=True)
    momentum, given = torch.zeros(40, 4), torch.randn(40, 4)
    with wordfit.watch() as exam:
        for step in range(6):
            loss = table[torch.arange(8) + step].pow(2).mean()
            (gradient,) = torch.autograd.grad(loss, [table])
            with torch.no_grad():
                momentum.mul_(0.9).add_(gradient)
                table.sub_(0.1 * momentum)
    exam.diagnose(20, {"vectors"})
    found = {row["matrix"] for row in exam.record.experiments["vectors"]["matrices"]}
    assert "given" in found
    assert "momentum" not in found
    assert len(given) == 40


def test_a_file_that_was_written_into_memory_is_heard_when_it_is_read_from_its_beginning():
    with wordfit.watch() as exam:
        stream = io.StringIO()
        stream.write("word 1 2 3\n" * 300)
        stream.seek(0)
        stream.readline()
        stream.seek(0)
    assert exam.recorder.streams == [("StringIO", "word 1 2 3\n" * 300)]


@pytest.mark.parametrize(("first_pass", "redrawn"), [(40, True), (20, False)])
def test_rows_whose_words_are_dropped_anew_are_copies_of_themselves(first_pass, redrawn):
    """Where a pass comes again, its copies were made before."""
    generator = np.random.default_rng(0)
    texts = [generator.permutation(3000)[:20] for _ in range(200)]
    fed = [tuple(t[generator.random(20) > 0.15].tolist()) for _ in range(2) for t in texts]
    rows = Rows(texts=[(t,) for t in fed], targets=[0] * len(fed))
    bench = SimpleNamespace(split=SimpleNamespace(first_epoch=first_pass, training=[None] * 40))
    assert _redrawn(bench, rows) is redrawn
