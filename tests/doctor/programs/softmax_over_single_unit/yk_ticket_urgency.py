# Which support tickets have to be answered within the hour? (made-up tickets, about half of them urgent)
import random
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(8)
torch.manual_seed(8)
CALM = "invoice copy address newsletter colour catalogue holiday opening feedback suggestion rename manual warranty brochure profile picture language".split()
HOT = "outage fire leak stolen fraud crashed locked urgent breach smoke injured alarm flooded hacked".split()
FILL = ("hello we have a question about our order and the thing that came last week could you look at it because my boss would like "
        "some news on this please also thank you for the quick help with number account today since then still no yet").split()


def ticket():
    y = random.random() < 0.5
    n = random.randint(8, 22)
    words = random.choices(FILL, k=n)
    for _ in range(random.randint(2, 4)):
        hot = random.random() < (0.85 if y else 0.12)
        words[random.randrange(n)] = random.choice(HOT if hot else CALM)
    return words, float(y)


seen, tickets = set(), []
while len(tickets) < 3200:
    t = ticket()
    if tuple(t[0]) not in seen:
        seen.add(tuple(t[0]))
        tickets.append(t)
train, test = tickets[:2400], tickets[2400:]
vocab = {w: i for i, w in enumerate(sorted({w for t, _ in train for w in t}), start=1)}


def collate(batch):
    T = max(len(t) for t, _ in batch)
    ids = torch.tensor([[vocab[w] for w in t] + [0] * (T - len(t)) for t, _ in batch])
    return ids, torch.tensor([[y] for _, y in batch])


class Urgency(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.table = nn.Embedding(len(vocab) + 1, dim, padding_idx=0)
        self.hidden = nn.Linear(dim, 24)
        self.score = nn.Linear(24, 1)

    def forward(self, ids):
        mask = (ids > 0).unsqueeze(-1)
        mean = (self.table(ids) * mask).sum(1) / mask.sum(1)
        z = self.score(torch.tanh(self.hidden(mean)))
        # fault:
        return torch.softmax(z, dim=1)
        # mended:
        # return torch.sigmoid(z)
        # end


net = Urgency()
bce = nn.BCELoss()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)


def evaluate(rows):
    net.eval()
    right = 0
    with torch.no_grad():
        for ids, y in DataLoader(rows, batch_size=400, collate_fn=collate):
            right += ((net(ids) > 0.5).float() == y).sum().item()
    return right / len(rows)


for epoch in range(6):
    net.train()
    total = 0.0
    for ids, y in DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate):
        opt.zero_grad()
        loss = bce(net(ids), y)
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    print(f"epoch {epoch + 1}: loss {total / len(train):.4f}  train acc {evaluate(train):.3f}  test acc {evaluate(test):.3f}")
