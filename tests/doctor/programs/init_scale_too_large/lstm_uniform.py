"""Agreement: is the verb singular or plural? LSTM with a home-made initialisation."""
import random

import torch
from torch import nn

random.seed(235)
torch.manual_seed(235)
SG, PL = "dog king cup lamp nurse".split(), "dogs kings cups lamps nurses".split()
MID = "near with by behind the".split()
vocab = {w: i for i, w in enumerate(SG + PL + MID)}


def prefix():
    y = random.randint(0, 1)
    words = ["the", random.choice(PL if y else SG)]
    for _ in range(random.randint(0, 2)):
        words += [random.choice(MID[:-1]), "the", random.choice(SG + PL)]
    return torch.tensor([vocab[w] for w in words]), y


class Agreement(nn.Module):
    def __init__(self, d=32, h=48):
        super().__init__()
        self.embed = nn.Embedding(len(vocab), d)
        self.lstm = nn.LSTM(d, h, batch_first=True)
        self.fc = nn.Linear(h, 2)
        # fault:
        bound = 4.0
        # mended:
        # bound = h**-0.5
        # end
        for p in [*self.lstm.parameters(), *self.fc.parameters()]:
            nn.init.uniform_(p, -bound, bound)

    def forward(self, sents):
        packed = nn.utils.rnn.pack_sequence([self.embed(s) for s in sents], enforce_sorted=False)
        return self.fc(self.lstm(packed)[1][0][0])


train, dev = [prefix() for _ in range(1500)], [prefix() for _ in range(300)]
model = Agreement()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(6):
    random.shuffle(train)
    total = 0.0
    for i in range(0, 1500, 30):
        sents, y = zip(*train[i : i + 30])
        loss = nn.functional.cross_entropy(model(sents), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        sents, y = zip(*dev)
        acc = (model(sents).argmax(1) == torch.tensor(y)).float().mean().item()
    print(f"epoch {epoch} loss {total / 50:.4f} dev accuracy {acc:.4f}")
