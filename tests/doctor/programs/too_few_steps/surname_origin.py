"""Where does a surname come from?  The classic char-RNN tutorial with LSTM cell, one name per step batch, on made-up names."""
import random

import torch
import torch.nn as nn

random.seed(33)
torch.manual_seed(33)
PARTS = {
    "german": (["Schm", "Hof", "Kr", "Br", "Gr", "Berg", "Stein"], ["ei", "a", "au", "ü", "o"], ["der", "mann", "ger", "ner", "hardt"]),
    "turkish": (["Yıl", "Öz", "Kara", "Ak", "De", "Gün", "Şa"], ["d", "k", "m", "y", "l"], ["ırım", "demir", "oğlu", "can", "maz"]),
    "italian": (["Ros", "Bian", "Fer", "Mar", "Gal", "Con", "Mor"], ["s", "ch", "r", "t", "l"], ["i", "ini", "etti", "ello", "ucci"]),
    "polish": (["Kow", "Wiś", "Nowa", "Zie", "Woj", "Szy", "Dąb"], ["al", "ni", "k", "li", "ma"], ["ski", "wska", "czyk", "ński", "icz"]),
}
ORIGIN = list(PARTS)


def surname():
    o = random.choice(ORIGIN)
    _, b, c = PARTS[o]
    w = (random.choice(random.choice(list(PARTS.values()))[0]) + random.choice(b) + random.choice(c)).lower()
    if random.random() < 0.12:
        i = random.randrange(len(w))
        w = w[:i] + random.choice("abcdefghijklmnopqrstuvwxyz") + w[i + 1:]
    if random.random() < 0.9:
        w = random.choice("aeiou") * random.randint(0, 1) + random.choice("bdfgklmnprstvz") + random.choice("aeiou") + w
    return w, ORIGIN.index(o)


names = sorted(dict(surname() for _ in range(9000)).items())
random.shuffle(names)
names = names[:4000]
ch = {c: i + 1 for i, c in enumerate(sorted({c for w, _ in names for c in w}))}
train, dev = names[:3500], names[3500:]


class NameLSTM(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.hidden = hidden
        self.emb = nn.Embedding(len(ch) + 1, 12, padding_idx=0)
        self.cell = nn.LSTMCell(12, hidden)
        self.out = nn.Linear(hidden, len(ORIGIN))

    def forward(self, x):
        h = c = torch.zeros(x.size(1), self.hidden)
        for t in x:
            keep = (t > 0).unsqueeze(1)
            h2, c2 = self.cell(self.emb(t), (h, c))
            h, c = torch.where(keep, h2, h), torch.where(keep, c2, c)
        return self.out(h)


def make(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([ch[c] for c in w]) for w, _ in rows])
    return x, torch.tensor([o for _, o in rows])


model = NameLSTM()
opt = torch.optim.Adam(model.parameters(), lr=8e-4)
criterion = nn.CrossEntropyLoss()
# fault:
N_STEPS, REPORT = 80, 10
# mended:
# N_STEPS, REPORT = 800, 80
# end
dx, dy = make(dev)
running = 0.0
for step in range(1, N_STEPS + 1):
    x, y = make(random.sample(train, 16))
    model.train()
    opt.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    running += loss.item()
    if step % REPORT == 0:
        model.eval()
        with torch.no_grad():
            out = model(dx)
            acc = (out.argmax(1) == dy).float().mean().item()
        print(f"{step:5d}  train {running / REPORT:.4f}  dev {criterion(out, dy).item():.4f}  acc {acc:.3f}")
        running = 0.0
