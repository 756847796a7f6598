import gzip
import math
import os
import random
from types import SimpleNamespace

import numpy as np
import torch
import torch.nn as nn

cfg = SimpleNamespace(
    exp_name="sst2-cnn-glove50",
    seed=42,
    max_len=25,
    hidden=32,
    fc=32,
    dropout=0.3,
    batch_size=64,
    epochs=5,
    # fault:
    lr=2e-6,
    # mended:
    #lr=3e-3,
    # end
    weight_decay=0.01,
    warmup=0.1,
    grad_clip=1.0,
    n_train=6000,
)


def seed_everything(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


seed_everything(cfg.seed)
DATA = os.environ["WORDFIT_DATA"]


def read(name):
    rows = []
    with open(os.path.join(DATA, "sentiment", "SST-2-sentences", "stsa.binary." + name), encoding="utf-8") as f:
        for line in f:
            label, text = line.rstrip("\n").split(" ", 1)
            rows.append((text.split(), int(label)))
    return rows


train_rows, dev_rows = read("train"), read("dev")
dev_set = {tuple(t) for t, _ in dev_rows}
train_rows = [r for r in train_rows if tuple(r[0]) not in dev_set]
random.shuffle(train_rows)
train_rows = train_rows[:cfg.n_train]

vocab, mat = {"<pad>": 0, "<unk>": 1}, [np.zeros(50), np.zeros(50)]
need = {w for t, _ in train_rows + dev_rows for w in t}
with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip("\n").split(" ")
        if w in need:
            vocab[w] = len(mat)
            mat.append(np.asarray(v, dtype=np.float32))
emb = torch.tensor(np.stack(mat), dtype=torch.float32)
emb[1] = emb[2:].mean(0)
print(cfg.exp_name, "| vocab", len(vocab), "| train", len(train_rows), "| dev", len(dev_rows))


def to_batch(rows):
    ids = [[vocab.get(w, 1) for w in t][:cfg.max_len] for t, _ in rows]
    T = max(map(len, ids))
    x = torch.tensor([i + [0] * (T - len(i)) for i in ids])
    return x, torch.tensor([float(y) for _, y in rows])


class TextCNN(nn.Module):
    def __init__(self, emb):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(emb, freeze=True, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(emb.shape[1], cfg.hidden, k, padding=k // 2) for k in (1, 3)])
        self.drop = nn.Dropout(cfg.dropout)
        self.fc1 = nn.Linear(2 * cfg.hidden, cfg.fc)
        self.fc2 = nn.Linear(cfg.fc, 1)

    def forward(self, x):
        pad = (x == 0).unsqueeze(1)
        e = self.embedding(x).transpose(1, 2)
        h = [torch.relu(c(e)).masked_fill(pad, 0).max(2).values for c in self.convs]
        z = self.drop(torch.cat(h, 1))
        return self.fc2(self.drop(torch.relu(self.fc1(z)))).squeeze(-1)


model = TextCNN(emb)
steps_per_epoch = math.ceil(len(train_rows) / cfg.batch_size)
total = steps_per_epoch * cfg.epochs
opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=cfg.lr, weight_decay=cfg.weight_decay)


def lr_lambda(step):
    w = int(cfg.warmup * total)
    return (step + 1) / w if step < w else max(0.0, (total - step) / (total - w))


sched = torch.optim.lr_scheduler.LambdaLR(opt, lr_lambda)
bce = nn.BCEWithLogitsLoss()


def predict(rows):
    model.eval()
    outs, ys = [], []
    with torch.no_grad():
        for i in range(0, len(rows), 256):
            x, y = to_batch(rows[i:i + 256])
            outs.append(model(x))
            ys.append(y)
    return torch.cat(outs), torch.cat(ys)


best = 0
for epoch in range(cfg.epochs):
    model.train()
    random.shuffle(train_rows)
    losses = []
    for i in range(0, len(train_rows), cfg.batch_size):
        x, y = to_batch(train_rows[i:i + cfg.batch_size])
        loss = bce(model(x), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), cfg.grad_clip)
        opt.step()
        sched.step()
        losses.append(loss.item())
    logit, y = predict(dev_rows)
    acc = ((logit > 0).float() == y).float().mean().item()
    best = max(best, acc)
    print(f"Epoch {epoch + 1}/{cfg.epochs} train_loss={np.mean(losses):.4f} dev_loss={bce(logit, y):.4f} dev_acc={acc:.4f}")

tr_logit, tr_y = predict(train_rows[:1000])
print(f"train_acc={((tr_logit > 0).float() == tr_y).float().mean():.4f}  dev_acc={acc:.4f}  (dev majority {max(y.mean(), 1 - y.mean()):.3f})")
