"""A suspicious call is a fault where the same training learns more without it, and a remark where it does not."""

import pytest
import torch
from torch import nn

import wordfit
from wordfit.doctor.case import Case
from wordfit.doctor.diagnose import judge
from wordfit.doctor.experiments.steps.clamps import _is_margin
from wordfit.doctor.names import Names
from wordfit.record import Record

MEANS = [1.6] * 10


def found(watched=None, **experiments):
    record = Record(program={"name": "x.py"}, experiments=experiments)
    record.watched = {"curve": {"means": MEANS, "first": 1.6}} | (watched or {})
    return {f.cause: f.severity for f in judge(record)}


@pytest.mark.parametrize(("lifted", "causes"), [(0.01, {"gradient_path_cut": "error"}), (1.5, {}), (0.13, {})])
def test_a_detach_is_a_fault_where_lifting_it_lets_the_program_learn(lifted, causes):
    passed = {"op": "detach", "cuts": 3, "learned": 0.14, "learned_with_it": lifted, "line": 3}
    assert found(what_if={"passed": passed}, rates={"constant": 1.6}) == causes


@pytest.mark.parametrize(
    ("lifted", "causes"), [(0.1, {"gradient_path_cut": "error"}), (0.3, {"gradient_path_cut": "info"})]
)
def test_a_program_that_came_half_of_the_way_must_learn_far_more_without_the_detach(lifted, causes):
    passed = {"op": "detach", "cuts": 3, "learned": 0.63, "learned_with_it": lifted, "line": 3}
    halfway = {"curve": {"means": [2.0, 1.8, 1.6, 1.5], "first": 2.0}}
    assert found(halfway, what_if={"passed": passed}, rates={"constant": 2.0}) == causes


@pytest.mark.parametrize(("without", "severity"), [(0.5, "error"), (2.0, "warning")])
def test_a_clamp_of_the_loss_is_a_fault_where_the_same_steps_learn_more_without_it(without, severity):
    clamp = {"cut": 0.9, "from_below": 0.0, "straight": True, "before": 9.0, "bounds": [1.5], "line": 3}
    losses = {"clamps": [clamp | {"learned_with": 2.0, "learned_without": without}]}
    assert found(losses=losses) == {"loss_clipped": severity}


def test_a_margin_is_no_clamp():
    clamp = {"cut": 0.9, "from_below": 0.9, "straight": True, "before": -1.0, "bounds": [0]}
    assert found(losses={"clamps": [clamp]}) == {}


@pytest.mark.parametrize(("turned", "causes"), [(0.1, {"attention_mask_inverted": "error"}), (0.5, {})])
def test_a_mask_over_positions_is_inverted_where_its_opposite_learns(turned, causes):
    assert found(what_if={"turned": {"learned": 0.5, "learned_with_it": turned, "line": 3}}) == causes


@pytest.mark.parametrize("change", ["turned", "passed"])
def test_of_losses_below_zero_half_of_one_is_no_less(change):
    row = {"op": "detach", "cuts": 1, "learned": -3.02, "learned_with_it": -3.02, "line": 3}
    record = Record(program={"name": "x.py"}, experiments={"what_if": {change: row}})
    record.watched = {"curve": {"means": [-0.4, -0.1, -0.05]}}
    assert judge(record) == []


def hinge(margin, sign):
    """Three steps of a ranking of texts by products of one model's answers, held at zero from below."""
    torch.manual_seed(0)
    model = nn.EmbeddingBag(40, 6)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with wordfit.watch() as exam:
        for _ in range(3):
            vectors = model(torch.randint(40, (24, 5)))
            first, second, third = vectors.chunk(3)
            loss = torch.relu(margin - (first * second).sum(1) + sign * (first * third).sum(1)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    recorder = exam.recorder
    return Case(recorder, recorder.train_steps[-1], Names(recorder))


@pytest.mark.parametrize(("margin", "sign", "found"), [(0.3, 1, True), (0.3, -1, False)])
def test_one_score_less_another_and_a_constant_is_a_margin(margin, sign, found):
    case = hinge(margin, sign)
    op = next(case.tape.ops[n] for n in case.path if case.tape.ops[n].name == "relu")
    assert _is_margin(case, op.ins[0]) is found


def test_a_matrix_of_places_is_no_target_also_when_it_is_scaled():
    torch.manual_seed(0)
    model = nn.EmbeddingBag(40, 6)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with wordfit.watch() as exam:
        for _ in range(3):
            first, second = model(torch.randint(40, (8, 5))), model(torch.randint(40, (8, 5)))
            apart = 1 - first @ second.t()
            hardest = (apart + 10 * torch.eye(8)).topk(3, largest=False).values
            loss = torch.relu(apart.diagonal().unsqueeze(1) - hardest + 0.25).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    exam.diagnose(20, {"losses"})
    facts = exam.record.experiments["losses"]
    assert facts["target"] is None
    assert facts["direction"] == {"start": 1.0}


@pytest.mark.parametrize(
    ("first", "after", "widest", "causes"),
    [
        (3.7, 0.3, "Net.table.weight", {"init_scale_too_large": "error"}),
        (3.7, 1.4, "Net.table.weight", {"init_scale_too_large": "info"}),
        (1.6, 0.3, "Net.table.weight", {}),  # vectors may be of any length
        (1.6, 0.3, "Net.rnn.weight_hh_l0", {"init_scale_too_large": "error"}),
        (1.6, 1.4, "Net.rnn.weight_hh_l0", {}),
    ],
)
def test_a_first_loss_that_is_not_far_off_is_a_fault_where_a_smaller_start_ends_far_lower(first, after, widest, causes):
    whole = {"learned": 1.1, "learned_with_it": 0.4, "new": 1.8, "new_with_it": after}
    calm = {"learned": 0.2, "learned_with_it": 0.3, "shrunk": 3, "repeatable": True, "whole": whole}
    what_if = {"oversized": [{"weight": widest, "scale": 6.9}], "calm": calm}
    watched = {"curve": {"means": [3.0, *MEANS], "first": first}}
    tables = {"tables": [{"name": "Net.table.weight", "trainable": True}]}
    assert found(watched, losses={"extremes": {"uniform": 1.6}}, what_if=what_if, tables=tables) == causes


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize(("spread", "weights"), [(1.0, {"weight_ih_l0", "weight_hh_l0"}), (0.1, set())])
def test_the_start_of_gates_is_measured_by_what_they_are_given(kind, spread, weights):
    torch.manual_seed(0)
    table, states, head = nn.Embedding(40, 16), kind(16, 16, batch_first=True), nn.Linear(16, 2)
    for weight in states.parameters():
        nn.init.normal_(weight, 0, spread)
    optimizer = torch.optim.SGD([*table.parameters(), *states.parameters(), *head.parameters()], 0.1)
    with wordfit.watch() as exam:
        for ids in torch.randint(0, 40, (20, 8, 7)):
            optimizer.zero_grad()
            nn.functional.cross_entropy(head(states(table(ids))[0].mean(1)), ids[:, 0] % 2).backward()
            optimizer.step()
    exam.diagnose(20, {"what_if"})
    oversized = exam.record.experiments["what_if"]["oversized"]
    assert {row["weight"].rpartition(".")[2] for row in oversized} == weights


@pytest.mark.parametrize(("last", "severity"), [(3.5, "error"), (0.1, "warning")])
def test_where_no_batch_could_be_answered_again_the_loss_says_whether_a_large_start_was_made_good(last, severity):
    nothing = dict.fromkeys(("learned", "learned_with_it", "new", "new_with_it"))
    calm = {"learned": 4.3, "learned_with_it": 0.02, "shrunk": 3, "repeatable": True, "whole": nothing}
    what_if = {"oversized": [{"weight": "Net.rnn.weight_hh_l0", "scale": 12.0}], "calm": calm}
    watched = {"curve": {"means": [10.0, 7.0, 5.0, last], "first": 10.0}}
    said = found(watched, losses={"extremes": {"uniform": 1.1}}, what_if=what_if)
    assert said["init_scale_too_large"] == severity
