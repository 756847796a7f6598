"""A program computes the same to the last bit, and prints the same, whether it is watched or not."""

import contextlib
import hashlib
import io
import os
import pickle

import pytest
import torch

from tests.doctor.children import CHILDREN
from tests.doctor.programs import FOLDER, render
from wordfit.doctor.run import run_plain, run_watched
from wordfit.doctor.watch import Recorder

PROGRAMS = [  # of many kinds: noise, shuffles, loaders and their workers, precision, closures, own optimisers, a crash
    "healthy/a_high_dropout_cnn",
    "healthy/a_iterable_stream_workers",
    "healthy/a_bfloat16_autocast",
    "healthy/a_sparse_embedding_bag",
    "healthy/a_own_optimizer_sign_momentum",
    "healthy/a_accumulated_tagger",
    "healthy/a_adversarial_generator",
    "healthy/b_ctc_typing",
    "healthy/policy_gradient",
    "sparse_grad_unsupported_optimizer/",
]
CLOSURE = """
import torch
torch.manual_seed(0)
model = torch.nn.Linear(6, 2)
rows = torch.randn(40, 6)
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=5)
def closure():
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(rows), (rows[:, 0] > 0).long())
    loss.backward()
    return loss
for _ in range(4):
    print(optimizer.step(closure).item())
"""
MIXED = """
import random
import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset
random.seed(0), np.random.seed(0), torch.manual_seed(0)
rows = torch.from_numpy(np.random.rand(64, 6).astype("float32"))
model = torch.nn.Sequential(torch.nn.Linear(6, 9), torch.nn.Dropout(), torch.nn.BatchNorm1d(9), torch.nn.Linear(9, 1))
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
for epoch in range(4):
    for (batch,) in DataLoader(TensorDataset(rows), 8, shuffle=True):
        noisy = batch + random.random() * torch.from_numpy(np.random.rand(*batch.shape).astype("float32"))
        loss = torch.nn.functional.mse_loss(model(noisy).squeeze(1), batch.sum(1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    print(loss.item(), model(rows).sum().item(), random.random(), np.random.rand())
    model.train()
"""


@pytest.fixture(scope="module", autouse=True)
def _imported_once():
    """What every child would import by itself."""
    import torch._dynamo  # noqa: F401


def outcome(script, watched):
    """What a program printed, how it ended, and every number that it leaves in tensors and modules, as a digest."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        ran = run_watched(str(script), [], Recorder()) if watched else run_plain(str(script), [])
    digest = hashlib.sha256()
    for name, value in sorted(ran.namespace.items()):
        state = value.state_dict() if isinstance(value, torch.nn.Module) else {name: value}
        for tensor in state.values():
            if isinstance(tensor, torch.Tensor) and tensor.layout == torch.strided:
                digest.update(pickle.dumps(tensor.detach().contiguous().tolist()))
    digest.update(torch.get_rng_state().numpy().tobytes())
    return said.getvalue(), ran.exit_code, digest.hexdigest()


def in_child(script, watched):
    """The outcome in a process of its own: programs leave seeds and settings behind."""
    reader, writer = CHILDREN.Pipe(duplex=False)
    child = CHILDREN.Process(target=_send, args=(writer, script, watched, os.getcwd()))
    child.start()
    writer.close()
    found = reader.recv()
    child.join()
    return found


def _send(writer, script, watched, folder):
    os.chdir(folder)
    torch.set_num_threads(1)
    writer.send(outcome(script, watched))


def same(script, monkeypatch, fails=False):
    monkeypatch.chdir(script.parent)
    plain, watched = in_child(script, False), in_child(script, True)
    assert watched[0] == plain[0], "what it printed"
    assert watched[1:] == plain[1:], "how it ended, its weights and random states"
    assert plain[1] == int(fails), "a program that never ran shows nothing"


@pytest.mark.parametrize("name", PROGRAMS)
def test_watching_changes_nothing_in(name, tmp_path, monkeypatch):
    place = FOLDER / f"{name}.py"
    place = place if place.exists() else min((FOLDER / name).glob("*.py"))
    script = tmp_path / "program.py"
    script.write_text(render(place, "faulty"), encoding="utf-8")
    same(script, monkeypatch, fails=name.endswith("/"))


@pytest.mark.parametrize("text", [CLOSURE, MIXED], ids=["closures", "every random number"])
def test_watching_changes_nothing_where_there_are(text, tmp_path, monkeypatch):
    script = tmp_path / "program.py"
    script.write_text(text, encoding="utf-8")
    same(script, monkeypatch)
