"""Anger or joy in tweets: GloVe Twitter vectors and an LSTM, mean over the words."""
import gzip, os
import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

torch.manual_seed(30)
np.random.seed(30)
P = os.path.join(os.environ["WORDFIT_DATA"], "")


def read(split):
    d = P + "sentiment/tweeteval/emotion/" + split
    with open(d + "_text.txt", encoding="utf-8") as a, open(d + "_labels.txt") as b:
        rows = [(t.lower().replace("#", "").split(), int(l)) for t, l in zip(a, b)]
    return [(t, y) for t, y in rows if y in (0, 1)]


def glove(path):
    index, rows = {}, []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            cells = line.split()
            index[cells[0]] = len(rows) + 2
            rows.append([float(c) for c in cells[1:]])
    table = np.zeros((len(rows) + 2, len(rows[0])))
    table[2:] = rows
    table[1] = table[2:].mean(0)
    return index, table


index, table = glove(P + "vectors/glove.twitter.27B.25d.common11925.txt.gz")


def numericalize(rows):
    return [(torch.tensor([index.get(w.strip(".,!?*'\""), 1) for w in t]), y) for t, y in rows]


class EmotionLSTM(nn.Module):
    def __init__(self, table, hidden=16):
        super().__init__()
        # fault:
        self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True)
        # mended:
        # self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(table).float(), freeze=True)
        # end
        self.lstm = nn.LSTM(table.shape[1], hidden, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(0.3)
        self.cls = nn.Linear(2 * hidden, 1)

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.embedding(ids), lengths, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        pooled = out.sum(1) / lengths[:, None]           # the padded outputs are zeros
        return self.cls(self.drop(pooled)).squeeze(1)


def batches(rows, size, shuffle):
    order = np.random.permutation(len(rows)) if shuffle else np.arange(len(rows))
    for k in range(0, len(rows), size):
        part = [rows[i] for i in order[k:k + size]]
        yield (pad_sequence([s for s, _ in part], batch_first=True), torch.tensor([len(s) for s, _ in part]),
               torch.tensor([float(y) for _, y in part]))


def evaluate(net, rows):
    net.eval()
    ok = 0
    with torch.no_grad():
        for ids, lengths, y in batches(rows, 200, False):
            ok += ((net(ids, lengths) > 0) == (y > 0.5)).sum().item()
    return ok / len(rows)


train, test = numericalize(read("train")), numericalize(read("test"))
print(len(train), "training tweets,", len(test), "test tweets, joy:", round(np.mean([y for _, y in test]), 3))
net = EmotionLSTM(table)
opt = torch.optim.Adam((p for p in net.parameters() if p.requires_grad), lr=1.5e-2)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.6)
bce = nn.BCEWithLogitsLoss()
for epoch in range(4):
    net.train()
    seen = []
    for ids, lengths, y in batches(train, 64, True):
        loss = bce(net(ids, lengths), y)
        opt.zero_grad(); loss.backward(); opt.step()
        seen.append(loss.item())
    sched.step()
    print(f"epoch {epoch}: bce {np.mean(seen):.4f}, train acc {evaluate(net, train[:600]):.3f}, test acc {evaluate(net, test):.3f}")
