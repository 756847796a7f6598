# Transformer encoder (from "Attention is all you need" tutorials) for rare alerts in log lines: 1 in 10 is an incident.
import math
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader, WeightedRandomSampler
from sklearn.metrics import f1_score, recall_score, precision_score

np.random.seed(2); torch.manual_seed(2)
SERVICES = "auth billing cache mailer search gateway".split()
NOISE = "request took ms from host with retry id user job queue worker started finished ok".split()
BAD = "timeout refused corrupt panic overflow".split()
MAXLEN = 14


def line():
    n = np.random.randint(5, MAXLEN - 1)
    w = [np.random.choice(SERVICES)] + list(np.random.choice(NOISE, n))
    bad = np.random.rand() < 0.1
    if bad:
        w[np.random.randint(1, len(w))] = np.random.choice(BAD)
    return " ".join(w), int(bad)


lines = {}
while len(lines) < 2600:
    t, y = line()
    lines[t] = y
texts, labels = list(lines), np.array(list(lines.values()))
stoi = {w: i + 1 for i, w in enumerate(SERVICES + NOISE + BAD)}
X = torch.zeros(len(texts), MAXLEN, dtype=torch.long)
for i, t in enumerate(texts):
    ids = [stoi[w] for w in t.split()]
    X[i, :len(ids)] = torch.tensor(ids)
Y = torch.from_numpy(labels)
tr, te = slice(0, 2000), slice(2000, None)
freq = np.bincount(labels[tr])
sampler = WeightedRandomSampler(torch.tensor(1.0 / freq[labels[tr]]), 2000)
loader = DataLoader(TensorDataset(X[tr], Y[tr]), batch_size=64, sampler=sampler)


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, max_len):
        super().__init__()
        pos = torch.arange(max_len).unsqueeze(1)
        div = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(1, max_len, d_model)
        pe[0, :, 0::2], pe[0, :, 1::2] = torch.sin(pos * div), torch.cos(pos * div)
        self.register_buffer("pe", pe)

    def forward(self, x):
        return x + self.pe[:, :x.size(1)]


class Alert(nn.Module):
    def __init__(self, n, d=32):
        super().__init__()
        self.d = d
        self.emb = nn.Embedding(n, d, padding_idx=0)
        self.pos = PositionalEncoding(d, MAXLEN)
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.1, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.head = nn.Linear(d, 2)

    def forward(self, x):
        pad = x == 0
        h = self.encoder(self.pos(self.emb(x)), src_key_padding_mask=pad)
        return self.head(h.masked_fill(pad.unsqueeze(-1), -1e9).max(1).values)


net = Alert(len(stoi) + 1)
opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / 20, 1.0))
crit = nn.CrossEntropyLoss(label_smoothing=0.05)


def report(sl):
    net.eval()
    with torch.no_grad():
        p = net(X[sl]).argmax(1).numpy()
    y = labels[sl]
    return f"P {precision_score(y, p, zero_division=0):.3f} R {recall_score(y, p):.3f} F1 {f1_score(y, p):.3f}"


for epoch in range(4):
    net.train()
    s = 0
    for x, y in loader:
        loss = crit(net(x), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step(); sched.step()
        s += loss.item()
    print(f"epoch {epoch} loss {s / len(loader):.3f} test {report(te)}")
print("train", report(tr))
