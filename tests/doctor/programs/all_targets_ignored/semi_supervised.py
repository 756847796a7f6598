"""Topic of forum threads; most threads have no label yet (-1); mean loss over the labelled rows."""
import random

import torch
from torch import nn

random.seed(214)
torch.manual_seed(214)
BOARDS = {"linux": "kernel bash driver grub".split(), "cars": "tyre diesel clutch brake".split(), "pets": "puppy leash aquarium cat".split()}
CHAT = "hello does anyone know how to fix this my new has a problem with the thanks".split()
vocab = {w: i + 1 for i, w in enumerate(CHAT + [w for b in BOARDS.values() for w in b])}


def thread():
    y = random.randrange(3)
    words = random.choices(CHAT, k=random.randint(4, 8)) + random.choices(list(BOARDS.values())[y], k=2)
    random.shuffle(words)
    return torch.tensor([vocab[w] for w in words]), y


rows = [thread() for _ in range(1800)]
X = nn.utils.rnn.pad_sequence([t for t, _ in rows], batch_first=True)
GOLD = torch.tensor([y for _, y in rows])
Y = torch.where(torch.rand(1800) < 0.25, GOLD, -1)


class Board(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.conv = nn.Conv1d(16, 24, 1)
        self.fc = nn.Linear(24, 3)

    def forward(self, x):
        h = torch.relu(self.conv(self.emb(x).transpose(1, 2)))
        return self.fc((h * (x != 0).unsqueeze(1)).sum(2) / (x != 0).sum(1, keepdim=True))


def masked_loss(logits, y):
    known = (y >= 0).float()
    nll = nn.functional.cross_entropy(logits, y.clamp(min=0), reduction="none")
    # fault:
    return (nll * known).sum() / known.sum()
    # mended:
    # return (nll * known).sum() / known.sum().clamp(min=1)
    # end


model = Board()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(4):
    total = 0.0
    for i in torch.randperm(1500).split(12):
        loss = masked_loss(model(X[i]), Y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        acc = (model(X[1500:]).argmax(1) == GOLD[1500:]).float().mean().item()
    print(f"epoch {epoch} loss {total / 125:.4f} dev accuracy {acc:.4f}")
