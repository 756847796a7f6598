"""What kind of place is meant? Czech and Slovak names, vectors from a text file, test names not in training."""
import random

import numpy as np
import torch
from torch import nn

rng = random.Random(12)
torch.manual_seed(12)
np.random.seed(12)
kinds = ["řeka", "město", "hora"]
syll = "bě čá dří hlů jič kře lhů mšě nýř ptá říč slů ště třá vlč žď".split()
tails = "cký nov ína ůvka ské ěves".split()
names = sorted({rng.choice(syll) + rng.choice(syll) + rng.choice(tails) for _ in range(420)})
rng.shuffle(names)
kind = {n: i % 3 for i, n in enumerate(names)}
frame = "jedeme dnes zase do k u a pak tam byli jsme moc dlouho".split()

centres = np.random.randn(3, 20)
with open("mista.vec", "w", encoding="utf-8") as out:
    for w in frame:
        out.write(w + " " + " ".join(f"{v:.4f}" for v in np.random.randn(20) * 0.5) + "\n")
    for n in names:
        out.write(n + " " + " ".join(f"{v:.4f}" for v in centres[kind[n]] + np.random.randn(20) * 0.6) + "\n")


def load_vectors(path):
    vecs = {}
    # fault:
    with open(path, encoding="ascii", errors="ignore") as f:
    # mended:
    # with open(path, encoding="utf-8") as f:
    # end
        for line in f:
            word, *rest = line.split(" ")
            vecs[word] = np.asarray(rest, dtype="float32")
    return vecs


def sample(pool, n):
    data = []
    for _ in range(n):
        p = rng.choice(pool)
        ws = rng.choices(frame, k=rng.randint(3, 6))
        ws.insert(rng.randrange(len(ws)), p)
        data.append((ws, kind[p]))
    return data


cut = len(names) // 2
train, test = sample(names[:cut], 700), sample(names[cut:], 300)
vectors = load_vectors("mista.vec")
word2id = {"": 0}
for w in frame + names:
    word2id[w] = len(word2id)
matrix = np.zeros((len(word2id), 20), dtype="float32")
found = 0
for w, i in word2id.items():
    if w in vectors:
        matrix[i] = vectors[w]
        found += 1
    elif i:
        matrix[i] = np.random.randn(20) * 0.6
print("rows filled from the file:", found)


class Places(nn.Module):
    def __init__(self):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=True, padding_idx=0)
        self.rnn = nn.GRU(20, 24, batch_first=True, bidirectional=True)
        self.out = nn.Linear(48, 3)

    def forward(self, ids, lengths):
        p = nn.utils.rnn.pack_padded_sequence(self.lookup(ids), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.rnn(p)
        return self.out(torch.cat([h[0], h[1]], 1))


def tensors(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([word2id[w] for w in ws]) for ws, _ in rows], batch_first=True)
    return x, torch.tensor([len(ws) for ws, _ in rows]), torch.tensor([y for _, y in rows])


X, L, Y = tensors(train)
Xt, Lt, Yt = tensors(test)
net = Places()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=5e-3)
for epoch in range(6):
    total = 0
    for b in torch.randperm(len(Y)).split(35):
        loss = nn.functional.cross_entropy(net(X[b], L[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        acc = (net(Xt, Lt).argmax(1) == Yt).float().mean()
    print(f"epoch {epoch} loss {total / 20:.4f} accuracy on new names {acc:.4f}")
