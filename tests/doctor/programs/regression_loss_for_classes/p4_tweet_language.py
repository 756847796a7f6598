"""Which of eight languages is a tweet written in?  Byte-pair-free: hashed character trigrams."""
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

LANGUAGES = ["arabic", "english", "french", "german", "hindi", "italian", "portuguese", "spanish"]


@dataclass
class LangConfig:
    n_labels: int = len(LANGUAGES)
    buckets: int = 8192
    dim: int = 32
    max_grams: int = 80
    # fault:
    problem_type: str = "regression"
    # mended:
    #problem_type: str = "single_label_classification"
    # end
    lr: float = 5e-3
    epochs: int = 6
    batch: int = 64
    dropout: float = 0.2


def grams(text, cfg):
    text = " ".join(w for w in text.strip().lower().split() if w not in ("@user", "http"))
    text = f"^{text}$"
    out = [1 + zlib.crc32(text[i:i + 3].encode()) % (cfg.buckets - 1) for i in range(len(text) - 2)]
    return (out or [1])[:cfg.max_grams]


def read_split(root, split, cfg, limit):
    data, seen = [], set()
    for label, lang in enumerate(LANGUAGES):
        lines = (root / lang / f"{split}_text.txt").read_text(encoding="utf-8").split("\n")
        for line in [l for l in lines if l.strip()][:limit]:
            if line not in seen:
                seen.add(line)
                data.append((line, grams(line, cfg), label))
    return data


def to_batch(items):
    width = max(len(g) for _, g, _ in items)
    ids = torch.zeros(len(items), width, dtype=torch.long)
    for i, (_, g, _) in enumerate(items):
        ids[i, :len(g)] = torch.tensor(g)
    return {"ids": ids, "labels": torch.tensor([y for *_, y in items])}


class TrigramClassifier(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.cfg = cfg
        self.table = nn.Embedding(cfg.buckets, cfg.dim, padding_idx=0)
        self.body = nn.Sequential(nn.Dropout(cfg.dropout), nn.Linear(cfg.dim, 48), nn.ReLU())
        width = 1 if cfg.problem_type == "regression" else cfg.n_labels
        self.out = nn.Linear(48, width)

    def forward(self, ids, labels=None):
        real = (ids > 0).unsqueeze(-1)
        h = (self.table(ids) * real).sum(1) / real.sum(1)
        logits = self.out(self.body(h))
        loss = None
        if labels is not None:
            if self.cfg.problem_type == "regression":
                loss = F.mse_loss(logits.squeeze(-1), labels.float())
            else:
                loss = F.cross_entropy(logits, labels)
        return loss, logits

    def decide(self, logits):
        if self.cfg.problem_type == "regression":
            return logits.squeeze(-1).round().clamp(0, self.cfg.n_labels - 1).long()
        return logits.argmax(-1)


def evaluate(model, items):
    model.eval()
    right, total = 0, 0.0
    with torch.no_grad():
        for i in range(0, len(items), 256):
            b = to_batch(items[i:i + 256])
            loss, logits = model(**b)
            total += loss.item() * len(b["labels"])
            right += (model.decide(logits) == b["labels"]).sum().item()
    model.train()
    return total / len(items), right / len(items)


def run():
    torch.manual_seed(3)
    cfg = LangConfig()
    root = Path(os.environ["WORDFIT_DATA"]) / "sentiment" / "umsab-multilingual"
    train = read_split(root, "train", cfg, 400)
    known = {t for t, _, _ in train}
    test = [r for r in read_split(root, "val", cfg, 150) if r[0] not in known]
    model = TrigramClassifier(cfg)
    opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    steps = cfg.epochs * ((len(train) + cfg.batch - 1) // cfg.batch)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=cfg.lr, total_steps=steps)
    for epoch in range(cfg.epochs):
        running = 0.0
        order = torch.randperm(len(train)).tolist()
        for i in range(0, len(order), cfg.batch):
            rows = [train[j] for j in order[i:i + cfg.batch]]
            loss, _ = model(**to_batch(rows))
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            running += loss.item() * len(rows)
        val_loss, val_acc = evaluate(model, test)
        print(f"[{epoch}] loss={running / len(train):.3f} val_loss={val_loss:.3f} val_acc={val_acc:.3f}")
    print("languages:", len(LANGUAGES), "held-out tweets:", len(test), "accuracy: %.3f" % evaluate(model, test)[1])


if __name__ == "__main__":
    run()
