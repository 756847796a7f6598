"""German text in lower case: which words should start with a capital letter?  BiLSTM tagger over words and endings."""
import gzip
import os
import re
import zlib
from collections import Counter

import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

PATH = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k", "{}.de.gz")
N_SUFFIX = 500
IGNORE = -100


def read(name, limit):
    data = []
    with gzip.open(PATH.format(name), "rt", encoding="utf-8") as fp:
        for line in fp:
            words = re.findall(r"\w+|[.,]", line)
            if len(words) < 4 or len(words) > 18:
                continue
            tags = [int(w[0].isupper()) for w in words]
            tags[0] = IGNORE          # the first word is always a capital, nothing to predict there
            data.append(([w.lower() for w in words], tags))
            if len(data) == limit:
                break
    return data


train = read("train", 1900)
dev = read("val", 300)
freq = Counter(w for ws, _ in train for w in ws)
word_id = {"<pad>": 0, "<unk>": 1}
for w, c in freq.items():
    if c > 1:
        word_id[w] = len(word_id)


def suffix(w):
    return 1 + zlib.crc32(w[-3:].encode()) % (N_SUFFIX - 1)


def collate(samples):
    samples = sorted(samples, key=lambda s: -len(s[0]))
    w = pad_sequence([torch.tensor([word_id.get(t, 1) for t in ws]) for ws, _ in samples], batch_first=True)
    s = pad_sequence([torch.tensor([suffix(t) for t in ws]) for ws, _ in samples], batch_first=True)
    y = pad_sequence([torch.tensor(ts) for _, ts in samples], batch_first=True, padding_value=IGNORE)
    return w, s, y, torch.tensor([len(ws) for ws, _ in samples])


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.word = nn.Embedding(len(word_id), 24, padding_idx=0)
        self.suf = nn.Embedding(N_SUFFIX, 16, padding_idx=0)
        self.drop = nn.Dropout(0.4)
        self.rnn = nn.LSTM(40, 24, batch_first=True, bidirectional=True)
        self.out = nn.Linear(48, 2)

    def forward(self, w, s, lengths):
        e = self.drop(torch.cat([self.word(w), self.suf(s)], -1))
        packed = pack_padded_sequence(e, lengths, batch_first=True)
        h, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.out(self.drop(h))


def evaluate(model, rows):
    model.eval()
    tp = fp = fn = right = n = 0
    with torch.no_grad():
        for w, s, y, ln in DataLoader(rows, batch_size=200, collate_fn=collate):
            p = model(w, s, ln).argmax(-1)
            m = y != IGNORE
            p, g = p[m], y[m]
            tp += int(((p == 1) & (g == 1)).sum())
            fp += int(((p == 1) & (g == 0)).sum())
            fn += int(((p == 0) & (g == 1)).sum())
            right += int((p == g).sum())
            n += len(g)
    return right / n, 2 * tp / (2 * tp + fp + fn)


torch.manual_seed(1)
np.random.seed(1)
model = Tagger()
loader = DataLoader(train, batch_size=60, shuffle=True, collate_fn=collate)
opt = torch.optim.Adam(model.parameters(), lr=1.5e-2)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.5)
loss_fn = nn.CrossEntropyLoss(ignore_index=IGNORE)
for epoch in range(4):
    model.train()
    losses = []
    for w, s, y, ln in loader:
        loss = loss_fn(model(w, s, ln).flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        losses.append(loss.item())
    sched.step()
    acc, f1 = evaluate(model, dev)
    print(f"epoch {epoch}  loss {np.mean(losses):.4f}  dev acc {acc:.4f}  dev F1 {f1:.4f}")
print("train acc %.4f F1 %.4f" % evaluate(model, train))
