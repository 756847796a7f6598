"""Checks and experiments on masks, widths, axes and signs: a sick one speaks, its mended twin is silent."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

import wordfit
from wordfit.doctor.diagnose import judge
from wordfit.doctor.experiments.answers.attention import _einsum_axes, _moved_axis
from wordfit.doctor.experiments.answers.tracing import Layout
from wordfit.doctor.experiments.answers.widths import _filling, _narrower, _wider
from wordfit.doctor.experiments.steps.signs import _agreement
from wordfit.record import Record


def causes(**experiments):
    return [f.cause for f in judge(Record(program={"name": "x.py"}, experiments=experiments))]


def attention(to_padding):
    return {"calls": [{"op": "softmax", "to_padding": to_padding, "due": 0.4, "rows_padded": 9, "sums": [], "line": 3}]}


def test_attention_that_weighs_padding_alone_has_its_mask_inverted():
    assert causes(attention=attention(1.0)) == ["attention_mask_inverted"]
    assert causes(attention=attention(0.0)) == []


def test_noise_at_padding_counts_when_attention_gives_padding_its_share():
    noise = {"pad_effect": 0.5, "real_effect": 1.0, "share": 0.4, "appended": None}
    assert causes(padding=noise, attention=attention(0.4)) == ["padding_not_masked_attention"]
    assert causes(padding=noise, attention=attention(0.0)) == []


@pytest.mark.parametrize(
    ("right", "divided", "found"), [(False, False, True), (True, False, False), (False, True, False)]
)
def test_weights_are_summed_over_the_axis_that_they_were_normalised_over(right, divided, found):
    sums = [{"op": "bmm", "right": right, "divided": divided, "mixture": False}]
    call = {"op": "softmax", "axis": 1, "shape": [4, 1, 8], "sums": sums, "line": 3}
    assert (causes(attention={"calls": [call]}) == ["softmax_over_wrong_axis"]) is found


@pytest.mark.parametrize(("lowered", "found"), [(0, []), (1, []), (2, ["flipped_loss_sign"])])
def test_where_a_written_loss_raises_a_likelihood_what_was_taken_for_its_target_may_be_none(lowered, found):
    likelihood = {"lowered": lowered, "logarithms": 2, "loss": 1.5}
    assert causes(losses={"hand_written": True, "direction": {"start": 0.0}, "likelihood": likelihood}) == found


def test_a_lowered_likelihood_is_a_flipped_sign():
    assert causes(losses={"likelihood": {"lowered": 2, "logarithms": 2, "loss": -1.5}}) == ["flipped_loss_sign"]
    assert causes(losses={"likelihood": {"lowered": 1, "logarithms": 2, "loss": -1.5}}) == []  # one is played against
    assert causes(losses={"likelihood": {"lowered": 0, "logarithms": 2, "loss": -1.5}}) == []


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"likelihood": {"lowered": 2, "logarithms": 2, "loss": -1.5}}, []),  # a log-likelihood, climbed
        ({"direction": {"start": 0.0}}, []),  # right answers are worth more
        ({"likelihood": {"lowered": 0, "logarithms": 2, "loss": 1.5}}, ["flipped_loss_sign"]),
        ({"direction": {"start": 1.0}}, ["flipped_loss_sign"]),
    ],
)
def test_an_optimizer_that_climbs_is_wrong_only_where_its_steps_lower_what_should_rise(facts, found):
    assert causes(losses={"maximize": True} | facts) == found


@pytest.mark.parametrize(("divisor", "cause"), [("sqrt", "zero_norm_gradient"), ("sum", "empty_sequence_mean")])
def test_a_division_by_zero_is_told_by_what_made_the_zero(divisor, cause):
    broken = {"op": "div", "direction": "forward", "inputs": [{}, {"zeros": 0.1}], "divisor": divisor}
    assert causes(gradients={"broken": broken}) == [cause]


def test_tensors_that_an_optimizer_holds_in_place_of_their_twins_are_stale():
    row = {"name": "f.weight", "trainable": True, "held": False, "on_path": True, "numel": 8, "grads": [], "moved": 0.0}
    row |= {"in_model": True, "table": False, "known_start": True, "site": None}
    stale = [{"shape": [2, 4], "grads": [0.1, 0.1], "twins": ["f.weight"]}]
    assert causes(weights={"rows": [row], "stale": stale}) == ["optimizer_holds_stale_params"]
    assert causes(weights={"rows": [row | {"held": True}], "stale": []}) == []


def test_an_axis_is_followed_through_changes_of_layout():
    def op(name, *args):
        return SimpleNamespace(name=name, args=("x", *args), kwargs={}, ins=[0], outs=[1])

    assert _moved_axis(op("transpose", 1, 2), (4, 5, 6), (4, 6, 5), 2) == 1
    assert _moved_axis(op("unsqueeze", 1), (4, 6), (4, 1, 6), 1) == 2
    assert _moved_axis(op("permute", 2, 0, 1), (4, 5, 6), (6, 4, 5), 2) == 0
    assert _moved_axis(op("conv1d"), (4, 5, 6), (4, 9, 6), 2) is None


def test_the_letters_that_einsum_drops_are_summed():
    op = SimpleNamespace(args=("bts,bsd->btd", None, None), ins=[7, 9])
    assert _einsum_axes(op, 7) == ({2}, 9)
    assert _einsum_axes(op, 9) == ({1}, 7)


IDS = torch.tensor([[5, 6, 0, 0], [7, 8, 9, 4], [3, 0, 0, 0], [2, 6, 0, 0]])
CASE = SimpleNamespace(batch_first=True, ids=[0], value=lambda slot: IDS, is_padded=lambda slot, pad: True)


def test_a_wider_batch_has_padding_where_ids_and_masks_say_so():
    given, wide, layout = _wider(CASE, {"ids": IDS, "mask": IDS != 0, "y": torch.arange(4)}, IDS, 0)
    assert wide["ids"].shape == (4, 7)
    assert not wide["ids"][:, 4:].any()
    assert wide["mask"].dtype == torch.bool
    assert not wide["mask"][:, 4:].any()
    assert wide["y"] is given["y"]
    assert layout.length == 4


def test_a_narrower_batch_holds_the_short_rows_once_alone_and_once_beside_a_long_one():
    narrow, wide, layout = _narrower(CASE, {"ids": IDS, "lengths": [2, 4, 1, 2]}, IDS, 0)
    assert narrow["ids"].shape == (4, 2)
    assert wide["ids"].shape == (4, 4)
    assert torch.equal(narrow["ids"][1:], wide["ids"][1:, :2])
    assert wide["ids"][0].tolist() == [7, 8, 9, 4]
    assert wide["lengths"][0] == 4
    assert layout.rows == 4
    assert layout.pads.shape == (4, 2)


def test_the_mask_of_another_text_of_the_same_width_is_filled_by_that_text():
    other = IDS.flip(0)
    assert _filling(other != 0, [IDS, other], 0) is False
    assert _filling(other == 0, [IDS, other], 0) is True
    assert _filling(other, [IDS, other], 0) == 0


def test_values_are_compared_at_real_words_of_the_rows_that_both_runs_have():
    pads = torch.tensor([[False, False], [False, True], [False, True]])
    narrow, wide = torch.zeros(3, 2, 5), torch.zeros(3, 4, 5)
    wide[0] = 1  # another row
    wide[1:, 1:] = 2  # padding
    a, b = Layout(pads, 2, False, rows=3).alike(narrow, wide)
    assert torch.equal(a, b)
    assert a.shape == (2, 5)


def test_answers_of_several_axes_are_compared_along_the_axis_that_the_target_lacks():
    target = torch.arange(65) % 8
    answer, push = torch.zeros(8, 5, 13), torch.zeros(8, 65)
    push[target, torch.arange(65)] = -1.0
    assert _agreement(answer, push.view(8, 5, 13), target) == 1.0
    assert _agreement(answer, -push.view(8, 5, 13), target) == 0.0


@pytest.mark.parametrize(("of_words", "found"), [(0.01, ["attention_mask_inverted"]), (40.0, [])])
def test_a_mask_is_not_inverted_where_words_change_answers_by_more_than_rows_differ(of_words, found):
    facts = {"share": 0.4, "pad_effect": 9000.0, "real_effect": of_words, "appended": 0.0, "played": False}
    sick = Record(program={"name": "x.py"}, experiments={"padding": facts})
    sick.watched = {"ops": [{"op": "scaled_dot_product_attention", "line": 3, "module": None, "file": "x.py"}]}
    assert [f.cause for f in judge(sick) if f.cause == "attention_mask_inverted"] == found


@pytest.mark.parametrize(("dead", "found"), [(0.5, ["attention_mask_inverted"]), (1.0, [])])
def test_words_that_change_nothing_are_not_hidden_by_a_mask_where_every_unit_is_dead(dead, found):
    facts = {"share": 0.3, "pad_effect": 40.0, "real_effect": 0.0, "appended": 0.0, "played": False}
    units = {"activations": [{"op": "relu", "line": 9, "before_answer": True, "start": {"dead": 0.2}}]}
    units["activations"][0]["end"] = {"dead": dead, "units": 32, "zeros": dead}
    sick = Record(program={"name": "x.py"}, experiments={"padding": facts, "units": units})
    sick.watched = {"ops": [{"op": "sum", "line": 3, "module": None, "file": "x.py"}]}
    assert [f.cause for f in judge(sick) if f.cause == "attention_mask_inverted"] == found


@pytest.mark.parametrize(
    ("dim", "target", "fed", "named"),
    [
        (1, [344, 1], [344, 6], True),  # words of (rows, time) are picked, and their classes gathered
        (1, [344], [344, 6], True),
        (-1, [344], [344, 6], False),
        (1, [344], [344, 14], False),  # picked along the other axis
        (1, [32, 14, 1], [32, 14, 6], True),
        (2, [32, 14, 1], [32, 14, 6], False),
    ],
)
def test_the_axis_of_classes_is_known_where_words_are_picked_before_the_loss(dim, target, fed, named):
    sick = Record(program={"name": "x.py"})
    op = {"op": "log_softmax", "inputs": [[32, 14, 6]], "shape": [32, 14, 6], "numbers": [], "named": {"dim": dim}}
    layout = {"rows": 32, "answer": fed, "fed": fed, "target": target}
    sick.watched = {"ops": [op | {"line": 3, "module": None, "file": "x.py", "learned": True}], "layout": layout}
    assert [f.cause for f in judge(sick) if f.severity == "error"] == ["softmax_over_wrong_axis"] * named


@pytest.mark.parametrize(
    ("dim", "between", "named"),
    [
        (1, ("transpose", [1, 2]), True),  # as many steps as classes: what the loss takes second was last
        (2, ("transpose", [1, 2]), False),
        (1, ("permute", [0, 2, 1]), True),
        (2, None, True),
        (1, None, False),
        (1, ("reshape", [36, 6]), False),  # which axis is which is not known any more
    ],
)
def test_the_axis_of_classes_is_followed_to_the_loss_where_shapes_do_not_tell(dim, between, named):
    place = {"line": 3, "module": None, "file": "x.py", "learned": True, "named": {}, "numbers": []}
    ops = [place | {"op": "log_softmax", "inputs": [[30, 6, 6]], "named": {"dim": dim}, "ins": [1], "outs": [2]}]
    if between:
        ops.append(place | {"op": between[0], "inputs": [[30, 6, 6]], "numbers": between[1], "ins": [2], "outs": [3]})
    ops.append(place | {"op": "nll_loss", "inputs": [[30, 6, 6], [30, 6]], "ins": [len(ops) + 1, 9], "outs": [10]})
    sick = Record(program={"name": "x.py"})
    layout = {"rows": 30, "answer": [30, 6, 6], "fed": [30, 6, 6], "target": [30, 6]}
    sick.watched = {"ops": [op | {"shape": [30, 6, 6]} for op in ops], "layout": layout}
    assert [f.cause for f in judge(sick) if f.severity == "error"] == ["softmax_over_wrong_axis"] * named


def test_the_calls_that_make_the_answer_are_told_of_a_long_loop_too():
    torch.manual_seed(0)
    table, cell, head = nn.Embedding(40, 8), nn.Linear(16, 8), nn.Linear(8, 5)
    optimizer = torch.optim.SGD([*table.parameters(), *cell.parameters(), *head.parameters()], 0.1)
    with wordfit.watch() as exam:
        for ids in torch.randint(0, 40, (6, 12, 90)):
            state, states = torch.zeros(12, 8), []
            for step in table(ids).unbind(1):
                state = torch.tanh(cell(torch.cat([step, state], 1)))
                states.append(state)
            loss = nn.functional.nll_loss(
                head(torch.stack(states, 1)).log_softmax(1).flatten(0, 1), (ids % 5).flatten()
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    found = exam.diagnose(20, {"data", "losses"})["findings"]
    assert [f["cause"] for f in found if f["severity"] == "error"] == ["softmax_over_wrong_axis"]


@pytest.mark.parametrize(("of_words", "found"), [(0.4, []), (0.0, ["attention_mask_inverted"])])
def test_noise_at_padding_alone_turns_no_mask_around_where_its_row_of_zeros_changes_nothing(of_words, found):
    facts = {"share": 0.7, "pad_effect": 2.3, "real_effect": of_words, "appended": 0.0, "way": "wider", "played": True}
    sick = Record(program={"name": "x.py"}, experiments={"padding": facts})
    sick.watched = {"ops": [{"op": "matmul", "line": 3, "module": None, "file": "x.py"}]}
    assert [f.cause for f in judge(sick) if f.severity == "error"] == found
