"""What stands at padding comes in by a pool over the words; the loss's own mean over the rows is none."""

import pytest

from wordfit.doctor.diagnose import judge
from wordfit.record import Record

ROWS, WORDS = 20, 8


def errors(ops, experiments, batch_first=True):
    """The causes of errors, of a step whose ids are as wide as they are said to be."""
    record = Record(program={"name": "x.py"}, experiments=experiments)
    ids = [ROWS, WORDS] if batch_first else [WORDS, ROWS]
    layout = {"ids": [ids], "rows": ROWS, "batch_first": batch_first, "answer": [ROWS, 5]}
    record.watched = {"curve": {"means": [1.0] * 10, "first": 1.0}, "layout": layout, "ops": ops}
    return [f.cause for f in judge(record) if f.severity == "error"]


def mean_of(before, after):
    return {"op": "mean", "inputs": [before], "shape": after, "numbers": [], "named": {}, "line": 7}


def by_noise():
    noise = {"pad_effect": 3.5, "real_effect": 2.6, "appended": 0.0, "played": True, "share": 0.4}
    return {"padding": noise | {"padding_row": {"norm": 0.0}}}


@pytest.mark.parametrize("batch_first", [True, False])
def test_a_mean_over_words_lets_padding_in(batch_first):
    before = [ROWS, WORDS, 32] if batch_first else [WORDS, ROWS, 32]
    assert errors([mean_of(before, [ROWS, 32])], by_noise(), batch_first) == ["padding_in_mean_pool"]


@pytest.mark.parametrize("shape", [[ROWS], [WORDS], [ROWS, WORDS]])
@pytest.mark.parametrize("batch_first", [True, False])
def test_the_mean_of_a_loss_is_no_pool(shape, batch_first):
    assert errors([mean_of(shape, [])], by_noise(), batch_first) == []
