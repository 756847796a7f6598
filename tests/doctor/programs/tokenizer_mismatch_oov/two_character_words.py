"""Sentences written without spaces; word vectors are for words of two or three characters. Praise, complaint or question?"""
import random

import numpy as np
import torch
from torch import nn

random.seed(6)
np.random.seed(6)
torch.manual_seed(6)
chars = [chr(0x4E00 + 37 * i) for i in range(220)]
lexicon = {}
while len(lexicon) < 600:
    lexicon["".join(random.choices(chars[30:], k=random.choice((2, 2, 3))))] = random.choice((0, 1, 2, 3, 3))
particles = chars[:30]
mu = np.random.randn(4, 20)
with open("words.vec", "w", encoding="utf-8") as f:
    for w, k in lexicon.items():
        f.write(w + " " + " ".join("%.3f" % v for v in mu[k] + np.random.randn(20)) + "\n")
    for p in particles:
        f.write(p + " " + " ".join("%.3f" % v for v in np.random.randn(20)) + "\n")
kinds = [[w for w in lexicon if lexicon[w] == k] for k in range(4)]


def sentence(fraction):
    y = random.randrange(3)
    ws = [random.choice(kinds[y][: int(len(kinds[y]) * fraction)]) for _ in range(random.randint(1, 3))]
    ws += random.choices(kinds[3], k=random.randint(0, 2)) + random.choices(particles, k=random.randint(1, 4))
    random.shuffle(ws)
    return "".join(ws), y


rows = sorted({sentence(0.3) for _ in range(900)})
random.shuffle(rows)
dev = sorted({sentence(1.0) for _ in range(300)} - set(rows))

table = {"<unk>": np.zeros(20)}
for line in open("words.vec", encoding="utf-8"):
    w, *v = line.split()
    table[w] = np.array(v, dtype=float)
itos = list(table)
stoi = {w: i for i, w in enumerate(itos)}


def cut(s):
    # fault:
    return list(s)
    # mended:
    # out, i = [], 0
    # while i < len(s):
    #     n = next((n for n in (3, 2) if s[i:i + n] in stoi), 1)
    #     out.append(s[i:i + n])
    #     i += n
    # return out
    # end


class Meaning(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(torch.tensor(np.stack(list(table.values())), dtype=torch.float32))
        self.lstm = nn.LSTM(20, 24, bidirectional=True)
        self.head = nn.Linear(48, 3)

    def forward(self, packed):
        e = nn.utils.rnn.PackedSequence(self.table(packed.data), packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
        _, (h, _) = self.lstm(e)
        return self.head(torch.cat((h[0], h[1]), dim=1))


def collate(batch):
    seqs = [torch.tensor([stoi.get(w, 0) for w in cut(s)]) for s, _ in batch]
    return nn.utils.rnn.pack_sequence(seqs, enforce_sorted=False), torch.tensor([y for _, y in batch])


model = Meaning()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=4e-3)
loader = torch.utils.data.DataLoader(rows, batch_size=25, shuffle=True, collate_fn=collate)
x, y = collate(dev)
print(len(rows), "train", len(dev), "dev; first:", rows[0], cut(rows[0][0]))
for epoch in range(9):
    tot = 0.0
    for xb, yb in loader:
        loss = nn.functional.cross_entropy(model(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / len(loader)
    with torch.no_grad():
        print(f"epoch {epoch} loss {tot:.3f} dev {(model(x).argmax(1) == y).float().mean().item():.3f}")
