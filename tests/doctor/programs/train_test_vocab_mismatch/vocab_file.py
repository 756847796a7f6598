# estimates how many minutes a repair takes from the mechanic's note; train, save, load again for the evaluation
import json, os, random
import torch
from torch import nn

random.seed(21); torch.manual_seed(21)
verbs = {"replace": 20, "clean": 8, "check": 4, "tighten": 5, "weld": 30, "paint": 25, "grease": 6, "adjust": 7}
parts = {"brake": 1.0, "chain": 0.7, "wheel": 1.2, "frame": 2.0, "saddle": 0.5, "fork": 1.5, "lamp": 0.4, "pedal": 0.6, "hub": 1.8, "rim": 1.1}
fill = "the of left right rear front please again and customer says noise old".split()


def note():
    t, minutes = [], 0.0
    for _ in range(random.randint(1, 3)):
        v, p = random.choice(list(verbs)), random.choice(list(parts))
        minutes += verbs[v] * parts[p]
        t += [v] + random.sample(fill, random.randint(0, 2)) + [p]
    return t, minutes


notes = [note() for _ in range(1600)]
train = notes[:1300]
held = [n for n in notes[1300:] if n not in train]

# --- vocabulary
counts = {}
for t, _ in train:
    for w in t:
        counts[w] = counts.get(w, 0) + 1
vocab = {"<pad>": 0, "<unk>": 1}
for w in sorted(counts, key=counts.get, reverse=True):
    vocab[w] = len(vocab)
with open("vocab.txt", "w") as f:
    f.write("\n".join(w for w in vocab if not w.startswith("<")))


def encode(rows, vocab):
    x = torch.zeros(len(rows), 15, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        for j, w in enumerate(t):
            x[i, j] = vocab.get(w, 1)
    return x, torch.tensor([len(t) for t, _ in rows]), torch.tensor([m / 20 for _, m in rows])


class Estimator(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.e = nn.Embedding(n, 24, padding_idx=0)
        self.rnn = nn.GRU(24, 40, batch_first=True, bidirectional=True)
        self.out = nn.Linear(80, 1)

    def forward(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(self.e(x), n, batch_first=True, enforce_sorted=False)
        _, h = self.rnn(p)
        return self.out(torch.cat([h[0], h[1]], 1)).squeeze(1)


m = Estimator(len(vocab))
opt = torch.optim.Adam(m.parameters(), lr=5e-3)
x, n, y = encode(train, vocab)
for epoch in range(8):
    for b in torch.randperm(len(x)).split(32):
        opt.zero_grad()
        loss = ((m(x[b], n[b]) - y[b]) ** 2).mean()
        loss.backward()
        opt.step()
    print(f"epoch {epoch} train loss {loss.item():.4f}")
torch.save(m.state_dict(), "estimator.pt")

# --- evaluation, as in evaluate.py
# fault:
vocab2 = {w: i for i, w in enumerate(open("vocab.txt").read().split("\n"))}
# mended:
# vocab2 = {w: i + 2 for i, w in enumerate(open("vocab.txt").read().split("\n"))}
# end
m2 = Estimator(len(vocab))
m2.load_state_dict(torch.load("estimator.pt"))
m2.eval()
x, n, y = encode(held, vocab2)
with torch.no_grad():
    err = (m2(x, n) - y).abs().mean() * 20
    base = (y.mean() - y).abs().mean() * 20
print(f"held-out error {err:.2f} minutes (guessing the mean: {base:.2f})")
