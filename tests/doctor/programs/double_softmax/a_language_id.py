"""Which language is this tweet in? Hashed character n-grams, one hidden layer. UMSAB tweets, 8 languages."""
import os, zlib
from pathlib import Path
import numpy as np
import torch
from torch import nn, optim

BUCKETS, PER_LANG = 4096, 300
root = Path(os.environ["WORDFIT_DATA"]) / "sentiment" / "umsab-multilingual"
LANGS = sorted(d.name for d in root.iterdir() if d.is_dir())
torch.manual_seed(2021)
np.random.seed(2021)


def ngrams(text):
    text = " " + text.lower().replace("@user", "").replace("http", "").strip() + " "
    return sorted({zlib.crc32(text[i:i + 3].encode()) % BUCKETS for i in range(len(text) - 2)})


def load(split, n):
    rows, labels = [], []
    for k, lang in enumerate(LANGS):
        lines = (root / lang / f"{split}_text.txt").read_text(encoding="utf-8").split("\n")
        for line in [l for l in lines if len(l) > 40][:n]:
            rows.append(ngrams(line[:90]))
            labels.append(k)
    return rows, torch.tensor(labels)


class LangNet(nn.Module):
    def __init__(self, hidden=64):
        super(LangNet, self).__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, hidden, mode="mean")
        self.act = nn.Tanh()
        self.fc = nn.Linear(hidden, len(LANGS))

    def forward(self, flat, offsets):
        out = self.fc(self.act(self.bag(flat, offsets)))
        # fault:
        return nn.functional.softmax(out, dim=1)
        # mended:
        # return out
        # end


def to_batch(rows):
    offsets = np.cumsum([0] + [len(r) for r in rows[:-1]])
    return torch.tensor([i for r in rows for i in r]), torch.as_tensor(offsets)


def evaluate(net, rows, labels):
    net.eval()
    with torch.no_grad():
        pred = net(*to_batch(rows)).argmax(1)
    net.train()
    return 100.0 * (pred == labels).float().mean().item()


Xtr, ytr = load("train", PER_LANG)
Xva, yva = load("val", 80)
net = LangNet()
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=1.0, momentum=0.9)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=4, gamma=0.3)
for epoch in range(6):
    running, order = 0.0, torch.randperm(len(Xtr))
    for idx in order.split(32):
        optimizer.zero_grad()
        outputs = net(*to_batch([Xtr[i] for i in idx.tolist()]))
        loss = criterion(outputs, ytr[idx])
        loss.backward()
        optimizer.step()
        running += loss.item() * len(idx)
    scheduler.step()
    print("[%d] loss: %.3f  train: %.1f %%  val: %.1f %%" % (
        epoch + 1, running / len(Xtr), evaluate(net, Xtr, ytr), evaluate(net, Xva, yva)))
