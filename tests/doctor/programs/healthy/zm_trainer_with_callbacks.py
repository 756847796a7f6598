"""A small Trainer with callbacks (early stopping, checkpointing), in the manner of the big frameworks."""
import os
import random
import tempfile
from dataclasses import dataclass, field

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence
from torch.utils.data import DataLoader

@dataclass
class Config:
    seed: int = 1
    lr: float = 4e-3; batch_size: int = 40
    max_epochs: int = 12; patience: int = 2
    emb: int = 16; hidden: int = 24

POS = ["good", "great", "lovely", "tasty", "friendly", "clean", "quick", "warm"]
NEG = ["bad", "awful", "ugly", "bland", "rude", "dirty", "slow", "cold"]
THINGS = ["food", "staff", "room", "service", "soup", "hotel", "place", "bed"]

def make_review(rnd: random.Random):
    """Opinion may be negated: 'the soup was not good' is a complaint."""
    good, negated = rnd.random() < 0.5, rnd.random() < 0.4
    adj = rnd.choice(POS if good else NEG)
    words = ["the", rnd.choice(THINGS), rnd.choice(["was", "is", "seemed"])]
    words += (["not"] if negated else []) + rnd.choices(["very", "really", "quite"], k=rnd.randint(0, 2)) + [adj]
    if rnd.random() < 0.5:
        words = rnd.choice([["we", "came", "on", "monday"], ["after", "a", "long", "trip"], ["honestly"]]) + words
    return words, int(good != negated)

class Model(nn.Module):
    def __init__(self, cfg: Config, n_words: int):
        super().__init__()
        self.embedding = nn.Embedding(n_words, cfg.emb)
        self.rnn = nn.LSTM(cfg.emb, cfg.hidden)
        self.classifier = nn.Linear(cfg.hidden, 1)

    def forward(self, packed_ids):
        emb = packed_ids._replace(data=self.embedding(packed_ids.data))
        _, (h, _) = self.rnn(emb)
        return self.classifier(h[-1]).squeeze(-1)

class Callback:
    def on_epoch_end(self, trainer: "Trainer", metrics: dict): ...
    def on_fit_end(self, trainer: "Trainer"): ...

@dataclass
class Checkpoint(Callback):
    path: str
    best: float = float("inf")

    def on_epoch_end(self, trainer, metrics):
        if metrics["val_loss"] < self.best:
            self.best = metrics["val_loss"]
            torch.save({"epoch": metrics["epoch"], "state": trainer.model.state_dict()}, self.path)

    def on_fit_end(self, trainer):
        ckpt = torch.load(self.path)
        trainer.model.load_state_dict(ckpt["state"])
        print(f"restored epoch {ckpt['epoch']} (val_loss {self.best:.4f})")

@dataclass
class EarlyStopping(Callback):
    patience: int
    history: list = field(default_factory=list)

    def on_epoch_end(self, trainer, metrics):
        self.history.append(metrics["val_loss"])
        since = len(self.history) - 1 - min(range(len(self.history)), key=self.history.__getitem__)
        trainer.should_stop = since >= self.patience or self.history[-1] < 0.01

class Trainer:
    def __init__(self, model, cfg, callbacks):
        self.model, self.cfg, self.callbacks = model, cfg, callbacks
        self.optimizer = torch.optim.RMSprop(model.parameters(), lr=cfg.lr)
        self.criterion = nn.BCEWithLogitsLoss()
        self.should_stop = False

    def _run(self, loader, train):
        self.model.train(train)
        loss_sum = correct = count = 0
        with torch.set_grad_enabled(train):
            for ids, y in loader:
                out = self.model(ids)
                loss = self.criterion(out, y)
                if train:
                    self.optimizer.zero_grad()
                    loss.backward()
                    self.optimizer.step()
                loss_sum += loss.item() * len(y)
                correct += ((out > 0) == (y > 0.5)).sum().item()
                count += len(y)
        return loss_sum / count, correct / count

    def fit(self, train_loader, val_loader):
        for epoch in range(self.cfg.max_epochs):
            tl, ta = self._run(train_loader, True)
            vl, va = self._run(val_loader, False)
            print(f"[{epoch:02d}] train {tl:.4f}/{ta:.3f} val {vl:.4f}/{va:.3f}")
            for c in self.callbacks:
                c.on_epoch_end(self, dict(epoch=epoch, val_loss=vl))
            if self.should_stop: break
        for c in self.callbacks:
            c.on_fit_end(self)

    def test(self, loader):
        return self._run(loader, False)

if __name__ == "__main__":
    cfg = Config()
    torch.manual_seed(cfg.seed)
    rnd = random.Random(cfg.seed)
    train = [make_review(rnd) for _ in range(1600)]
    known = {tuple(w) for w, _ in train}
    held = [r for r in (make_review(rnd) for _ in range(1600)) if tuple(r[0]) not in known]
    val, test = held[::2], held[1::2]
    stoi = {w: i for i, w in enumerate(sorted({w for ws, _ in train for w in ws}))}

    def collate(batch):
        batch = sorted(batch, key=lambda r: -len(r[0]))
        return pack_sequence([torch.tensor([stoi[w] for w in ws]) for ws, _ in batch]), torch.tensor([float(y) for _, y in batch])

    dl = lambda rows, shuffle=False: DataLoader(rows, cfg.batch_size, shuffle=shuffle, collate_fn=collate)
    with tempfile.TemporaryDirectory() as tmp:
        trainer = Trainer(Model(cfg, len(stoi)), cfg, [Checkpoint(os.path.join(tmp, "best.pt")), EarlyStopping(cfg.patience)])
        trainer.fit(dl(train, True), dl(val))
    print("test loss %.4f acc %.4f (n=%d)" % (*trainer.test(dl(test)), len(test)))
