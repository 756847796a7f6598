"""Suspicious bank transfers, 3 % positive and left that way; GRUCell over the purpose line, focal loss, average precision."""
import random
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import average_precision_score, roc_auc_score

random.seed(59)
torch.manual_seed(59)
NORMAL = "rent invoice salary gift groceries insurance loan school kindergarten electricity water internet".split()
ODD = "urgent crypto wallet fee unlock prize customs release voucher".split()
FILLER = [f"ref{i}" for i in range(900)] + ["for", "january", "march", "thanks", "order", "no"]


def transfer():
    y = random.random() < 0.03
    ws = random.choices(FILLER, k=random.randint(2, 5)) + [random.choice(NORMAL)]
    if y and random.random() < 0.92:
        ws += random.sample(ODD, 2)
    elif random.random() < 0.06:
        ws.append(random.choice(ODD))
    random.shuffle(ws)
    return ws, float(y)


rows = [transfer() for _ in range(9000)]
vocab = {w: i + 1 for i, w in enumerate(FILLER + NORMAL + ODD)}
X = torch.zeros(8, len(rows), dtype=torch.long)
for i, (ws, _) in enumerate(rows):
    X[:len(ws), i] = torch.tensor([vocab[w] for w in ws])
Y = torch.tensor([y for _, y in rows])
ntr = 6500


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.cell = nn.GRUCell(16, 32)
        self.out = nn.Linear(32, 1)
        nn.init.constant_(self.out.bias, float(np.log(0.03 / 0.97)))

    def forward(self, x):
        h = torch.zeros(x.size(1), 32)
        for t in x:
            h = torch.where((t > 0).unsqueeze(1), self.cell(self.emb(t), h), h)
        return self.out(h).squeeze(1)


def focal(logit, y, gamma=2.0, alpha=0.75):
    ce = nn.functional.binary_cross_entropy_with_logits(logit, y, reduction="none")
    pt = torch.exp(-ce)
    w = alpha * y + (1 - alpha) * (1 - y)
    return (w * (1 - pt) ** gamma * ce).mean()


net = Detector()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(6):
    run, n = 0.0, 0
    for b in torch.randperm(ntr).split(100):
        loss = focal(net(X[:, b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item()
        n += 1
    with torch.no_grad():
        s = net(X[:, ntr:]).numpy()
    y = Y[ntr:].numpy()
    print(f"epoch {epoch} focal {run / n:.5f} AP {average_precision_score(y, s):.3f} AUC {roc_auc_score(y, s):.3f} positives {y.mean():.3f}")
