"""Headlines and share prices: does the headline say where the price goes?"""
import random
from datetime import date, timedelta

import torch
from torch import nn

random.seed(101)
torch.manual_seed(101)
UP = "beats record surge raises growth wins upgrade strong soar jump".split()
DOWN = "misses warns loss cuts lawsuit recall weak plunge slump downgrade".split()
FIRMS = [f"{a}{b}" for a in ("nor", "tel", "bank", "agri", "med") for b in ("corp", "ex", "ia", "on")]
REST = "quarter shares after report market analysts monday earnings chief board deal says plan results new".split()

prices, rows, day = {f: 100.0 for f in FIRMS}, [], date(2019, 1, 1)
history = []
for _ in range(120):
    day += timedelta(days=1)
    for f in FIRMS:
        move = random.gauss(0, 2)
        tone = UP if move > 0 else DOWN
        words = [f] + random.sample(REST, random.randint(3, 6)) + [random.choice(tone if random.random() < 0.92 else UP + DOWN) for _ in range(2)]
        random.shuffle(words)
        history.append({"firm": f, "day": day, "headline": " ".join(words), "close": prices[f] + move, "open": prices[f]})
        prices[f] += move

by_firm = {f: [h for h in history if h["firm"] == f] for f in FIRMS}
for f, hs in by_firm.items():
    for today, tomorrow in zip(hs, hs[1:]):
        # fault:
        rows.append((today["headline"], int(tomorrow["close"] > tomorrow["open"])))
        # mended:
        # rows.append((today["headline"], int(today["close"] > today["open"])))
        # end
random.shuffle(rows)
train, dev = rows[:1900], rows[1900:]
vocab = {w: i + 1 for i, w in enumerate(sorted(set(UP + DOWN + FIRMS + REST)))}


def to_tensor(part):
    ids = [torch.tensor([vocab[w] for w in t.split()]) for t, _ in part]
    return nn.utils.rnn.pad_sequence(ids, batch_first=True), torch.tensor([y for _, y in part])


class HeadlineCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.conv = nn.Conv1d(16, 32, 2, padding=1)
        self.fc = nn.Linear(32, 2)
        self.drop = nn.Dropout(0.3)

    def forward(self, x):
        h = torch.relu(self.conv(self.emb(x).transpose(1, 2)))[:, :, : x.size(1)]
        return self.fc(self.drop(h.masked_fill((x == 0).unsqueeze(1), 0).amax(2)))


net = HeadlineCNN()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
X, Y = to_tensor(train)
Xd, Yd = to_tensor(dev)
for epoch in range(10):
    net.train()
    for b in torch.randperm(len(X)).split(32):
        loss = nn.functional.cross_entropy(net(X[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        print(f"epoch {epoch} loss {loss.item():.4f} dev accuracy {(net(Xd).argmax(1) == Yd).float().mean().item():.4f}")
