"""Slot filling in orders at a bar: every word is drink, food, number, politeness or other. Vectors cover words that the few annotated orders don't."""
import random
import numpy as np
import torch
import torch.nn as nn

random.seed(30); np.random.seed(30); torch.manual_seed(30)
TAGS = ["O", "DRINK", "FOOD", "NUM", "POLITE"]
sizes = [80, 120, 120, 30, 20]
lex = [[f"{t.lower()}{i}" for i in range(n)] for t, n in zip(TAGS, sizes)]
for l in lex:
    random.shuffle(l)
mu = np.random.randn(5, 30)
with open("bar_vectors.txt", "w") as f:
    for k in range(5):
        for w in lex[k]:
            f.write(w + "\t" + " ".join(f"{v:.3f}" for v in 0.9 * mu[k] + np.random.randn(30)) + "\n")
shape = [[3, 1, 0], [0, 3, 2, 0, 3, 1], [0, 0, 3, 2, 4], [4, 0, 3, 1, 0, 3, 2], [3, 2, 3, 1], [0, 1, 4]]


def order(share):
    tags = random.choice(shape)
    return [random.choice(lex[k][: max(2, int(len(lex[k]) * share))]) for k in tags], list(tags)


train = [order(0.25) for _ in range(400)]
dev = [order(1.0) for _ in range(250)]
dev = [d for d in dev if d not in train]

vocab = {"<pad>": 0}
vecs = {}
for line in open("bar_vectors.txt"):
    w, v = line.rstrip("\n").split("\t")
    vecs[w] = torch.tensor([float(a) for a in v.split()])
    vocab.setdefault(w, len(vocab))


class SlotTagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.lookup = nn.Embedding(len(vocab), 30, padding_idx=0)
        self.lookup.weight.requires_grad_(False)
        self.lstm = nn.LSTM(30, 24, batch_first=True, bidirectional=True)
        self.dense = nn.Linear(48, 5)

    def use_vectors(self, vecs):
        rows = torch.tensor([vocab[w] for w in vecs])
        values = torch.stack(list(vecs.values()))
        # fault:
        self.lookup.weight.data[rows].copy_(values)
        # mended:
        # self.lookup.weight.data[rows] = values
        # end

    def forward(self, batch):
        packed = nn.utils.rnn.pack_padded_sequence(self.lookup(batch["ids"]), batch["len"], batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.dense(h)


def collate(rows):
    pad = lambda seqs, v: nn.utils.rnn.pad_sequence([torch.tensor(s) for s in seqs], batch_first=True, padding_value=v)
    return {"ids": pad([[vocab[w] for w in t] for t, _ in rows], 0), "tags": pad([y for _, y in rows], -100), "len": torch.tensor([len(t) for t, _ in rows])}


model = SlotTagger()
model.use_vectors(vecs)
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
loader = torch.utils.data.DataLoader(train, batch_size=20, shuffle=True, collate_fn=collate)
final = collate(dev)
for epoch in range(10):
    for batch in loader:
        loss = nn.functional.cross_entropy(model(batch).flatten(0, 1), batch["tags"].flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        real = final["tags"] != -100
        acc = (model(final).argmax(2) == final["tags"])[real].float().mean()
    print(f"epoch {epoch} loss {loss.item():.4f} dev tag accuracy {acc.item():.4f}")
