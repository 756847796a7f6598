"""What a program writes out itself: updates without an optimizer, and which answer a ranking should raise."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import wordfit


def rows(count=240):
    """Ids (N, 6) whose class is the half of the vocabulary that most of them come from."""
    random = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 2, (count,), generator=random)
    ids = torch.randint(0, 10, (count, 6), generator=random) + 10 * labels.unsqueeze(1)
    return ids, labels


def trained_by_hand(update):
    torch.manual_seed(0)
    ids, labels = rows()
    net = nn.Sequential(nn.Embedding(20, 8), nn.Flatten(), nn.Linear(48, 2))
    with wordfit.watch() as exam:
        for i in range(0, len(ids), 16):
            F.cross_entropy(net(ids[i : i + 16]), labels[i : i + 16]).backward()
            with torch.no_grad():
                for p in net.parameters():
                    update(p)
                    p.grad = None
    return [type(known.live) for known in exam.recorder.optimizers.values()], [
        known.live.param_groups[0] for known in exam.recorder.optimizers.values()
    ]


@pytest.mark.parametrize(("sign", "maximize"), [(-1.0, False), (1.0, True)])
def test_an_update_along_the_gradient_is_heard_as_sgd_with_its_rate_and_direction(sign, maximize):
    kinds, groups = trained_by_hand(lambda p: p.add_(sign * 0.05 * p.grad))
    assert kinds == [torch.optim.SGD]
    assert groups[0]["lr"] == pytest.approx(0.05, rel=1e-3)
    assert groups[0]["maximize"] is maximize


def test_an_update_that_follows_no_gradient_is_not_heard():
    kinds, _ = trained_by_hand(lambda p: p.mul_(0.9).add_(torch.randn_like(p) * p.grad.abs()))
    assert kinds == []


def by_hand(anchor, near, far):
    """A triplet loss of distances, as people write it."""
    distances = [1 - F.cosine_similarity(anchor, other) for other in (near, far)]
    return F.relu(distances[0] - distances[1] + 0.5).mean()


def ranked(swapped, loss_of):
    """A bag that scores a question's own answer (words of the same topic) against another's by a triplet loss."""
    torch.manual_seed(0)
    random = torch.Generator().manual_seed(1)
    topic = torch.randint(0, 5, (400,), generator=random)
    other = (topic + torch.randint(1, 5, (400,), generator=random)) % 5
    asked, own, far = (
        torch.randint(0, 6, (400, 4), generator=random) + 6 * t.unsqueeze(1) for t in (topic, topic, other)
    )
    bag = nn.EmbeddingBag(30, 12)
    optimizer = torch.optim.Adam(bag.parameters(), lr=0.01)
    near, away = (far, own) if swapped else (own, far)
    with wordfit.watch() as exam:
        for _ in range(2):
            for i in range(0, 400, 20):
                part = slice(i, i + 20)
                loss = loss_of(bag(asked[part]), bag(near[part]), bag(away[part]))
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    exam.diagnose(20, {"belonging"})
    return exam.record.experiments["belonging"]


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("loss_of", [F.triplet_margin_loss, by_hand])
def test_the_words_of_the_rows_say_which_answer_goes_with_the_question(swapped, loss_of):
    found = ranked(swapped, loss_of)
    raised, lowered = found["raised_goes_with"], found["lowered_goes_with"]
    assert (raised < lowered) == swapped


@pytest.mark.parametrize("swapped", [False, True])
def test_single_things_that_are_ranked_for_a_row_are_texts_of_one(swapped):
    """What was taken next after four things of a topic, over anything drawn; one id a row, scored behind a layer."""
    torch.manual_seed(0)
    topic = torch.randint(0, 5, (800,))
    taken, then = (
        torch.randint(0, 6, size) + 6 * topic.reshape(-1, *[1] * (len(size) - 1)) for size in ((800, 4), (800,))
    )
    bag, things, layer = nn.EmbeddingBag(30, 12), nn.Embedding(30, 12), nn.Linear(12, 12)
    optimizer = torch.optim.Adam([*bag.parameters(), *things.parameters(), *layer.parameters()], lr=0.01)
    with wordfit.watch() as exam:
        for _ in range(2):
            for i in range(0, 800, 40):
                row = layer(bag(taken[i : i + 40]))
                own, other = ((row * things(ids)).sum(1) for ids in (then[i : i + 40], torch.randint(0, 30, (40,))))
                loss = -F.logsigmoid(other - own if swapped else own - other).mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    found = {f["cause"] for f in exam.diagnose(20, {"belonging", "losses"})["findings"] if f["severity"] == "error"}
    assert found == ({"flipped_loss_sign"} if swapped else set())
    facts = exam.record.experiments["belonging"]
    assert (facts["raised_goes_with"] < facts["lowered_goes_with"]) == swapped


def without_modules(step, start=0.3):
    """A table and a layer as bare tensors, no module anywhere; `step(loss, weights)` updates them."""
    torch.manual_seed(0)
    ids, labels = rows()
    table = (torch.randn(20, 8) * start).requires_grad_()
    layer = (torch.randn(8, 2) * start).requires_grad_()
    with wordfit.watch() as exam:
        for _ in range(2):
            for i in range(0, len(ids), 16):
                step(F.cross_entropy(table[ids[i : i + 16]].mean(1) @ layer, labels[i : i + 16]), [table, layer])
    return exam, table, layer


def in_place(loss, weights):
    loss.backward()
    with torch.no_grad():
        for w in weights:
            w -= 0.5 * w.grad
            w.grad = None


def through_data(loss, weights):
    loss.backward()
    for w in weights:
        w.data -= 0.5 * w.grad.data
        w.grad.zero_()


def asked_for(loss, weights):
    with torch.no_grad():
        for w, g in zip(weights, torch.autograd.grad(loss, weights)):
            w.sub_(0.5 * g)


@pytest.mark.parametrize("step", [in_place, through_data, asked_for])
def test_bare_tensors_updated_by_hand_are_weights_with_an_optimizer(step):
    exam, table, layer = without_modules(step)
    (known,) = exam.recorder.optimizers.values()
    assert {id(p) for p in known.held} == {id(table), id(layer)}
    assert known.live.param_groups[0]["lr"] == pytest.approx(0.5, rel=1e-3)
    assert exam.recorder.steps_done == 29  # the last of 30 is not heard: no step comes after it
    tapes = [s.tape for s in exam.recorder.train_steps]
    assert tapes
    assert not any(op.outs[0] in tape.parameters() for tape in tapes for op in tape.ops)


def test_experiments_on_bare_tensors_leave_them_as_they_are():
    exam, table, layer = without_modules(through_data)
    before = table.detach().clone(), layer.detach().clone()
    exam.diagnose(20, {"weights", "losses", "rates", "units"})
    assert torch.equal(table, before[0])
    assert torch.equal(layer, before[1])
    assert exam.record.experiments["rates"]["runs"]["1.0"]["after"] < exam.record.experiments["rates"]["first"]


def assigned(weight, gradient):
    weight.grad = gradient


def assigned_and_clipped(weight, gradient):
    weight.grad = gradient * 0.1


def added(weight, gradient):
    weight.grad = gradient if weight.grad is None else weight.grad + gradient


@pytest.mark.parametrize(("keep", "left"), [(assigned, False), (assigned_and_clipped, False), (added, True)])
def test_gradients_that_are_asked_for_add_up_only_where_the_program_adds_them(keep, left):
    torch.manual_seed(0)
    ids, labels = rows()
    net = nn.Sequential(nn.Embedding(20, 8), nn.Flatten(), nn.Linear(48, 2))
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    with wordfit.watch() as exam:
        for i in range(0, len(ids), 16):
            weights = list(net.parameters())
            halves = [
                torch.autograd.grad(F.cross_entropy(net(ids[n : n + 8]), labels[n : n + 8]), weights)
                for n in (i, i + 8)
            ]
            for weight, first, second in zip(weights, *halves):
                keep(weight, first + second)
            optimizer.step()
    assert {old for _, old in exam.recorder.left_gradients} == {left}


@pytest.mark.parametrize("trained", [True, False])
def test_a_weight_without_a_module_that_is_indexed_by_ids_is_a_table(trained):
    torch.manual_seed(0)
    ids, labels = rows()
    table, head = torch.randn(20, 8).mul(0.3), torch.randn(48, 2).mul(0.1).requires_grad_()
    weights = [table.requires_grad_(), head] if trained else [head]
    original = torch.Tensor.__getitem__
    with wordfit.watch() as exam:
        for i in range(0, len(ids), 16):
            loss = F.cross_entropy(table[ids[i : i + 16]].flatten(1) @ head, labels[i : i + 16])
            with torch.no_grad():
                for weight, gradient in zip(weights, torch.autograd.grad(loss, weights)):
                    weight -= 0.1 * gradient
    asked = [lookup for batch in exam.recorder.batches for lookup in batch.lookups]
    assert all(lookup.table is table for lookup in asked)
    assert [lookup.ids.tolist() for lookup in asked] == [b.tolist() for b in ids.split(16)][1:]
    assert torch.Tensor.__getitem__ is original


@pytest.mark.parametrize("empty", [True, False])
def test_a_batch_after_the_loss_broke_shows_which_rows_broke_it(empty):
    torch.manual_seed(0)
    table, head = torch.randn(20, 8).requires_grad_(), torch.randn(8, 2).requires_grad_()
    random = torch.Generator().manual_seed(3)
    with wordfit.watch() as exam:
        for step in range(14):
            flat, owner = torch.randint(20, (40,), generator=random), torch.arange(40) % 10
            owner[owner == 3] = 4 if empty and step > 4 else 3
            total = torch.zeros(10, 8).index_add(0, owner, table[flat])
            mean = total / torch.bincount(owner, minlength=10).unsqueeze(1)
            loss = F.cross_entropy(mean @ head, torch.arange(10) % 2)
            with torch.no_grad():
                for weight, gradient in zip((table, head), torch.autograd.grad(loss, (table, head))):
                    weight -= 0.1 * gradient
    found = exam.diagnose(20)["findings"]
    assert [f["cause"] for f in found if f["severity"] == "error"] == (["empty_sequence_mean"] if empty else [])


@pytest.mark.parametrize("stable", [True, False])
def test_a_loss_that_breaks_late_is_played_again_with_the_weights_that_it_broke_with(stable):
    torch.manual_seed(0)
    model, pairs = nn.EmbeddingBag(40, 6), torch.randint(0, 40, (200, 5))
    optimizer = torch.optim.Adam(model.parameters(), 0.1)
    with wordfit.watch() as exam:
        for _ in range(6):
            for rows in pairs.split(20):
                alike = F.normalize(model(rows)) @ F.normalize(model(rows.flip(1)[:, :3])).T / 0.0112
                if stable:
                    loss = (alike.logsumexp(1) - alike.diagonal()).mean()
                else:
                    loss = -(alike.exp().diagonal() / alike.exp().sum(1)).log().mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    found = exam.diagnose(20, {"numbers"})["findings"]
    assert [f["cause"] for f in found if f["severity"] == "error"] == ([] if stable else ["unstable_softmax"])
    assert (len(exam.recorder.last_sound) > 0) != stable


class Distance(nn.Module):
    """A loss that is a module of its own, of two answers of one call."""

    def __init__(self, least):
        super().__init__()
        self.least = least

    def forward(self, left, right, same):
        apart = (((left - right) ** 2).sum(1) + self.least).sqrt()
        return (same * apart**2 + (1 - same) * F.relu(1 - apart) ** 2).mean()


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(12, 4)

    def forward(self, left, right):
        return self.layer(left), self.layer(right)


@pytest.mark.parametrize(("least", "found"), [(0.0, ["zero_norm_gradient"]), (1e-6, [])])
def test_a_gradient_that_breaks_behind_a_loss_of_several_answers_is_found_on_tape(least, found):
    torch.manual_seed(0)
    model, loss = Two(), Distance(least)
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    left, right = torch.rand(320, 12).round(), torch.rand(320, 12).round()
    right[100] = left[100]
    same = (left[:, 0] == right[:, 0]).float()
    with wordfit.watch() as exam:
        for rows in torch.arange(320).split(32):
            optimizer.zero_grad()
            loss(*model(left[rows], right[rows]), same[rows]).backward()
            optimizer.step()
    diagnosis = exam.diagnose(20, {"gradients", "numbers"})
    assert [f["cause"] for f in diagnosis["findings"] if f["severity"] == "error"] == found
    assert all("why_not" not in batch for batch in exam.record.experiments.get("numbers", {}).get("batches", []))


@pytest.mark.parametrize(("far", "found"), [(15.0, ["unstable_softmax"]), (1.0, [])])
def test_exponentials_that_vanish_before_they_are_summed_up_are_no_empty_rows(far, found):
    torch.manual_seed(0)
    centres, rows = nn.Parameter(torch.randn(4, 8)), far * torch.randn(200, 8)
    optimizer = torch.optim.Adam([centres], 0.01)
    with wordfit.watch() as exam:
        for part in torch.arange(200).split(20):
            weight = (-(rows[part][:, None] - centres).pow(2).sum(-1)).exp()
            loss = -(weight / weight.sum(1, keepdim=True))[torch.arange(20), part % 4].log().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    said = {f["cause"] for f in exam.diagnose(20, {"numbers", "gradients", "losses"})["findings"]}
    assert sorted(said & {"unstable_softmax", "empty_sequence_mean"}) == found


def test_the_second_answer_of_a_ranking_is_no_target():
    torch.manual_seed(0)
    net, loss = nn.Sequential(nn.EmbeddingBag(20, 4), nn.Linear(4, 1), nn.Flatten(0)), nn.MarginRankingLoss(0.5)
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    with wordfit.watch() as exam:
        for _ in range(3):
            optimizer.zero_grad()
            loss(net(torch.randint(20, (8, 5))), net(torch.randint(20, (8, 5))), torch.ones(8)).backward()
            optimizer.step()
    assert [batch.targets for batch in exam.recorder.batches] == [[], [], []]


NEARNESS = {
    "distance": (lambda a, b: (a - b).abs().sum(-1), 1),
    "turned distance": (lambda a, b: -((a - b).pow(2).sum(-1) + 1e-9).sqrt(), -1),
    "product": (lambda a, b: (a * b).sum(-1), -1),
    "product behind a layer": (lambda a, b: (F.linear(a, torch.eye(6)) * b).sum(-1), -1),
}


def trained_on_links(score, turn, drawn):
    """What is found of tables of linked places (N, N) that are ranked over others: `drawn(head, tail)` makes these."""
    torch.manual_seed(0)
    heads, tails = nn.Embedding(60, 6), nn.Embedding(60, 6)
    links = torch.stack([torch.arange(60).repeat(8), (torch.arange(480) * 7) % 60], 1)
    optimizer = torch.optim.Adam([*heads.parameters(), *tails.parameters()], 0.05)
    with wordfit.watch() as exam:
        for _ in range(4):
            for head, tail in (part.T for part in links[torch.randperm(480)].split(40)):
                apart = score(heads(head), tails(tail)) - score(
                    *(t(i) for t, i in zip((heads, tails), drawn(head, tail)))
                )
                loss = F.relu(1.0 + turn * apart).mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    found = exam.diagnose(20, {"belonging", "losses"})["findings"]
    return [f["cause"] for f in found if f["severity"] == "error"]


@pytest.mark.parametrize("wrong", [False, True])
@pytest.mark.parametrize("many", [False, True])  # others beside every link
@pytest.mark.parametrize("kind", NEARNESS)
def test_what_was_drawn_at_random_is_not_brought_nearer_than_what_the_data_says(kind, many, wrong):
    score, turn = NEARNESS[kind]

    def other_tails(head, tail):
        shape = (5, len(tail)) if many else (len(tail),)
        return head.expand(shape), torch.where(torch.rand(shape) < 0.3, tail, torch.randint(60, shape))

    assert trained_on_links(score, -turn if wrong else turn, other_tails) == (["flipped_loss_sign"] if wrong else [])


def test_a_drawn_part_of_a_row_itself_may_be_brought_nearer():
    score, turn = NEARNESS["distance"]
    assert (
        trained_on_links(score, -turn, lambda head, tail: (head, tail[torch.randperm(len(tail)).sort().values])) == []
    )


@pytest.mark.parametrize("swapped", [False, True])
def test_of_negatives_from_the_batch_the_reordered_side_belongs_to_other_rows(swapped):
    """A question and its answer from two tables, and the batch's answers once more, rolled by one."""
    torch.manual_seed(0)
    topic = torch.randint(0, 5, (400,))
    asked, own = (torch.randint(0, 6, (400, 4)) + 6 * topic.unsqueeze(1) for _ in range(2))
    bags = nn.ModuleList([nn.EmbeddingBag(30, 12), nn.EmbeddingBag(30, 12)])
    optimizer = torch.optim.Adam(bags.parameters(), lr=0.01)
    with wordfit.watch() as exam:
        for _ in range(2):
            for i in range(0, 400, 20):
                a, b = (F.normalize(bag(ids[i : i + 20]), dim=1) for bag, ids in zip(bags, (asked, own)))
                near, far = (a * b).sum(1), (a * b.roll(i // 20 % 7 + 1, 0)).sum(1)
                loss = F.relu(0.4 + near - far).mean() if swapped else F.relu(0.4 - near + far).mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    exam.diagnose(20, {"belonging"})
    found = exam.record.experiments["belonging"]
    assert (found["raised_goes_with"] < found["lowered_goes_with"]) == swapped


def test_bare_layers_of_one_class_are_called_by_their_names():
    users, titles = nn.Embedding(9, 4), nn.Embedding(7, 4)
    optimizer = torch.optim.Adam([*users.parameters(), *titles.parameters()])
    with wordfit.watch() as exam:
        for _ in range(4):
            optimizer.zero_grad()
            (users(torch.arange(6)) * titles(torch.arange(6))).sum(1).pow(2).mean().backward()
            optimizer.step()
    exam.diagnose(10, {"tables"})
    names = {table["name"] for table in exam.record.experiments["tables"]["tables"]}
    assert names == {"users.weight", "titles.weight"}


def test_what_runs_inside_a_transform_is_said_to_be_out_of_reach():
    model = nn.Sequential(nn.Embedding(9, 4), nn.Flatten(), nn.Linear(8, 2))
    weights = {name: p.detach() for name, p in model.named_parameters()}
    ids, target = torch.randint(0, 9, (12, 2)), torch.randint(0, 2, (12,))

    def cost(values):
        return F.cross_entropy(torch.func.functional_call(model, values, (ids,)), target)

    with wordfit.watch() as exam:
        for _ in range(3):
            change = torch.func.grad(cost)(weights)
            weights = {name: weights[name] - 0.1 * change[name] for name in weights}
    exam.diagnose(5)
    assert exam.record.watched["troubles"] == []
    assert exam.record.diagnosis["healthy"] is None
    assert any("torch.func" in row["what"] for row in exam.record.watched["not_examined"])
