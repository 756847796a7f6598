"""Only rows that a batch touched move, by whatever optimiser."""

import numpy as np
import pytest
import torch

from wordfit.embedding import TUNINGS, TouchedRows, Tuning, WordEmbedding, row_kernels, row_state
from wordfit.embedding.touched_rows import clip_gradients

OPTIMISERS = [
    (torch.optim.SGD, {"momentum": 0.9, "weight_decay": 0.1}),
    (torch.optim.Adam, {"weight_decay": 0.1}),
    (torch.optim.AdamW, {"weight_decay": 0.1}),
    (torch.optim.Adagrad, {"initial_accumulator_value": 0.1}),
    (torch.optim.RMSprop, {"centered": True}),
    (torch.optim.NAdam, {}),
]


def table(tuning=None, known=None, sparse=True):
    matrix = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    return WordEmbedding(matrix, tuning, known, sparse)


def step(embedding, optimizer, ids):
    optimizer.zero_grad()
    (embedding(torch.tensor(ids)) ** 2).sum().backward()
    optimizer.step()


@pytest.mark.parametrize(("optimiser", "options"), OPTIMISERS)
def test_rows_that_never_occur_stay_bit_for_bit(optimiser, options):
    embedding = table()
    before = embedding.weight.detach().clone()
    optimizer = TouchedRows([embedding], optimiser, lr=0.1, **options)
    for ids in ([[2, 3, 0]], [[3, 5, 5]], [[2, 2, 0]]):
        step(embedding, optimizer, ids)
    after = embedding.weight.detach()
    assert torch.equal(after[[1, 4, 6]], before[[1, 4, 6]])
    assert (after[[2, 3, 5]] != before[[2, 3, 5]]).any(dim=1).all()
    assert torch.equal(after[0], torch.zeros(3))


@pytest.mark.parametrize(("optimiser", "options"), OPTIMISERS)
def test_a_row_touched_in_every_step_moves_as_the_dense_optimiser_moves_it(optimiser, options):
    ours, dense = table(), table(sparse=False)
    rows = TouchedRows([ours], optimiser, lr=0.1, **options)
    plain = optimiser([dense.weight], lr=0.1, **options)
    for _ in range(4):
        step(ours, rows, [[1, 2, 3], [4, 5, 6]])
        step(dense, plain, [[1, 2, 3], [4, 5, 6]])
    torch.testing.assert_close(ours.weight[1:], dense.weight[1:])


def test_a_dense_gradient_is_stepped_as_the_sparse_one():
    sparse, dense = table(), table(sparse=False)
    for embedding in (sparse, dense):
        step(embedding, TouchedRows([embedding], lr=0.1), [[1, 2, 0], [2, 6, 0]])
    torch.testing.assert_close(sparse.weight, dense.weight)


def test_only_words_without_a_vector_move_when_known_words_stay():
    known = np.array([0, 0, 1, 1, 0, 1, 1], dtype=bool)
    embedding = table(TUNINGS["unknown-only"], known)
    before = embedding.weight.detach().clone()
    step(embedding, TouchedRows([embedding], lr=0.1), [[1, 2, 3, 4, 5, 6]])
    moved = (embedding.weight.detach() != before).any(dim=1)
    assert moved.tolist() == [False, True, False, False, True, False, False]


def test_the_anchor_pulls_to_the_pretrained_point_and_decay_to_zero():
    for tuning, goal in ((Tuning(anchor=1.0), "start"), (Tuning(decay=1.0), "zero")):
        embedding = table(tuning)
        start = embedding.weight.detach().clone()
        embedding.weight.data[1:] += 1.0
        optimizer = TouchedRows([embedding], torch.optim.SGD, lr=0.5)
        for _ in range(60):
            optimizer.zero_grad()
            (embedding(torch.tensor([[2]])) * 0).sum().backward()
            optimizer.step()
        expected = start[2] if goal == "start" else torch.zeros(3)
        torch.testing.assert_close(embedding.weight.detach()[2], expected, atol=1e-5, rtol=0)


def test_the_multiplier_scales_the_step():
    steps = []
    for multiplier in (1.0, 0.1):
        embedding = table(Tuning(lr_multiplier=multiplier))
        before = embedding.weight.detach().clone()
        step(embedding, TouchedRows([embedding], torch.optim.SGD, lr=0.1), [[2]])
        steps.append((embedding.weight.detach() - before)[2])
    torch.testing.assert_close(steps[0] * 0.1, steps[1])


def test_state_survives_saving_and_loading():
    straight, resumed = table(), table()
    one, two = TouchedRows([straight], lr=0.1), TouchedRows([resumed], lr=0.1)
    for batch in ([[1, 2]], [[2, 3]]):
        step(straight, one, batch)
        step(resumed, two, batch)
    again = TouchedRows([resumed], lr=0.1)
    again.load_state_dict(two.state_dict())
    step(straight, one, [[2, 5]])
    step(resumed, again, [[2, 5]])
    assert torch.equal(straight.weight, resumed.weight)


@pytest.mark.parametrize(("optimiser", "options"), OPTIMISERS)
def test_compiled_steps_are_those_of_the_rows_cut_out(optimiser, options):
    tuning = Tuning(anchor=0.5, decay=0.2)
    compiled, cut = table(tuning), table(tuning)
    one = TouchedRows([compiled], optimiser, lr=0.1, **options)
    two = TouchedRows([cut], optimiser, lr=0.1, **options)
    two._compiled = None
    for ids in ([[2, 3, 0]], [[3, 5, 5]], [[2, 6, 1]]):
        step(compiled, one, ids)
        step(cut, two, ids)
    torch.testing.assert_close(compiled.weight, cut.weight)


def test_gathered_gradients_are_the_plain_sums():
    random = np.random.default_rng(0)
    ids, gradient = random.integers(0, 9, 40), random.normal(size=(40, 3)).astype(np.float32)
    still = np.zeros(9, bool)
    still[[0, 4]] = True
    slot, place, owner = np.full(9, -1, np.int32), np.full(9, -1, np.int32), np.full(9, -1)
    rows, sums, slots, used = row_kernels.gather(ids, gradient, still, slot, place, owner, 0)
    assert set(rows) == set(ids) - {0, 4}
    for row, total, its_slot in zip(rows, sums, slots):
        np.testing.assert_allclose(total, gradient[ids == row].sum(axis=0), rtol=1e-5)
        assert owner[its_slot] == row
    assert used == len(rows)
    assert (place == -1).all()


@pytest.mark.parametrize("optimiser", [torch.optim.Adagrad, torch.optim.RMSprop])
def test_state_grows_as_rows_turn_up_and_goes_on_after_loading(monkeypatch, optimiser):
    monkeypatch.setattr(row_state, "FIRST", 2)
    ours, dense = table(), table(sparse=False)
    rows = TouchedRows([ours], optimiser, lr=0.1)
    plain = optimiser([dense.weight], lr=0.1)
    for ids in ([[5, 1]], [[5, 1, 3]], [[5, 1, 3, 6, 2, 4]]):
        again = TouchedRows([ours], optimiser, lr=0.1)
        again.load_state_dict(rows.state_dict())
        step(ours, again, ids)
        step(dense, plain, ids)
        rows = again
    torch.testing.assert_close(ours.weight[5], dense.weight[5])
    assert len(rows.state[ours.weight]["rows"]) >= 6


def test_a_plain_sparse_optimiser_steps_the_layer_and_leaves_padding():
    embedding = table()
    plain = torch.optim.SparseAdam([embedding.weight], lr=0.1)
    plain.zero_grad()
    (embedding(torch.tensor([[2, 0, 3]])) + 1).square().sum().backward()
    plain.step()
    assert torch.equal(embedding.weight[0].detach(), torch.zeros(3))


def test_clipping_takes_sparse_and_dense_gradients_together():
    sparse, dense = table(), table(sparse=False)
    head = torch.nn.Linear(3, 1)
    norms = []
    for embedding in (sparse, dense):
        head.zero_grad()
        head(embedding(torch.tensor([[1, 2, 2, 5]]))).square().sum().backward()
        parameters = [embedding.weight, *head.parameters()]
        norms.append(clip_gradients(parameters, 0.5))
        whole = torch.cat([p.grad.to_dense().flatten() for p in parameters])
        assert whole.norm().item() == pytest.approx(0.5, rel=1e-4)
    assert norms[0] == pytest.approx(norms[1], rel=1e-5)
