"""Multi-label film genres from a plot line: one shared GRU encoder, one small head for each genre."""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

random.seed(55)
torch.manual_seed(55)

GENRES = {
    "crime": "detective heist mafia murder police robbery gangster witness".split(),
    "romance": "wedding love kiss letters heart couple divorce dance".split(),
    "scifi": "robot planet spaceship alien clone future laser orbit".split(),
    "horror": "ghost vampire curse haunted blood scream cellar demon".split(),
    "war": "soldier trench general bomb army invasion retreat tank".split(),
}
FILL = "a young man woman from the city who must find his her brother before night and meets an old friend in town".split()


def plot():
    on = [random.random() < 0.4 for _ in GENRES]
    words = []
    for flag, vocab in zip(on, GENRES.values()):
        if flag:
            words += random.sample(vocab, random.randint(1, 2))
    words += random.choices(FILL, k=random.randint(5, 11))
    random.shuffle(words)
    return words, [float(f) for f in on]


films = [plot() for _ in range(2200)]
word_id = {w: i for i, w in enumerate(sorted({w for v in GENRES.values() for w in v} | set(FILL)))}


class GenreModel(nn.Module):
    def __init__(self, dim=24, hidden=32):
        super().__init__()
        self.emb = nn.Embedding(len(word_id), dim)
        self.gru = nn.GRU(dim, hidden, bidirectional=True)
        self.heads = nn.ModuleDict({g: nn.Linear(2 * hidden, 1) for g in GENRES})

    def forward(self, docs):
        packed = pack_sequence([self.emb(d) for d in docs], enforce_sorted=False)
        _, h = self.gru(packed)
        h = torch.cat([h[0], h[1]], 1)
        # fault:
        return torch.cat([torch.softmax(head(h), dim=1) for head in self.heads.values()], 1)
        # mended:
        # return torch.cat([torch.sigmoid(head(h)) for head in self.heads.values()], 1)
        # end


def encode(rows):
    return [torch.tensor([word_id[w] for w in ws]) for ws, _ in rows], torch.tensor([y for _, y in rows])


def micro_f1(p, y):
    p = (p > 0.5).float()
    tp = (p * y).sum()
    return (2 * tp / (p.sum() + y.sum()).clamp(min=1)).item(), (p == y).float().mean().item()


train, dev = films[:1900], films[1900:]
model = GenreModel()
bce = nn.BCELoss()
opt = torch.optim.RMSprop(model.parameters(), lr=2e-3)
dev_x, dev_y = encode(dev)
for epoch in range(5):
    model.train()
    random.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), 32):
        x, y = encode(train[i:i + 32])
        loss = bce(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        f1, acc = micro_f1(model(dev_x), dev_y)
    print(f"epoch {epoch + 1}: loss {tot / len(train):.4f}  dev micro-F1 {f1:.3f}  label accuracy {acc:.3f}")
