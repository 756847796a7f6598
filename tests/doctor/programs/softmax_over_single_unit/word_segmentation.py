"""Put the spaces back: thejurysaid -> the jury said. Brown corpus, dilated convolutions over letters."""
import gzip
import os

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(21)
path = os.path.join(os.environ["WORDFIT_DATA"], "corpora", "brown.txt.gz")
MAXLEN = 64

examples = []
with gzip.open(path, "rt", encoding="utf8") as f:
    for n, line in enumerate(f):
        if n % 9:
            continue
        words = [w for w in line.lower().split() if w.isalpha() and w.isascii()]
        chars, cuts = "", []
        for w in words:
            if len(chars) + len(w) > MAXLEN:
                break
            chars += w
            cuts += [0] * (len(w) - 1) + [1]
        if len(words) > 5:
            examples.append((chars, cuts))
        if len(examples) == 3400:
            break
examples = list({c: (c, k) for c, k in examples}.values())
train, dev = examples[:-500], examples[-500:]


def tensors(rows):
    x = torch.zeros(len(rows), MAXLEN, dtype=torch.long)
    y = torch.zeros(len(rows), MAXLEN)
    for i, (chars, cuts) in enumerate(rows):
        x[i, :len(chars)] = torch.tensor([ord(c) - 96 for c in chars])
        y[i, :len(cuts)] = torch.tensor(cuts, dtype=torch.float)
    return x, y


class Segmenter(nn.Module):
    def __init__(self, width=36):
        super().__init__()
        self.emb = nn.Embedding(27, 24, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(24, width, 5, padding=2), nn.Conv1d(width, width, 5, padding=4, dilation=2),
                                    nn.Conv1d(width, width, 3, padding=1)])
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        keep = (x > 0).unsqueeze(1).float()
        h = self.emb(x).transpose(1, 2)
        for conv in self.convs:
            h = F.relu(conv(h)) * keep
        score = self.out(h.transpose(1, 2))
        # fault:
        return F.softmax(score, dim=-1).squeeze(-1)
        # mended:
        # return torch.sigmoid(score).squeeze(-1)
        # end


def f1(model, x, y):
    with torch.no_grad():
        pred = (model(x) > 0.5) & (x > 0)
    gold = y > 0.5
    tp = (pred & gold).sum().item()
    p, r = tp / max(1, pred.sum().item()), tp / max(1, gold.sum().item())
    return p, r, 2 * p * r / max(1e-9, p + r)


tx, ty = tensors(train)
dx, dy = tensors(dev)
model = Segmenter()
optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.0)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=7 * 46)
print(len(train), "training lines,", sum(p.numel() for p in model.parameters()), "parameters")
for epoch in range(7):
    total = 0.0
    for idx in torch.randperm(len(tx)).split(64):
        x, y = tx[idx], ty[idx]
        mask = (x > 0).float()
        loss = (F.binary_cross_entropy(model(x), y, reduction="none") * mask).sum() / mask.sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        total += loss.item()
    p, r, f = f1(model, dx, dy)
    print(f"epoch {epoch + 1} loss {total / 46:.4f} dev P {p:.3f} R {r:.3f} F1 {f:.3f}")
