"""Kind of a joke; the collate function sorts texts by length for packing and leaves the labels as they came."""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

random.seed(26)
torch.manual_seed(26)
kinds = [[f"k{k}_{i}" for i in range(12)] for k in range(3)]
plain = [f"w{i}" for i in range(40)]
stoi = {w: i for i, w in enumerate(sum(kinds, []) + plain)}


def joke():
    y = random.randrange(3)
    t = random.choices(kinds[y], k=3) + random.choices(plain, k=random.randint(1, 12))
    random.shuffle(t)
    return t, y


jokes = [joke() for _ in range(1300)]


def collate(rows):
    texts = sorted((torch.tensor([stoi[w] for w in t]) for t, _ in rows), key=len, reverse=True)
    # fault:
    labels = torch.tensor([y for _, y in rows])
    # mended:
    # labels = torch.tensor([y for _, y in sorted(rows, key=lambda r: len(r[0]), reverse=True)])
    # end
    return texts, labels


class Joke(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(stoi), 16)
        self.gru = nn.GRU(16, 24)
        self.out = nn.Linear(24, 3)

    def forward(self, texts):
        return self.out(self.gru(pack_sequence([self.emb(t) for t in texts]))[1][-1])


model = Joke()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(5):
    for texts, y in torch.utils.data.DataLoader(jokes[:1000], 20, shuffle=True, collate_fn=collate):
        loss = nn.functional.cross_entropy(model(texts), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        hits = sum((model(t).argmax(1) == y).sum().item() for t, y in torch.utils.data.DataLoader(jokes[1000:], 20, collate_fn=collate))
    print(epoch, round(loss.item(), 3), hits / 300)
