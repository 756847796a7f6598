"""Habits of evaluation: all rows at once, several sets side by side, prefixes of rows, words alone, critics' biases."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import nn

import wordfit
from wordfit.doctor.choosing import choose
from wordfit.doctor.diagnose import judge
from wordfit.doctor.experiments.texts.data import _order_of_numbers
from wordfit.doctor.held_rows import supply_targets
from wordfit.doctor.names import Names
from wordfit.doctor.rows import Rows
from wordfit.doctor.seen import Batch
from wordfit.doctor.split import Split
from wordfit.doctor.watch import Recorder
from wordfit.doctor.word_rows import words_of
from wordfit.record import Record

GENERATOR = torch.Generator().manual_seed(0)
TEXTS = torch.randint(1, 90, (300, 7), generator=GENERATOR)
KINDS = (TEXTS < 45).sum(1).gt(3).long()


class Bag(nn.Module):
    def __init__(self, width=2):
        super().__init__()
        self.table, self.out = nn.Embedding(90, 6), nn.Linear(6, width)

    def forward(self, ids):
        return self.out(self.table(ids).mean(1))


def trained(model, texts, loss_of, evaluate, epochs=2, batch=20):
    torch.manual_seed(0)
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    with wordfit.watch() as exam:
        for _ in range(epochs):
            for i in torch.randperm(len(texts)).split(batch):
                optimizer.zero_grad()
                loss_of(model(texts[i]), i).backward()
                optimizer.step()
            with torch.no_grad():
                evaluate(model)
    return exam


def causes(exam, only):
    return [f["cause"] for f in exam.diagnose(20, only)["findings"] if f["severity"] == "error"]


def test_all_rows_answered_at_once_and_parted_afterwards_are_no_leak():
    def parted(model):
        right = model(TEXTS).argmax(1) == KINDS
        return right[:240].float().mean().item(), right[240:].float().mean().item()

    def parted_and_probed(model):
        return *parted(model), model(torch.arange(1, 64).view(9, 7))

    def whole(model):
        return (model(TEXTS).argmax(1) == KINDS).float().mean().item()

    def loss_of(answers, i):
        return nn.functional.cross_entropy(answers, KINDS[i])

    for evaluate in (parted, parted_and_probed):
        assert causes(trained(Bag(), TEXTS[:240], loss_of, evaluate), {"data"}) == []
    exam = trained(Bag(), TEXTS[:240], loss_of, whole)
    assert exam.diagnose(20, {"data"})["findings"][0]["cause"] == "train_dev_leak"


def test_a_part_of_the_training_set_compared_first_does_not_stand_for_the_held_out_rows():
    def side_by_side(model):
        new, known = model(TEXTS[240:]), model(TEXTS[:100])
        return (known.argmax(1) == KINDS[:100]).float().mean(), (new.argmax(1) == KINDS[240:]).float().mean()

    exam = trained(Bag(), TEXTS[:240], lambda a, i: nn.functional.cross_entropy(a, KINDS[i]), side_by_side)
    split = Split(exam.recorder)
    assert [b.inputs[0].tolist() for b in split.dev_batches] == [TEXTS[240:].tolist()]
    assert causes(exam, {"data"}) == []


def test_rows_that_repeat_over_both_sets_are_held_out_though_next_to_all_of_them_are_known():
    order = torch.randperm(900, generator=torch.Generator().manual_seed(3)) % 300
    train, dev = order[:700], order[700:]

    def one_loop(model):
        return [(model(TEXTS[rows]).argmax(1) == KINDS[rows]).float().mean().item() for rows in (train, dev)]

    def other_way_round(model):
        return [(model(TEXTS[rows]).argmax(1) == KINDS[rows]).float().mean().item() for rows in (dev, train)]

    def loss_of(answers, i):
        return nn.functional.cross_entropy(answers, KINDS[train[i]])

    assert 0 < (~torch.isin(dev, train)).sum() < 0.1 * len(dev)
    for evaluate in (one_loop, other_way_round):
        exam = trained(Bag(), TEXTS[train], loss_of, evaluate)
        assert [b.inputs[0].tolist() for b in Split(exam.recorder).dev_batches] == [TEXTS[dev].tolist()]
        assert causes(exam, {"data"}) == ["train_dev_leak"]


@pytest.mark.parametrize(("trained_on", "found"), [(slice(0, 300), ["train_dev_leak"]), (slice(0, 180), [])])
def test_a_part_of_the_training_set_that_is_evaluated_beside_all_of_it_was_to_be_held_out(trained_on, found):
    train = torch.arange(300)[trained_on]

    def both(model):
        known = (model(TEXTS[train]).argmax(1) == KINDS[train]).float().mean().item()
        return known, (model(TEXTS[180:]).argmax(1) == KINDS[180:]).float().mean().item()

    def loss_of(answers, i):
        return nn.functional.cross_entropy(answers, KINDS[train[i]])

    exam = trained(Bag(), TEXTS[train], loss_of, both, epochs=8)
    assert [b.inputs[0].tolist() for b in Split(exam.recorder).dev_batches] == [TEXTS[180:].tolist()]
    assert causes(exam, {"data"}) == found


def test_what_is_read_after_two_sets_of_one_size_is_the_target_of_neither():
    first, second = TEXTS[240:270], TEXTS[270:]

    def picked_by_threshold(model):
        scores = model(first).squeeze(1).numpy(), model(second).squeeze(1).numpy()
        KINDS[240:270].numpy()
        return scores

    def one_by_one(model):
        for rows, kinds in ((first, KINDS[240:270]), (second, KINDS[270:])):
            model(rows).squeeze(1).numpy(), kinds.numpy()

    def loss_of(answers, i):
        return nn.functional.binary_cross_entropy_with_logits(answers.squeeze(1), KINDS[i].float())

    def targets(evaluate):
        return Split(trained(Bag(1), TEXTS[:240], loss_of, evaluate).recorder).dev.targets

    assert set(targets(picked_by_threshold)) == {None}
    assert targets(one_by_one) == KINDS[240:].tolist()


def test_the_last_of_layers_called_one_by_one_answers():
    table, out = nn.EmbeddingBag(90, 6), nn.Linear(6, 1)
    optimizer = torch.optim.SGD([*table.parameters(), *out.parameters()], 0.1)
    with wordfit.watch() as exam:
        for rows, kinds in zip(TEXTS.split(20), KINDS.split(20)):
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(out(table(rows)).squeeze(1), kinds.float()).backward()
            optimizer.step()
        with torch.no_grad():
            scores = out(table(TEXTS))
    split = Split(exam.recorder)
    assert torch.equal(split.answer_of(split.dev_batches[-1], len(TEXTS)), scores)


def test_words_alone_are_rows():
    words = torch.randperm(90, generator=torch.Generator().manual_seed(1))
    kinds = words % 3

    class Word(nn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.out = nn.Embedding(90, 6), nn.Linear(6, 3)

        def forward(self, ids):
            return self.out(self.table(ids))

    def both(model):
        for part in (words[60:], words[:60]):
            (model(part).argmax(1) == part % 3).float().mean().item()

    exam = trained(Word(), words[:60], lambda a, i: nn.functional.cross_entropy(a, kinds[i]), both, batch=10)
    split = Split(exam.recorder)
    assert split.first_epoch == 6
    assert split.dev.texts == [((i,),) for i in words[60:].tolist()]
    assert split.dev.targets == kinds[60:].tolist()


class Reader(nn.Module):
    """A language model over words and positions; a word's answer knows the word alone."""

    def __init__(self):
        super().__init__()
        self.words, self.places, self.out = nn.Embedding(30, 8), nn.Embedding(12, 8), nn.Linear(8, 30)

    def forward(self, ids):
        return self.out(self.words(ids) + self.places(torch.arange(ids.shape[1])))


@pytest.mark.parametrize("writes", [False, True])
def test_a_language_model_asked_for_every_next_word_of_the_data_writes_nothing(writes):
    random = torch.Generator().manual_seed(2)
    rows = torch.randint(4, 30, (120, 10), generator=random)
    lengths = torch.randint(4, 10, (120,), generator=random)
    for row, length in zip(rows, lengths.tolist()):
        row[length:] = 0
        row[length - 1] = row[1] = 3  # a full stop ends rows, and stands inside of them

    def evaluate(model):
        model(rows[100:, :-1]).logsumexp(2)
        for row, length in zip(rows[100:110], lengths[100:110].tolist()):
            words = row[None, :2]
            for n in range(3, length):
                best = model(words)[0, -1].argmax()
                words = torch.cat([words, best.view(1, 1)], 1) if writes else row[None, :n]

    def loss_of(answers, i):
        return nn.functional.cross_entropy(answers.flatten(0, 1), rows[:100][i][:, 1:].flatten(), ignore_index=0)

    class Shorter(Reader):
        def forward(self, ids):
            return super().forward(ids[:, :-1] if self.training and torch.is_grad_enabled() else ids)

    exam = trained(Shorter(), rows[:100], loss_of, evaluate)
    exam.diagnose(20, {"data", "sequence", "forcing"})
    sequence = exam.record.experiments["sequence"]
    assert (sequence["decodes"] >= 5) == writes


def weight(name, grads):
    return {"name": name, "shape": [4], "numel": 4, "trainable": True, "held": True, "in_model": True, "on_path": True,
            "grads": grads, "moved": 0.0 if not any(grads) else 0.3, "table": False, "known_start": True}  # fmt: skip


@pytest.mark.parametrize(("dead", "cause"), [(0.2, "gradient_path_cut"), (1.0, "dead_units")])
def test_weights_behind_dead_units_are_reached_and_given_nothing(dead, cause):
    rows = [weight("C.out.bias", [0.3, 0.2]), weight("C.enc.weight", [0.0, 0.0])]
    layer = {"op": "relu", "line": 9, "before_answer": True, "start": {"dead": dead}}
    layer["end"] = {"dead": dead, "units": 32, "zeros": dead}
    weights = {"rows": rows, "cuts": [{"op": "norm", "no_grad": True, "line": 20, "file": "p.py"}]}
    found = judge(Record(experiments={"weights": weights, "units": {"activations": [layer]}}))
    assert [f.cause for f in found if f.severity == "error"] == [cause]


@pytest.mark.parametrize(
    ("weights", "named"), [(["C.4.weight", "C.4.bias"], False), (["C.4.weight", "C.2.bias"], True)]
)
def test_a_bias_whose_gradients_add_up_to_zero_is_not_cut_off(weights, named):
    rows = [weight(weights[0], [0.3, 0.2]), weight(weights[1], [0.0, 0.0])]
    cuts = [{"op": "linear", "no_grad": True, "line": 20, "file": "p.py"}]
    found = judge(Record(experiments={"weights": {"rows": rows, "cuts": cuts}}))
    assert ("gradient_path_cut" in [f.cause for f in found]) == named


@pytest.mark.parametrize(
    ("course", "severity"), [((0.61, 0.69, 0.70, 0.71), "error"), ((0.61, 0.62, 0.65, 0.68), "warning")]
)
def test_training_on_is_an_error_where_as_long_again_brings_much(course, severity):
    onward = {"accuracy": course[0], "recall": course[0], "course": [[c, c] for c in course[1:]], "rows": 2000}
    found = judge(Record(experiments={"onward": onward}))
    assert [(f.cause, f.severity) for f in found] == [("too_few_steps", severity)]


def test_actions_that_were_drawn_are_no_targets():
    def rewarded(answers, i):
        drawn = torch.distributions.Categorical(logits=answers)
        action = drawn.sample()
        reward = (action == KINDS[i]).float() - 0.5
        return -(reward * drawn.log_prob(action)).mean()

    exam = trained(Bag(), TEXTS[:240], rewarded, lambda model: model(TEXTS[240:]))
    assert all(target is None for target in Split(exam.recorder).train.targets)


def test_words_of_all_rows_looked_up_step_by_step_are_no_texts():
    torch.manual_seed(0)
    ids = torch.arange(200).reshape(25, 8) % 23  # (time, streams)
    weights = [torch.randn(23, 9) * 0.1, torch.randn(9, 9) * 0.1, torch.randn(9, 23) * 0.1]
    for weight in weights:
        weight.requires_grad_(True)
    optimizer = torch.optim.Adagrad(weights, 0.1)
    with wordfit.watch() as exam:
        for _ in range(3):
            for start in range(0, 20, 5):
                given, after = ids[start : start + 5], ids[start + 1 : start + 6]
                state, states = torch.zeros(8, 9), []
                for words in given:
                    state = torch.tanh(weights[0][words] + state @ weights[1])
                    states.append(state)
                scores = torch.log_softmax(torch.stack(states) @ weights[2], -1)
                optimizer.zero_grad()
                (-scores.gather(2, after[..., None]).mean()).backward()
                optimizer.step()
    case = choose(exam.recorder, Names(exam.recorder))
    assert case.rows == 8
    assert causes(exam, {"company"}) == []


@pytest.mark.parametrize(
    ("line", "remarked"),
    [
        ("table = nn.Embedding.from_pretrained(vectors)  # frozen", True),
        ("# the vectors are not trained", True),
        ("# GloVe, 50 numbers a word", False),
    ],
)
def test_a_table_that_its_author_calls_frozen_is_frozen_on_purpose(line, remarked):
    behind = line.startswith("table")
    lines = {
        "7": line if not behind else "x = 1",
        "8": line if behind else "table = nn.Embedding.from_pretrained(vectors)",
    }
    call = {"in_model": True, "freeze": None, "shape": [9, 3], "file": "p.py", "line": 8}
    table = {"name": "table.weight", "module": "table", "rows": 9, "width": 3, "trainable": False, "made": ["p.py", 8],
             "group": {"groups": 1, "of": 3, "lr": 0.1, "optimizer": "Adam"}}  # fmt: skip
    record = Record(experiments={"vectors": {"pretrained_calls": [call]}, "tables": {"tables": [table]}})
    record.watched = {"code": {"p.py": lines}}
    assert ("frozen_by_default" in [f.cause for f in judge(record)]) != remarked


@pytest.mark.parametrize(
    ("line", "said"), [("nn.EmbeddingBag.from_pretrained(vectors, freeze=True)", True), ("make(vectors, flag)", False)]
)
def test_a_freeze_that_is_spelled_out_is_on_purpose_though_an_optimizer_holds_the_table(line, said):
    call = {"in_model": True, "freeze": True, "shape": [9, 3], "file": "p.py", "line": 8}
    table = {"name": "table.weight", "module": "table", "rows": 9, "width": 3, "trainable": False, "made": ["p.py", 8],
             "group": {"groups": 2, "of": 1, "lr": 0.1, "optimizer": "Adam"}}  # fmt: skip
    record = Record(experiments={"vectors": {"pretrained_calls": [call]}, "tables": {"tables": [table]}})
    record.watched = {"code": {"p.py": {"8": line}}}
    assert ("frozen_by_default" in [f.cause for f in judge(record)]) != said


def test_errors_written_out_over_columns_of_a_loader_are_measured_on_the_tensors_it_was_made_of():
    generator = torch.Generator().manual_seed(5)
    users, items = torch.randint(0, 20, (400,), generator=generator), torch.randint(0, 30, (400,), generator=generator)
    stars = torch.randn(20, generator=generator)[users] + torch.randn(30, generator=generator)[items]
    data = [
        torch.utils.data.TensorDataset(*(t[part] for t in (users, items, stars)))
        for part in (slice(300), slice(300, 400))
    ]

    class Bias(nn.Module):
        def __init__(self):
            super().__init__()
            self.user, self.item = nn.Embedding(20, 1), nn.Embedding(30, 1)

        def forward(self, user, item):
            return (self.user(user) + self.item(item)).squeeze(1)

    model = Bias()
    optimizer = torch.optim.Adam(model.parameters(), 0.05)
    with wordfit.watch() as exam:
        for user, item, star in torch.utils.data.DataLoader(data[0], 20, shuffle=True):
            optimizer.zero_grad()
            (model(user, item) - star).pow(2).mean().backward()
            optimizer.step()
        with torch.no_grad():
            user, item, star = data[1].tensors
            ((model(user, item) - star) ** 2).mean().sqrt().item()
    supply_targets(exam.recorder, choose(exam.recorder, Names(exam.recorder)))
    assert torch.equal(exam.recorder.batches[-1].targets[0], stars[300:])


def test_nothing_is_suspected_where_no_training_was_seen():
    dev = {"accuracy": 0.06, "rows": 100, "balanced": 0.06}
    record = Record(experiments={"data": {"dev": dev}, "reference": {"crossed_majority": 0.3}})
    assert [f.cause for f in judge(record)] == ["flipped_loss_sign"]
    record.watched = {"not_examined": [{"what": "the training", "why": "no backward pass was seen"}]}
    assert judge(record) == []


def test_answers_to_two_sets_compared_afterwards_belong_to_the_sets_of_their_sizes():
    def both(model):
        new, known = model(TEXTS[240:]).argmax(1), model(TEXTS[:240]).argmax(1)
        return (known == KINDS[:240]).float().mean(), (new == KINDS[240:]).float().mean()

    exam = trained(Bag(), TEXTS[:240], lambda a, i: nn.functional.cross_entropy(a, KINDS[i]), both)
    assert Split(exam.recorder).dev.targets == KINDS[240:].tolist()


def test_one_model_that_is_set_back_before_every_fold_was_trained_on_the_rows_of_the_last():
    model, folds = Bag(), torch.arange(240).split(80)
    with wordfit.watch() as exam:
        for fold in folds:
            model.__init__()
            optimizer = torch.optim.Adam(model.parameters(), 0.02)
            rest = torch.tensor([i for i in range(240) if i not in fold])
            for _ in range(2):
                for i in rest[torch.randperm(160)].split(20):
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(TEXTS[i]), KINDS[i]).backward()
                    optimizer.step()
            with torch.no_grad():
                (model(TEXTS[fold]).argmax(1) == KINDS[fold]).float().mean().item()
    split = Split(exam.recorder)
    assert set(split.train.texts).isdisjoint(split.dev.texts)
    assert causes(exam, {"data"}) == []


def test_averages_of_the_models_of_several_folds_are_judged_by_the_rows_of_the_last_fold():
    rest, final, averages, votes = torch.arange(200), torch.arange(200, 300), [], 0
    with wordfit.watch() as exam:
        for fold in rest.split(50):
            model = Bag()
            average = copy.deepcopy(model).requires_grad_(False)
            optimizer = torch.optim.Adam(model.parameters(), 0.02)
            others = torch.tensor([i for i in rest.tolist() if i not in fold])
            for i in [*others.split(15)] * 3:
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(TEXTS[i]), KINDS[i]).backward()
                optimizer.step()
                with torch.no_grad():
                    for mean, weight in zip(average.parameters(), model.parameters()):
                        mean.lerp_(weight, 0.2)
            with torch.no_grad():
                for part in (others, fold):
                    (average(TEXTS[part]).argmax(1) == KINDS[part]).float().mean().item()
            averages.append(average)
        with torch.no_grad():
            votes = sum(m(TEXTS[final]).softmax(1) for m in averages)
            (votes.argmax(1) == KINDS[final]).float().mean().item()
    split = Split(exam.recorder)
    assert set(split.train.texts) == {(tuple(row),) for row in TEXTS[:150].tolist()}
    assert set(split.train.texts).isdisjoint(split.dev.texts)
    assert split.dev.targets == KINDS[150:200].tolist()
    assert len(split.last_losses) == len(exam.recorder.losses) / 4
    assert causes(exam, {"data"}) == []


def test_rows_of_numbers_leave_room_for_the_evaluation(monkeypatch):
    monkeypatch.setattr("wordfit.doctor.watch.batches.MOST_TRAINED", 2_000)
    monkeypatch.setattr("wordfit.doctor.watch.batches.MOST_VALUES", 4_000)
    rows = torch.randn(240, 20, generator=GENERATOR)
    kinds = (rows[:, 0] > 0).long()

    def loss_of(answers, i):
        return nn.functional.cross_entropy(answers, kinds[i])

    exam = trained(nn.Linear(20, 2), rows[:200], loss_of, lambda m: (m(rows[200:]).argmax(1) == kinds[200:]).sum())
    split = Split(exam.recorder)
    assert split.dev.targets == kinds[200:].tolist()
    assert len(split.train) < 200


def test_all_rows_of_a_training_set_that_was_kept_in_part_are_not_held_out(monkeypatch):
    monkeypatch.setattr("wordfit.doctor.watch.batches.MOST_TRAINED", 2_000)
    rows = torch.randn(200, 20, generator=GENERATOR)
    kinds = (rows[:, 0] > 0).long()

    def loss_of(answers, i):
        return nn.functional.cross_entropy(answers, kinds[i])

    exam = trained(nn.Linear(20, 2), rows, loss_of, lambda m: (m(rows).argmax(1) == kinds).sum())
    split = Split(exam.recorder)
    assert 0 < len(split.train) < 200
    assert not split.whole_pass
    assert not len(split.dev)


def test_what_no_trained_weight_leads_to_pools_no_rows():
    op = {"op": "mean", "inputs": [[450, 12]], "shape": [12], "after_model": False, "learned": True, "line": 4}
    for trained_, found in ((True, ["pooling_over_batch"]), (False, [])):
        poor = {"dev": {"accuracy": 0.5, "majority": {"share": 0.5}}}
        company = {"answer_has_rows": False, "rows": 450, "answer_shape": [64]}
        record = Record(experiments={"company": company, "data": poor})
        record.watched = {"ops": [op | {"trained": trained_}], "layout": {"rows": 450}}
        assert [f.cause for f in judge(record) if f.severity == "error"] == found


@pytest.mark.parametrize(("shuffled", "found"), [(True, []), (False, ["unshuffled_training_data"])])
def test_rows_alike_that_are_batched_together_are_shuffled_if_the_batches_are(shuffled, found):
    values = torch.arange(600).float() / 100
    batches = list(range(20))
    if shuffled:
        batches = torch.randperm(20, generator=torch.Generator().manual_seed(2)).tolist()
    order = [30 * b + n for b in batches for n in range(30)]
    rows = Rows([((i,),) for i in range(600)], values[order].tolist(), batches=[n // 30 for n in range(600)])
    data = {"order": _order_of_numbers(rows)}
    assert [f.cause for f in judge(Record(experiments={"data": data})) if f.severity == "error"] == found


def test_a_mask_that_picks_what_counts_is_no_truth_about_it():
    weight, words = torch.nn.Parameter(torch.randn(40, 6)), torch.rand(24, 40, generator=GENERATOR)
    who = torch.arange(24) % 6
    optimizer = torch.optim.Adam([weight], 0.01)
    with wordfit.watch() as exam:
        for _ in range(8):
            near = nn.functional.normalize(words @ weight) @ nn.functional.normalize(words @ weight).T
            same = who[:, None] == who[None, :]
            valid = (same & ~torch.eye(24, dtype=torch.bool)).unsqueeze(2) & ~same.unsqueeze(1)
            loss = torch.relu(near.unsqueeze(1) - near.unsqueeze(2) + 0.3)[valid].mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert "flipped_loss_sign" not in causes(exam, {"losses"})


def test_a_mask_that_fills_what_does_not_count_is_no_truth_about_it():
    """The likelihood of all right answers together: what the mask fills are the wrong ones."""
    weight, words = torch.nn.Parameter(torch.randn(40, 6)), torch.rand(24, 40, generator=GENERATOR)
    right = torch.rand(24, 6, generator=GENERATOR) < 0.4
    right[:, 0] = True
    optimizer = torch.optim.Adam([weight], 0.01)
    with wordfit.watch() as exam:
        for _ in range(8):
            scores = words @ weight
            loss = (scores.logsumexp(1) - scores.masked_fill(~right, -1e30).logsumexp(1)).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert "flipped_loss_sign" not in causes(exam, {"losses"})


def test_places_that_a_mask_leaves_out_are_no_class_that_a_loss_passes_over():
    """The likelihood that falls on any right place of a row: words at wrong places have no class."""
    ids = torch.randint(1, 40, (80, 9), generator=GENERATOR)
    ids[torch.arange(9) >= torch.randint(5, 10, (80, 1), generator=GENERATOR)] = 0
    right = (ids < 12) & (ids > 0)
    right[:, 0] = True

    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.words = nn.Sequential(nn.Embedding(40, 8, padding_idx=0), nn.Linear(8, 1))

        def forward(self, ids):
            return self.words(ids).squeeze(2).masked_fill(ids == 0, -torch.inf).log_softmax(1)

    torch.manual_seed(0)
    model = Reader()
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    with wordfit.watch() as exam:
        for part in torch.arange(80).split(10):
            loss = -model(ids[part]).masked_fill(~right[part], -torch.inf).logsumexp(1).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert "ignore_index_drops_class" not in causes(exam, {"data", "losses", "ignored"})


@pytest.mark.parametrize("sets", [1, 2])
def test_answers_of_several_batches_that_are_compared_together_are_parted(sets):
    """Answers to parts of a set are joined before they are compared: every part has its targets."""
    ids = torch.randint(0, 30, (130, 5), generator=GENERATOR)
    kinds = (ids[:, 0] > 14).long()
    model = nn.Sequential(nn.Embedding(30, 4), nn.Flatten(), nn.Linear(20, 2))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with wordfit.watch() as exam:
        for part in torch.arange(60).split(20):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(ids[part]), kinds[part]).backward()
            optimizer.step()
        with torch.no_grad():
            for n in range(sets):
                rows = torch.arange(60 + 35 * n, 95 + 35 * n)
                answers = torch.cat([model(ids[part]).argmax(1) for part in rows.split(15)])
                assert (answers == kinds[rows]).shape == (35,)
    split = Split(exam.recorder)
    assert split.dev.targets == kinds[60 : 60 + 35 * sets].tolist()
    assert len(split.dev.answers) == 35 * sets


def test_letters_of_all_rows_one_after_the_other_are_no_targets_of_rows():
    split = Split(Recorder())
    batch = Batch(0, targets=[torch.arange(6)], losses=["ctc_loss"], inputs=[torch.randn(6, 2)])
    assert split.target_of(batch, 6) is None
    assert split.target_of(replace(batch, losses=["cross_entropy"]), 6) == [0, 1, 2, 3, 4, 5]
    assert split.target_of(replace(batch, targets=[torch.arange(12).view(6, 2)]), 6)[1] == (2, 3)


@pytest.mark.parametrize("numbered", [True, False])
def test_ids_one_after_the_other_are_parted_by_the_row_numbers_beside_them(numbered):
    """Without an order from 0 to the last row, what stands beside the ids says nothing of rows."""

    class Ragged(nn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.out = nn.Parameter(torch.randn(90, 6)), nn.Linear(6, 2)

        def forward(self, flat, owner):
            summed = torch.zeros(int(owner.max()) + 1, 6).index_add(0, owner, self.table[flat])
            return self.out(summed)

    def fed(texts):
        owner = torch.arange(len(texts)).repeat_interleave(texts.shape[1])
        order = torch.arange(len(owner)) if numbered else torch.arange(len(owner)).flip(0)
        return texts.flatten()[order], owner[order]

    torch.manual_seed(0)
    model = Ragged()
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    with wordfit.watch() as exam:
        for rows in torch.arange(240).split(20):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(*fed(TEXTS[rows])), KINDS[rows]).backward()
            optimizer.step()
        with torch.no_grad():
            (model(*fed(TEXTS[240:])).argmax(1) == KINDS[240:]).float().mean()
    split = Split(exam.recorder)
    assert split.train.texts == ([(tuple(t),) for t in TEXTS[:240].tolist()] if numbered else [])
    assert split.dev.texts == ([(tuple(t),) for t in TEXTS[240:].tolist()] if numbered else [])


def test_targets_of_words_are_known_by_their_place_in_the_loader_though_the_loss_takes_them_in_one_row():
    torch.manual_seed(0)
    labels = TEXTS % 3
    model = nn.Sequential(nn.Embedding(90, 6), nn.Linear(6, 3))
    optimizer = torch.optim.Adam(model.parameters(), 0.02)

    def loader(part):
        return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(TEXTS[part], labels[part]), 20)

    with wordfit.watch() as exam:
        for x, y in loader(slice(240)):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x).flatten(0, 1), y.flatten()).backward()
            optimizer.step()
        with torch.no_grad():
            right = 0
            for x, y in loader(slice(240, None)):
                keep = y != 0
                right += (model(x).argmax(-1)[keep] == y[keep]).sum().item()
    rows = words_of(Split(exam.recorder))
    assert rows["dev"].targets == labels[240:].flatten().tolist()
    assert len(rows["train"]) == TEXTS[:240].numel()


def test_a_part_of_a_training_set_of_many_rows_is_no_leak():
    """Of the training set 20,000 rows are sampled; which texts were trained on is known of all of them."""
    torch.manual_seed(0)
    texts = torch.randint(0, 5000, (26_000, 3)).unique(dim=0)
    texts = texts[torch.randperm(len(texts))]
    kinds = (texts.sum(1) > 7500).long()
    model = Bag()
    model.table = nn.Embedding(5000, 6)
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    with wordfit.watch() as exam:
        for _ in range(2):
            for rows in torch.randperm(25_000).split(500):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(texts[rows]), kinds[rows]).backward()
                optimizer.step()
            with torch.no_grad():
                for part in (slice(3000), slice(25_000, None)):
                    (model(texts[part]).argmax(1) == kinds[part]).float().mean()
    split = Split(exam.recorder)
    assert len(split.train) < 25_000 == len(split.known)
    assert len(split.chosen_by) == 0
    assert [tuple(t[0]) for t in split.dev.texts] == [tuple(t) for t in texts[25_000:].tolist()]


def test_of_a_large_training_set_that_was_kept_in_part_its_own_evaluation_is_left_out():
    """Rows of an evaluation are a sample as well: of 25,000 that come again 20,000 are met."""
    model = Bag()
    texts = torch.arange(25_500 * 2).view(-1, 2)

    def batch(rows, **about):
        return Batch(inputs=[texts[rows]], outputs=[torch.zeros(len(texts[rows]), 2)], root=model, **about)

    recorder = Recorder()
    recorder.backwards = 60  # more than were kept
    recorder.batches = [
        batch(slice(n, n + 500), step=n // 500, training=True, targets=[torch.zeros(500, dtype=torch.long)])
        for n in range(0, 25_000, 500)
    ]
    recorder.batches += [
        batch(slice(n, n + 500), step=60, grad=False, called_at=(1 + (n >= 25_000),)) for n in range(0, 25_500, 500)
    ]
    split = Split(recorder)
    assert not split.whole_pass
    assert [b.called_at for b in split._without_all_known(split.eval_batches)] == [(2,)]
