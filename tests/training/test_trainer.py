"""The loop learns, stops, repeats itself, and goes on after a kill as if nothing had happened."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from tests.conftest import topic_rows
from wordfit import InputError
from wordfit.data import Dataset, Task
from wordfit.embedding import TUNINGS, Tuning
from wordfit.models import ENCODERS
from wordfit.training import Observer, Settings, Trainer, fit, prepare, run

TASK = Task("classes", "text", "label", labels=("cooking", "music"), metric="accuracy")


def dataset(count, seed):
    rows = topic_rows(count, seed)
    return Dataset(
        f"rows{seed}", ([text for text, _ in rows],), [label for _, label in rows], list(range(1, count + 1))
    )


def prepared(vectors, settings, train=120, dev=40):
    return prepare(TASK, dataset(train, 0), dataset(dev, 1), [vectors], settings)


def parameters(model):
    return {name: value.clone() for name, value in model.network.state_dict().items()}


@pytest.mark.parametrize("encoder", list(ENCODERS))
def test_every_encoder_learns_the_topics(topic_vectors, encoder):
    settings = Settings(encoder=encoder, lr=1e-2, epochs=6, patience=6)
    model = run(TASK, dataset(120, 0), dataset(60, 1), [topic_vectors], settings, examine=False)
    assert max(row["metrics"]["accuracy"] for row in model.record.epochs) >= 0.9


@pytest.mark.parametrize("tuning", list(TUNINGS))
def test_every_tuning_moves_only_what_it_may(topic_vectors, tuning):
    settings = Settings(tuning=TUNINGS[tuning], epochs=2)
    ready = prepared(topic_vectors, settings)
    model = fit(ready, settings, examine=False)
    now, start = model.network.embedding.weight.detach().numpy(), ready.alignment.matrix
    moved = (now != start).any(axis=1)
    unseen = ready.vocabulary.counts == 0
    assert not moved[unseen].any()
    assert not now[0].any()
    assert moved[ready.alignment.known].any() == (tuning not in ("frozen", "unknown-only"))
    assert moved[~ready.alignment.known].any() == (tuning != "frozen")


def test_the_same_seed_gives_the_same_model_and_another_another(topic_vectors):
    def states(seed):
        settings = Settings(seed=seed, epochs=2, dropout=0.2)
        return parameters(fit(prepared(topic_vectors, settings), settings, examine=False))

    one, again, other = states(1), states(1), states(2)
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


def test_training_stops_when_the_metric_has_stopped_and_keeps_the_best(topic_vectors):
    settings = Settings(epochs=30, patience=2, lr=1e-2)
    ready = prepared(topic_vectors, settings)
    model = fit(ready, settings, examine=False)
    scores = [row["metrics"]["accuracy"] for row in model.record.epochs]
    best = model.record.settings["best_epoch"]
    assert len(scores) < 30
    assert scores[best] == max(scores)
    assert model.evaluate(ready.dev.rows)["accuracy"] == pytest.approx(scores[best])


def test_class_weights_raise_the_share_of_the_rare_class(topic_vectors):
    rows = dataset(200, 0)
    keep = [i for i, label in enumerate(rows.targets) if label == "cooking" or i % 20 == 1]
    rare = Dataset("rare", ([rows.texts[0][i] for i in keep],), [rows.targets[i] for i in keep], keep)
    shares = []
    for balance in (False, True):
        settings = Settings(balance=balance, epochs=3, lr=1e-2, tuning=TUNINGS["frozen"])
        model = run(TASK, rare, None, [topic_vectors], settings, examine=False)
        shares.append(float(model.scores(dataset(60, 1).texts)[:, 1].mean()))
    assert shares[1] > shares[0] + 0.1


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_a_schedule_ends_near_zero(topic_vectors, schedule):
    settings = Settings(schedule=schedule, epochs=3, patience=3)
    model = fit(prepared(topic_vectors, settings), settings, examine=False)
    rates = [row["lr"] for row in model.record.epochs]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.15 * settings.lr


def test_a_metric_that_does_not_fit_the_task_is_refused(topic_vectors):
    settings = Settings()
    ready = prepare(
        Task("classes", "t", "l", labels=TASK.labels, metric="pearson"), dataset(20, 0), None, [topic_vectors], settings
    )
    with pytest.raises(InputError, match="'pearson' does not score classes"):
        fit(ready, settings)


class Interrupt(Observer):
    """Stops the loop in the middle of an epoch."""

    def __init__(self, epoch):
        self.epoch = epoch

    def on_step(self, epoch, rows, of, loss):
        if epoch == self.epoch and rows > of / 2:
            raise KeyboardInterrupt


@pytest.mark.parametrize("every", [0.0, 1000.0])
def test_an_interrupted_run_goes_on_to_the_same_result(topic_vectors, tmp_path, monkeypatch, every):
    monkeypatch.setattr("wordfit.training.checkpoint.EVERY", every)
    settings = Settings(epochs=4, patience=4, dropout=0.3, encoder="gru", tuning=Tuning(dropout=0.1))
    undisturbed = fit(prepared(topic_vectors, settings), settings, examine=False)
    file = tmp_path / "checkpoint.safetensors"
    with pytest.raises(KeyboardInterrupt):
        fit(prepared(topic_vectors, settings), settings, (), [Interrupt(2)], file, examine=False)
    resumed = fit(prepared(topic_vectors, settings), settings, (), (), file, resume=True, examine=False)
    one, two = parameters(undisturbed), parameters(resumed)
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not file.exists()


def test_a_checkpoint_of_other_settings_is_refused(topic_vectors, tmp_path):
    settings = Settings(epochs=3)
    file = tmp_path / "checkpoint.safetensors"
    with pytest.raises(KeyboardInterrupt):
        fit(prepared(topic_vectors, settings), settings, (), [Interrupt(1)], file, examine=False)
    other = Settings(epochs=4)
    with pytest.raises(InputError, match="made with other settings"):
        fit(prepared(topic_vectors, other), other, (), (), file, resume=True)


def test_a_killed_process_leaves_no_half_file_and_resumes_to_the_same_run(topic_files):
    def command(out, *more):
        options = ["--dev", "dev.tsv", "--vectors", "vectors.txt", "--out", out, "--epochs", "12", "--patience", "12"]
        options += ["--encoder", "gru", "--no-report", *more]
        return [sys.executable, "-m", "wordfit", "train", "train.tsv", *options]

    subprocess.run(command("whole"), cwd=topic_files, check=True, capture_output=True)
    process = subprocess.Popen(command("killed"), cwd=topic_files, stdout=subprocess.DEVNULL)
    checkpoint = topic_files / ".killed.checkpoint.safetensors"
    deadline = time.monotonic() + 120
    while not checkpoint.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (topic_files / "killed").exists()
    subprocess.run(command("killed", "--resume"), cwd=topic_files, check=True, capture_output=True)
    states = [(topic_files / name / "model.safetensors").read_bytes() for name in ("whole", "killed")]
    assert states[0] == states[1]


def test_the_loop_hears_every_row_once(topic_vectors):
    heard = []

    class Listener(Observer):
        def on_step(self, epoch, rows, of, loss):
            heard.append((epoch, rows, of))

    settings = Settings(epochs=1, batch_size=50)
    ready = prepared(topic_vectors, settings)
    from wordfit.training.runs import network_config, new_network

    Trainer(new_network(ready, settings, network_config(ready, settings)), ready, settings, [Listener()]).fit()
    assert heard == [(0, 50, 120), (0, 100, 120), (0, 120, 120)]
    assert np.isfinite(ready.alignment.matrix).all()
