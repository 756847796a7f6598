"""The compiled epoch steps as torch does with one row at a time."""

import numpy as np
import pytest
import torch

from tests.training.test_trainer import parameters, prepared
from wordfit.data import Encoded
from wordfit.embedding import TouchedRows, Tuning, WordEmbedding
from wordfit.models import build_network
from wordfit.training import Observer, Settings, fit
from wordfit.training.bag import BagFit, BagTrainer, refusal
from wordfit.training.runs import network_config, new_network

ROWS, WORDS, WIDTH = 30, 20, 6
HEADS = {
    "classes": {"kind": "classes", "outputs": 3},
    "smoothed": {"kind": "classes", "outputs": 3, "label_smoothing": 0.2},
    "binary": {"kind": "binary", "label_smoothing": 0.1, "class_weights": [2.0]},
    "labels": {"kind": "labels", "outputs": 2, "class_weights": [2.0, 0.5]},
    "bounded": {"kind": "score", "bounds": (1.0, 5.0)},
    "score": {"kind": "score", "centre": 3.0, "scale": 2.0},
}
TUNED = {
    "tuned": Tuning(lr_multiplier=0.5),
    "frozen": Tuning(lr_multiplier=0.0),
    "pulled": Tuning(anchor=0.3, decay=0.1),
    "unknown": Tuning(known_words=False),
}


def texts(random):
    """Rows of different words, some of them empty."""
    rows = [random.permutation(np.arange(1, WORDS))[: random.integers(0, 7)] for _ in range(ROWS)]
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    return Encoded(np.concatenate(rows).astype(np.int32), offsets)


def targets(head, random):
    if head["kind"] == "score":
        return random.uniform(1, 5, ROWS).astype(np.float32)
    if head["kind"] == "labels":
        return random.random((ROWS, 2)) < 0.4
    return random.integers(0, 2 if head["kind"] == "binary" else 3, ROWS)


def network(head, tuning, encoder="mean"):
    torch.manual_seed(0)
    random = np.random.default_rng(1)
    matrix = random.normal(size=(WORDS, WIDTH)).astype(np.float32)
    embedding = WordEmbedding(matrix, tuning, random.random(WORDS) < 0.5)
    config = {"encoder": {"name": encoder}, "head": {"name": "linear", **head}}
    return build_network(config, embedding, torch.from_numpy(random.random(WORDS).astype(np.float32)))


def plain_epoch(net, settings, text, target, order, rates):
    """The twin in torch: a batch is a row."""
    make = {"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad}[settings.optimizer]
    head = make(net.head.parameters(), lr=1.0)
    optimizers = [head] if settings.tuning.frozen else [head, TouchedRows([net.embedding], make, lr=1.0)]
    total = 0.0
    for done, row in enumerate(order):
        for optimizer in optimizers:
            optimizer.zero_grad()
            group = optimizer.param_groups[0]
            group["lr"] = group.get("multiplier", 1.0) * (rates[0] + (rates[1] - rates[0]) * done / len(order))
        ids, mask = text.padded(np.array([row]))
        loss = net.head.loss(net(torch.from_numpy(ids), torch.from_numpy(mask)), torch.as_tensor(target[[row]]))
        loss.backward()
        if settings.clip:
            torch.nn.utils.clip_grad_norm_(net.head.parameters(), settings.clip)
        for optimizer in optimizers:
            optimizer.step()
        total += loss.item()
    return total / len(order)


@pytest.mark.parametrize("rule", ["sgd", "adagrad"])
@pytest.mark.parametrize(
    ("head", "tuning", "encoder", "clip"),
    [(head, "tuned", "mean", 0.0) for head in HEADS]
    + [("classes", tuning, "mean", 0.0) for tuning in ("frozen", "pulled", "unknown")]
    + [("classes", "tuned", "sif", 0.1)],
)
def test_an_epoch_is_torchs_with_one_row_a_step(head, tuning, encoder, clip, rule):
    random = np.random.default_rng(0)
    text, target = texts(random), targets(HEADS[head], random)
    settings = Settings(tuning=TUNED[tuning], encoder=encoder, optimizer=rule, clip=clip, batch_size=1)
    ours, plain = (network(HEADS[head], settings.tuning, encoder) for _ in range(2))
    assert refusal(ours, settings) is None
    loss = BagFit.of(ours, settings).fit_epoch(text.ids, text.offsets, target, (0.2, 0.05), seed=7)
    order = np.random.default_rng(7).permutation(ROWS)
    expected = plain_epoch(plain, settings, text, target, order, (0.2, 0.05))
    assert loss == pytest.approx(expected, rel=1e-4)
    for one, other in zip(ours.parameters(), plain.parameters()):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def test_class_weights_count_against_their_mean_over_the_rows():
    weighted = HEADS["classes"] | {"class_weights": [1.0, 1.0, 4.0]}
    random = np.random.default_rng(0)
    text, target = texts(random), targets(weighted, random)
    settings = Settings(tuning=TUNED["frozen"], optimizer="sgd", batch_size=1)
    mean = np.array([1.0, 1.0, 4.0])[target].mean()
    net = network(weighted, settings.tuning)
    ids, mask = text.padded(np.arange(ROWS))
    logits = net(torch.from_numpy(ids), torch.from_numpy(mask))
    expected = net.head.loss(logits, torch.from_numpy(target)).item()
    loss = BagFit.of(net, settings).fit_epoch(text.ids, text.offsets, target, (0.0, 0.0), seed=0)
    assert loss == pytest.approx(expected, rel=1e-5)
    assert mean > 1


def test_dropped_words_leave_the_mean_over_all():
    net = network(HEADS["classes"], Tuning(word_dropout=0.5))
    random = np.random.default_rng(0)
    text, target = texts(random), targets(HEADS["classes"], random)
    bag = BagFit.of(net, Settings(tuning=Tuning(word_dropout=0.5), optimizer="sgd", batch_size=1))
    losses = [bag.fit_epoch(text.ids, text.offsets, target, (0.0, 0.0), seed) for seed in range(40)]
    assert np.std(losses) > 1e-3
    assert losses[3] == bag.fit_epoch(text.ids, text.offsets, target, (0.0, 0.0), 3)


def test_two_threads_learn_too():
    random = np.random.default_rng(0)
    text, target = texts(random), targets(HEADS["classes"], random)
    settings = Settings(optimizer="adagrad", batch_size=1)
    bag = BagFit.of(network(HEADS["classes"], settings.tuning), settings, threads=2)
    losses = [bag.fit_epoch(text.ids, text.offsets, target, (0.1, 0.1), seed) for seed in range(20)]
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"optimizer": "adam"}, "the optimizer is adam"),
        ({"batch_size": 32}, "a step takes 32 rows"),
        ({"encoder": "max"}, "the encoder is max"),
        ({"tuning": Tuning(dropout=0.1)}, "values are dropped"),
        ({"tuning": Tuning(channels=2)}, "there are two channels"),
    ],
)
def test_what_it_cannot_do_is_named(change, reason):
    settings = Settings(**({"optimizer": "sgd", "batch_size": 1} | change))
    assert refusal(network(HEADS["classes"], settings.tuning), settings) == reason


class Kill(Observer):
    def on_epoch(self, row):
        if row["epoch"] == 1:
            raise KeyboardInterrupt


@pytest.mark.parametrize("rule", ["sgd", "adagrad"])
def test_the_loop_learns_and_goes_on_after_a_kill(topic_vectors, tmp_path, rule):
    settings = Settings(optimizer=rule, batch_size=1, lr=0.1, schedule="linear", epochs=4, tuning=Tuning(warm_epochs=1))
    model = fit(prepared(topic_vectors, settings), settings, examine=False)
    assert model.record.epochs[-1]["metrics"]["accuracy"] >= 0.9
    with pytest.raises(KeyboardInterrupt):
        fit(prepared(topic_vectors, settings), settings, (), [Kill()], tmp_path / "c", examine=False)
    again = fit(prepared(topic_vectors, settings), settings, (), [], tmp_path / "c", resume=True, examine=False)
    straight, resumed = parameters(model), parameters(again)
    assert all(torch.equal(straight[name], resumed[name]) for name in straight)
    assert [row["train_loss"] for row in again.record.epochs] == [row["train_loss"] for row in model.record.epochs]


def test_the_fit_loop_chooses_it_where_it_can(topic_vectors):
    settings = Settings(optimizer="sgd", batch_size=1, epochs=1)
    ready = prepared(topic_vectors, settings)
    torch.manual_seed(settings.seed)
    trainer = BagTrainer(new_network(ready, settings, network_config(ready, settings)), ready, settings)
    trainer.fit()
    chosen = fit(ready, settings, examine=False)
    assert chosen.record.epochs[0]["train_loss"] == trainer.rows[0]["train_loss"]
    assert trainer.rows[0]["drift"] > 0
