"""What stands at padding comes in by a pool over the words; the loss's own mean over the rows is none."""

import inspect

import pytest
import torch
from torch import nn

import wordfit
from wordfit.doctor.diagnose import judge
from wordfit.doctor.experiments.steps.averages import _ByWords
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


@pytest.mark.parametrize(("told", "start", "found"), [(0, 2.6, ["padding_row_nonzero"]), (0, 0.0, []), (None, 2.6, [])])
def test_a_row_that_was_to_be_zero_and_began_otherwise_is_a_fault_where_rows_have_one_width(told, start, found):
    row = {"norm": 2.6, "start": start, "padding_idx": told}
    facts = by_noise()["padding"] | {"padding": 0, "padding_row": row}
    assert errors([], {"padding": facts}) == found


@pytest.mark.parametrize("batch_first", [True, False])
def test_a_mean_over_words_lets_padding_in(batch_first):
    before = [ROWS, WORDS, 32] if batch_first else [WORDS, ROWS, 32]
    assert errors([mean_of(before, [ROWS, 32])], by_noise(), batch_first) == ["padding_in_mean_pool"]


@pytest.mark.parametrize("shape", [[ROWS], [WORDS], [ROWS, WORDS]])
@pytest.mark.parametrize("batch_first", [True, False])
def test_the_mean_of_a_loss_is_no_pool(shape, batch_first):
    assert errors([mean_of(shape, [])], by_noise(), batch_first) == []


@pytest.mark.parametrize(("by_words", "found"), [(0.1, ["padding_in_mean_pool"]), (2.0, [])])
def test_a_mean_over_rows_of_one_width_is_a_fault_unless_a_mean_over_words_learns_less(by_words, found):
    place = {"op": "mean", "line": 7}
    wider = {"appended": 1.2, "share": 0.4, "first": place, "through": ["mean", "linear"], "padding_row": {"norm": 0.0}}
    averaged = {"learned": 0.5, "learned_with_it": by_words, "new": None, "new_with_it": None}
    assert errors([], {"padding": wider, "what_if": {"averaged": averaged}}) == found


@pytest.mark.parametrize("op", ["mean", "sum"])
@pytest.mark.parametrize("time_first", [False, True])
def test_pools_of_one_line_are_taken_over_the_words(op, time_first):
    ids = torch.tensor([[3, 4, 0, 0], [5, 0, 0, 0]])
    axis, table = 1 - time_first, torch.nn.Embedding(9, 2)
    place = {"op": op, "file": __file__, "line": inspect.currentframe().f_lineno + 2}
    with _ByWords(place, 0, axis):
        made = getattr(table(ids.t() if time_first else ids), op)(axis)
    rows = [table.weight[[3, 4]].mean(0), table.weight[[5]].mean(0)]
    assert torch.allclose(made, torch.stack(rows) * (4 if op == "sum" else 1))  # a sum is divided by the width later


@pytest.mark.parametrize(("change", "found"), [(0.03, []), (0.2, ["padding_in_mean_pool"])])
def test_a_change_far_below_the_spread_between_rows_is_a_warning(change, found):
    place = {"op": "mean", "line": 7}
    wider = {"appended": change, "share": 0.4, "first": place, "through": ["mean"], "padding_row": {"norm": 0.0}}
    assert errors([], {"padding": wider}) == found


@pytest.mark.parametrize(("words", "found"), [(0.01, ["last_state_is_padding"]), (0.8, [])])
def test_a_state_that_has_settled_at_padding_is_an_error_where_words_change_nothing(words, found):
    state = {"op": "__getitem__", "module": "Net", "line": 9, "shape": [ROWS, 16]}
    ops = [{"op": "rnn_tanh", "line": 8, "shape": [ROWS, WORDS, 16]}, state]
    drowned = {"appended": 0.02, "share": 0.8, "pad_effect": 40.0, "real_effect": words, "first": state}
    assert errors(ops, {"padding": drowned | {"through": ["__getitem__"], "played": False}}) == found


@pytest.mark.parametrize(("given", "found"), [(0, []), (None, ["padding_row_nonzero"])])
def test_a_padding_row_that_a_tied_output_layer_moves_is_a_warning(given, found):
    row = {"norm": 1.3, "start": 0.0, "padding_idx": given}
    wider = {"padding": 0, "appended": 1.1, "appended_with_zero_row": 0.0, "share": 0.3, "first": {"op": "conv1d"}}
    assert errors([], {"padding": wider | {"through": ["conv1d"], "padding_row": row}}) == found


@pytest.mark.parametrize(("of_weight", "found"), [(False, ["last_state_is_padding"]), (True, [])])
def test_places_that_are_picked_before_they_are_looked_up_are_no_last_state(of_weight, found):
    first = {"op": "__getitem__", "line": 3, "of_weight": of_weight}
    wider = {"padding": 0, "appended": 1.1, "appended_with_zero_row": 1.0, "share": 0.3, "first": first, "played": True}
    seen = Record(program={"name": "x.py"}, experiments={"padding": wider | {"pad_effect": 4.0, "real_effect": 9.0}})
    assert [f.cause for f in judge(seen)] == found


@pytest.mark.parametrize("padded", [False, True])
def test_windows_without_padding_are_averaged_whatever_another_stage_feeds(padded):
    """A classifier is trained on texts of all widths, and its vectors on windows of one width."""
    torch.manual_seed(0)
    table, guess, head = nn.Embedding(40, 8, padding_idx=0), nn.Linear(8, 40), nn.Linear(8, 2)
    windows = torch.randint(1, 40, (60, 4))
    if padded:
        windows[:20, 3] = 0
    texts = torch.randint(1, 40, (60, 9))
    texts[::2, 5:] = 0

    def classified(b):
        pooled = table(texts[b]).sum(1) / (texts[b] > 0).sum(1, keepdim=True)
        return nn.functional.cross_entropy(head(pooled), texts[b, 0] % 2)

    def train(loss_of, many):
        optimizer = torch.optim.Adam([*table.parameters(), *guess.parameters(), *head.parameters()])
        for _ in range(many):
            loss = loss_of(torch.randint(60, (20,)))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    with wordfit.watch() as exam:
        train(classified, 30)
        train(lambda b: nn.functional.cross_entropy(guess(table(windows[b]).mean(1)), windows[b, 0]), 30)
    exam.diagnose(20, {"padding"})
    assert (exam.record.experiments["padding"]["share"] > 0) is padded


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("tables", [nn.Embedding, None])
def test_padding_that_is_met_in_evaluation_alone_still_must_not_be_attended_to(masked, tables):
    torch.manual_seed(0)
    table = nn.Embedding(60, 16) if tables else nn.Parameter(torch.randn(60, 16))

    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.query, self.head = table, nn.Parameter(torch.randn(16)), nn.Linear(16, 3)

        def forward(self, ids):
            words = self.table(ids) if tables else self.table[ids]
            scores = words @ self.query
            scores = scores.masked_fill(ids == 0, float("-inf")) if masked else scores
            return self.head((scores.softmax(1).unsqueeze(2) * words).sum(1))

    model = Reader()
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    rows = [torch.randint(1, 60, (40, width)) for width in (5, 6, 7, 8, 9, 10)]  # each batch of one length
    with wordfit.watch() as exam:
        for ids in rows * 4:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(ids), ids[:, 0] % 3).backward()
            optimizer.step()
        wide = torch.zeros(90, 10, dtype=torch.long)
        for row, many in enumerate(torch.randint(3, 11, (90,)).tolist()):
            wide[row, :many] = torch.randint(1, 60, (many,))
        with torch.no_grad():
            nn.functional.cross_entropy(model(wide), wide[:, 0] % 3)
    exam.diagnose(20, {"data", "company", "padding"})
    found = [f["cause"] for f in exam.record.diagnosis["findings"] if f["severity"] == "error"]
    assert found == ([] if masked else ["padding_not_masked_attention"])


def loop_over(words, weight=3):
    """A recurrence that is written out: the state, slot 100 and up, is multiplied with one weight at every word."""
    product = {
        "op": "__matmul__",
        "inputs": [[ROWS, 8], [8, 8]],
        "shape": [ROWS, 8],
        "numbers": [],
        "named": {},
        "line": 9,
    }
    return [product | {"ins": [99 + n, weight], "outs": [100 + n]} for n in range(1, words)]


PACKED = loop_over(2)[0] | {"op": "_pack_padded_sequence", "ins": [1], "outs": [2]}


@pytest.mark.parametrize(
    ("ops", "effect", "found"),
    [
        (loop_over(WORDS), 2.6, ["last_state_is_padding"]),
        (loop_over(WORDS), 60.0, []),  # words count for far more
        (loop_over(3), 2.6, []),
        ([op | {"ins": [50, 3]} for op in loop_over(WORDS)], 2.6, []),  # one weight in many products, side by side
        ([PACKED, *loop_over(WORDS)], 2.6, []),  # what is packed ends with its words: the loop is a decoder's
    ],
)
def test_a_recurrence_that_is_written_out_ends_at_padding(ops, effect, found):
    padding = by_noise()["padding"] | {"real_effect": effect}
    assert errors(ops, {"padding": padding}) == found


class TimeFirst(nn.Module):
    """As many rows as words, turned inside the model; a pool over the words, or over the rows."""

    def __init__(self, axis):
        super().__init__()
        self.table, self.rnn, self.out = nn.Embedding(60, 8, padding_idx=0), nn.GRU(8, 8), nn.Linear(8, 3)
        self.axis = axis

    def forward(self, ids):
        ids = ids.t()
        lengths = (ids != 0).sum(0)
        packed = nn.utils.rnn.pack_padded_sequence(self.table(ids), lengths, enforce_sorted=False)
        states, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], total_length=16)
        return self.out(states.sum(self.axis))


@pytest.mark.parametrize(("axis", "found"), [(0, []), (1, ["pooling_over_batch"])])
def test_square_batches_that_a_model_turns_are_one_input_whose_rows_are_known(axis, found):
    torch.manual_seed(0)
    ids = torch.randint(1, 60, (320, 16)) * (torch.arange(16) < torch.randint(5, 17, (320, 1)))
    kinds = torch.randint(0, 3, (320,))
    model = TimeFirst(axis)
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    with wordfit.watch() as exam:
        for _ in range(3):
            for rows in torch.randperm(320).split(16):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(ids[rows]), kinds[rows]).backward()
                optimizer.step()
    said = exam.diagnose(20, {"data", "company", "sources", "padding", "word_order"})["findings"]
    assert [f["cause"] for f in said if f["severity"] == "error"] == found
