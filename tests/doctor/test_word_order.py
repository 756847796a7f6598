"""Words moved among their own places: a bag does not see it, what reads in order does, and nothing else changes."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import wordfit
from tests.doctor.test_diagnose import record
from wordfit.doctor.diagnose import judge
from wordfit.doctor.experiments.answers.word_order import _around, _marks, _middle, _shuffled

WIDTH = 12


class Net(nn.Module):
    """A table, something that reads its vectors, and a mean over real words."""

    def __init__(self, reader, heads=2):
        super().__init__()
        self.emb, self.reader, self.out = nn.Embedding(30, WIDTH, padding_idx=0), reader, nn.Linear(WIDTH, heads)

    def forward(self, ids):
        mask = (ids != 0).unsqueeze(-1).float()
        x = self.emb(ids)
        if isinstance(self.reader, nn.MultiheadAttention):
            x = self.reader(x, x, x, key_padding_mask=ids == 0)[0]
        elif self.reader is not None:
            x = self.reader(x)[0]
        return self.out((x * mask).sum(1) / mask.sum(1))


def texts(rows=48, length=9, seed=0):
    """Ids (rows, length) of 4 words and more, filled up at their ends."""
    random = torch.Generator().manual_seed(seed)
    ids = torch.randint(1, 30, (rows, length), generator=random)
    lengths = torch.randint(4, length + 1, (rows, 1), generator=random)
    return ids * (torch.arange(length) < lengths), torch.randint(0, 2, (rows,), generator=random)


def order_of(net, ids, loss, seed=3):
    """What the experiment finds after three steps on batches of 12 rows."""
    torch.manual_seed(seed)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    with wordfit.watch() as exam:
        for i in (0, 12, 24):
            optimizer.zero_grad()
            loss(net, slice(i, i + 12)).backward()
            optimizer.step()
    before = torch.get_rng_state(), [p.detach().clone() for p in net.parameters()], net.training
    exam.diagnose(20, {"sequence", "word_order"})
    assert torch.equal(before[0], torch.get_rng_state())
    assert all(torch.equal(a, b) for a, b in zip(before[1], net.parameters()))
    assert net.training == before[2]
    return exam.record.experiments["word_order"]["inputs"]


def classed(reader):
    ids, labels = texts()
    return order_of(Net(reader), ids, lambda net, part: F.cross_entropy(net(ids[part]), labels[part]))[0]


@pytest.mark.parametrize("reader", [None, nn.MultiheadAttention(WIDTH, 2, batch_first=True)], ids=["bag", "attention"])
def test_a_bag_and_attention_without_positions_do_not_see_the_order(reader):
    found = classed(reader)
    assert found["changed"] == 0.0
    assert found["rows"] == 12
    assert found["by_other_words"] > 0.1


@pytest.mark.parametrize("weighed", [False, True])
def test_a_bag_whose_rows_stand_end_to_end_sees_the_order_only_if_it_weighs_places(weighed):
    ids, labels = texts()
    bag = nn.EmbeddingBag(30, 2, mode="sum")
    weights = torch.arange(1.0, 10.0)

    def loss(net, part):
        real = ids[part] != 0
        starts = torch.cat([torch.zeros(1, dtype=torch.long), real.sum(1).cumsum(0)[:-1]])
        each = weights.expand(len(real), 9)[real] if weighed else None
        return F.cross_entropy(
            net(torch.cat([row[row != 0] for row in ids[part]]), starts, per_sample_weights=each), labels[part]
        )

    found = order_of(bag, ids, loss)[0]
    assert found["changed"] == (1.0 if weighed else 0.0)
    assert found["by_other_words"] > 0.1


def test_an_lstm_sees_the_order_and_a_layer_that_takes_rows_for_time_does_not():
    right = classed(nn.LSTM(WIDTH, WIDTH, batch_first=True))
    swapped = classed(nn.LSTM(WIDTH, WIDTH))
    assert right["changed"] == 1.0
    assert right["change_alike"] > 0.01
    assert swapped["change_alike"] < 1e-4
    assert swapped["by_other_words"] > 0.1


def test_an_answer_for_each_word_is_compared_at_a_word_that_stays():
    ids = texts()[0].clamp(min=1)
    tags = ids % 2

    class Tagger(nn.Module):
        def __init__(self, reader):
            super().__init__()
            self.emb, self.reader, self.out = nn.Embedding(30, WIDTH), reader, nn.Linear(WIDTH, 2)

        def forward(self, ids):
            x = self.emb(ids)
            return self.out(self.reader(x)[0] if self.reader else x)

    def loss(net, part):
        return F.cross_entropy(net(ids[part]).flatten(0, 1), tags[part].flatten())

    alone = order_of(Tagger(None), ids, loss)
    forward = order_of(Tagger(nn.GRU(WIDTH, WIDTH, batch_first=True)), ids, loss)
    assert alone[0]["answer"] == "of the middle word"
    assert not alone[0]["depends"]
    assert forward[0]["changed"] == 1.0


def test_the_source_of_a_translation_is_asked_by_itself():
    source, _ = texts(seed=1)
    target = texts(seed=2)[0].clamp(min=1)

    class Pair(nn.Module):
        def __init__(self):
            super().__init__()
            self.source, self.target = nn.Embedding(30, WIDTH, padding_idx=0), nn.Embedding(30, WIDTH)
            self.decoder, self.out = nn.GRU(WIDTH, WIDTH, batch_first=True), nn.Linear(WIDTH, 30)

        def forward(self, source, words):
            state = self.source(source).sum(1).unsqueeze(0)
            return self.out(self.decoder(self.target(words), state)[0])

    def loss(net, part):
        words = target[part]
        return F.cross_entropy(net(source[part], words[:, :-1]).transpose(1, 2), words[:, 1:])

    found = {row["looked_up_by"][0]: row for row in order_of(Pair(), source, loss)}
    assert found["Pair.source"]["changed"] == 0.0
    assert found["Pair.source"]["depends"]
    assert found["Pair.target"]["changed"] == 1.0


def test_a_loss_without_a_target_is_asked_by_the_rows_of_its_answers():
    ids, _ = texts()

    def loss(net, part):
        return F.triplet_margin_loss(net(ids[part]), net(ids[part].roll(1, 0)), net(ids[part].roll(5, 0)))

    found = order_of(Net(nn.GRU(WIDTH, WIDTH, batch_first=True), heads=5), ids, loss)
    assert found
    assert all(row["changed"] == 1.0 for row in found if row["depends"])


def test_words_move_among_their_own_places_only():
    ids, _ = texts()
    groups = (ids != 0).long()
    moved = ids.gather(1, _shuffled(groups, torch.Generator().manual_seed(0)))
    assert torch.equal(moved == 0, ids == 0)
    assert torch.equal(moved.sort(1).values, ids.sort(1).values)
    assert not torch.equal(moved, ids)


def test_the_middle_word_stays_and_parts_the_others():
    real = torch.tensor([[True] * 5, [True, True, True, False, False]])
    middle = _middle(real)
    assert middle.tolist() == [2, 1]
    assert _around(real.long(), middle).tolist() == [[1, 1, 0, 2, 2], [1, 0, 2, 0, 0]]


def test_marks_that_begin_and_end_every_row_stay():
    ids = torch.tensor([[2, 7, 8, 3, 0], [2, 9, 3, 0, 0], [2, 5, 6, 4, 3], [2, 8, 5, 3, 0]])
    assert torch.equal(_marks(ids, ids != 0), (ids == 2) | (ids == 3))


def judged(change_alike, op):
    facts = {"rows": 8, "answer_has_rows": True, "max_change": 3.0, "rows_reached": 8, "first": {"op": op, "line": 3}}
    row = {"depends": True, "changed": 1.0, "change_alike": change_alike, "by_other_words": 0.9}
    found = record(company=facts, word_order={"inputs": [row]})
    found.watched = {"ops": [{"op": "lstm", "line": 2}]}
    return judge(found)[0]


def test_a_layer_that_is_blind_to_the_order_of_words_is_evidence_of_exchanged_axes():
    blind, sees = judged(1e-7, "lstm"), judged(0.3, "lstm")
    assert blind.cause == sees.cause == "batch_first_mismatch"
    assert [row["experiment"] for row in blind.evidence] == ["company", "word_order"]
    assert [row["experiment"] for row in sees.evidence] == ["company"]


def test_a_layer_that_runs_along_the_words_rules_exchanged_axes_out():
    assert judged(0.3, "mean").ruled_out[0].startswith("batch_first_mismatch: ")
    assert judged(1e-7, "mean").ruled_out == []


@pytest.mark.parametrize(("op", "noted"), [("scaled_dot_product_attention", True), ("embedding_bag", False)])
def test_attention_without_positions_is_noted_under_what_was_found(op, noted):
    row = {"depends": True, "changed": 0.0, "change_alike": 0.0, "by_other_words": 0.9}
    found = record(weights={"left_gradients": [[0, True]] * 5}, word_order={"inputs": [row]})
    found.watched = {"ops": [{"op": op, "line": 2}]}
    assert any("no positions" in text for text in judge(found)[0].explains) == noted
