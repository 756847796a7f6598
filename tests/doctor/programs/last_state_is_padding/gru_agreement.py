"""Does the reviewer recommend the place? GRU classifier."""
import random

import torch
import torch.nn as nn

torch.manual_seed(10)
rng = random.Random(10)

yes = "recommend return delighted loved treat charming friendly tasty bargain perfect".split()
no = "avoid never rude dirty cold overpriced disappointed bland noisy broken".split()
mid = "we went there on a sunday for my birthday and the table by window was booked they brought bread then soup two of us had fish".split()


def review():
    y = rng.randrange(2)
    n = rng.choice([4, 5, 6, 7, 8, 9, 10, 12, 30])
    toks = [rng.choice(mid) for _ in range(n)]
    for i in rng.sample(range(n), 2):
        toks[i] = rng.choice(yes if y else no)
    return toks, y


train, dev = [review() for _ in range(700)], [review() for _ in range(300)]
itos = ["<pad>"] + sorted(set(yes + no + mid))
stoi = {w: i for i, w in enumerate(itos)}


def batch(rows):
    lens = [len(t) for t, _ in rows]
    x = torch.zeros(len(rows), max(lens), dtype=torch.int64)
    for i, (t, _) in enumerate(rows):
        x[i, : lens[i]] = torch.tensor([stoi[w] for w in t])
    return x, torch.tensor(lens), torch.tensor([y for _, y in rows])


class Recommender(nn.Module):
    def __init__(self, n_tokens, dim=20, hidden=24):
        super().__init__()
        self.embed = nn.Embedding(n_tokens, dim, padding_idx=0)
        self.gru = nn.GRU(dim, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 2)

    def forward(self, x, lengths):
        out, _ = self.gru(self.embed(x))
        # fault:
        last = out[:, -1, :]
        # mended:
        # last = out[torch.arange(x.size(0)), lengths - 1]
        # end
        return self.fc(last)


net = Recommender(len(itos))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(6):
    net.train()
    rng.shuffle(train)
    tot = 0
    for i in range(0, len(train), 25):
        x, lengths, y = batch(train[i:i + 25])
        loss = nn.functional.cross_entropy(net(x, lengths), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        tot += loss.item()
    net.eval()
    with torch.no_grad():
        x, lengths, y = batch(dev)
        acc = (net(x, lengths).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch}  loss {tot / 28:.4f}  dev acc {acc:.3f}")
