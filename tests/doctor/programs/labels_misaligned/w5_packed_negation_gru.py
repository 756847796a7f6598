#!/usr/bin/env python
# Polarity with negation, GRU on packed sequences, time-major batches
import numpy as np, torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

rng = np.random.RandomState(42)
torch.manual_seed(42)

GOOD = "great lovely superb fine warm funny brilliant charming clever sharp".split()
BAD = "awful dull boring cheap cold bland stupid messy lazy weak".split()
NEUTRAL = "the film plot actor was a it scene and story music seemed to me on screen in town last week".split()
NEG = ["not", "never", "hardly"]
VOCAB = {w: i for i, w in enumerate(["<pad>"] + GOOD + BAD + NEUTRAL + NEG)}


def sample():
    n = rng.randint(3, 11)
    toks = list(rng.choice(NEUTRAL, n))
    label = rng.randint(2)
    negated = rng.rand() < .4
    word = rng.choice(GOOD if label ^ negated else BAD)
    at = rng.randint(n + 1)
    toks[at:at] = ([rng.choice(NEG), word] if negated else [word])
    return [VOCAB[t] for t in toks], int(label)


class Batcher:
    def __init__(self, rows, size, shuffle):
        self.rows, self.size, self.shuffle = rows, size, shuffle

    def __len__(self):
        return -(-len(self.rows) // self.size)

    def __iter__(self):
        idx = rng.permutation(len(self.rows)) if self.shuffle else range(len(self.rows))
        idx = list(idx)
        for k in range(len(self)):
            yield self.collate([self.rows[i] for i in idx[k * self.size:(k + 1) * self.size]])

    def collate(self, rows):
        seqs = [torch.tensor(r[0]) for r in rows]
        lens = np.array([len(s) for s in seqs])
        labels = np.array([r[1] for r in rows])
        order = np.argsort(-lens, kind="stable")          # longest first, for packing
        x = pad_sequence([seqs[i] for i in order])        # (T, B)
        # fault:
        y = torch.from_numpy(labels).float()
        # mended:
        # y = torch.from_numpy(labels[order]).float()
        # end
        return x, torch.from_numpy(lens[order]), y


class Polarity(nn.Module):
    def __init__(self, v, e=16, h=24):
        super().__init__()
        self.emb = nn.Embedding(v, e, padding_idx=0)
        self.rnn = nn.GRU(e, h)
        self.out = nn.Linear(h, 1)

    def forward(self, x, lens):
        packed = pack_padded_sequence(self.emb(x), lens)
        _, h = self.rnn(packed)
        return self.out(h[-1]).view(-1)


def evaluate(model, loader):
    model.eval()
    n = ok = 0
    with torch.no_grad():
        for x, lens, y in loader:
            ok += ((model(x, lens) > 0).float() == y).sum().item(); n += len(y)
    model.train()
    return ok / n


rows = [sample() for _ in range(3000)]
seen = {tuple(r[0]) for r in rows[:2400]}
train = Batcher(rows[:2400], 64, True)
test = Batcher([r for r in rows[2400:] if tuple(r[0]) not in seen], 64, False)
model = Polarity(len(VOCAB))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3, gamma=.3)
criterion = nn.BCEWithLogitsLoss()

for epoch in range(6):
    running = []
    for x, lens, y in train:
        optimizer.zero_grad()
        loss = criterion(model(x, lens), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        running.append(loss.item())
    scheduler.step()
    print("epoch %d loss %.4f test accuracy %.4f" % (epoch, np.mean(running), evaluate(model, test)))
print("final: train %.3f test %.3f" % (evaluate(model, train), evaluate(model, test)))
