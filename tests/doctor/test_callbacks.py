"""One line in Lightning, Hugging Face's `Trainer` and Keras watches the training and prints the diagnosis.

The libraries are not needed by wordfit: each test runs where its library is installed. The hooks' names are kept in
a test with stand-ins that runs everywhere.
"""

import importlib.util
import os
import subprocess
import sys
import types

import pytest
import torch
from torch import nn

from wordfit.doctor import exam

ROWS = """
import torch
from torch import nn
torch.manual_seed(0)
ids = torch.randint(1, 60, (240, 9))
labels = (ids[:, 0] > 30).long()
"""
LIGHTNING = """
import lightning
from torch.utils.data import DataLoader, TensorDataset
from wordfit.doctor.exam import lightning_callback

class Model(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.embedding, self.head = nn.Embedding(60, 16), nn.Linear(144, 2)
    def forward(self, ids):
        return torch.softmax(self.head(self.embedding(ids).flatten(1)), 1)
    def training_step(self, batch, number):
        return nn.functional.cross_entropy(self(batch[0]), batch[1])
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.01)

quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False, "enable_model_summary": False}
trainer = lightning.Trainer(max_epochs=3, callbacks=[lightning_callback()], accelerator="cpu", **quiet)
trainer.fit(Model(), DataLoader(TensorDataset(ids, labels), 20, shuffle=True))
"""
TRANSFORMERS = """
from transformers import Trainer, TrainingArguments
from wordfit.doctor.exam import trainer_callback

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.head = nn.Embedding(60, 16), nn.Linear(144, 2)
    def forward(self, input_ids, labels=None):
        answers = torch.softmax(self.head(self.embedding(input_ids).flatten(1)), 1)
        return {"loss": nn.functional.cross_entropy(answers, labels), "logits": answers}

settings = {"num_train_epochs": 3, "per_device_train_batch_size": 20, "learning_rate": 0.01}
settings |= {"report_to": [], "save_strategy": "no", "use_cpu": True, "disable_tqdm": True}
data = [{"input_ids": i, "labels": y} for i, y in zip(ids, labels)]
Trainer(Model(), TrainingArguments("out", **settings), train_dataset=data, callbacks=[trainer_callback()]).train()
"""
KERAS = """
import keras
from wordfit.doctor.exam import keras_callback
keras.utils.set_random_seed(0)
layers = keras.layers
model = keras.Sequential([layers.Embedding(60, 16), layers.Flatten(), layers.Dense(2, activation="softmax")])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)
model.fit(ids.numpy(), labels.numpy(), batch_size=20, epochs=3, callbacks=[keras_callback()], verbose=0)
"""


@pytest.mark.parametrize(
    ("library", "program"), [("lightning", LIGHTNING), ("transformers", TRANSFORMERS), ("keras", KERAS)]
)
def test_a_second_softmax_is_found_in_a_training_of(library, program, tmp_path):
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    (tmp_path / "train.py").write_text(ROWS + program, encoding="utf-8")
    environment = {**os.environ, "KERAS_BACKEND": "torch", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    environment["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
    command = [sys.executable, "train.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "FAULT: double_softmax" in done.stdout


def test_the_hooks_have_the_names_that_the_libraries_call(monkeypatch, capsys):
    base = type("Callback", (), {})
    lightning = types.SimpleNamespace(pytorch=types.SimpleNamespace(Callback=base))
    keras = types.SimpleNamespace(callbacks=types.SimpleNamespace(Callback=base))
    stand_ins = {"lightning": lightning, "transformers": types.SimpleNamespace(TrainerCallback=base), "keras": keras}
    monkeypatch.setattr(exam, "need", lambda module, extra: stand_ins[module])
    hooks = [
        (exam.lightning_callback(), "on_fit_start", "on_fit_end", (None, None)),
        (exam.trainer_callback(), "on_train_begin", "on_train_end", (None, None, None)),
        (exam.keras_callback(), "on_train_begin", "on_train_end", (None,)),
    ]
    model = nn.Linear(3, 2)
    for callback, begin, end, given in hooks:
        getattr(callback, begin)(*given)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        nn.functional.cross_entropy(model(torch.randn(4, 3)), torch.tensor([0, 1, 0, 1])).backward()
        optimizer.step()
        getattr(callback, end)(*given)
        assert callback.exam.record.watched["steps"] == 1
    assert capsys.readouterr().out.count("wordfit doctor:") == 3
