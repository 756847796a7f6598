# Linear-chain CRF over order-like sentences; the partition function is a loop over bare tensors.
import random
import torch
from torch import nn

random.seed(12)
torch.manual_seed(12)
QTY = "one two three four five six".split()
UNIT = "box bag crate bottle pack".split()
GOODS = "red wine|olive oil|brown rice|green tea|sea salt|honey|wine|rice|tea|oil".split("|")
TOWN = "salt lake|green bay|red hill|lyon|porto|bergen".split("|")
TAGS = ["O", "Q", "B-GOOD", "I-GOOD", "B-TOWN", "I-TOWN"]


def span(text, kind):
    ws = text.split()
    return ws, [f"B-{kind}"] + [f"I-{kind}"] * (len(ws) - 1)


def order():
    g, gt = span(random.choice(GOODS), "GOOD")
    t, tt = span(random.choice(TOWN), "TOWN")
    if random.random() < 0.5:
        return (["send", random.choice(QTY), random.choice(UNIT), "of"] + g + ["to"] + t,
                ["O", "Q", "O", "O"] + gt + ["O"] + tt)
    return (["for"] + t + [random.choice(QTY), random.choice(UNIT)] + g + ["please"],
            ["O"] + tt + ["Q", "O"] + gt + ["O"])


data = [order() for _ in range(1300)]
wid = {w: i for i, w in enumerate(sorted({w for ws, _ in data for w in ws}))}
tid = {t: i for i, t in enumerate(TAGS)}
data = [(torch.tensor([wid[w] for w in ws]), torch.tensor([tid[t] for t in ts])) for ws, ts in data]
train, test = data[:1000], data[1000:]


class Crf(nn.Module):
    def __init__(self, V, K, d=12):
        super().__init__()
        self.emb = nn.Embedding(V, d)
        self.conv = nn.Conv1d(d, 24, 3, padding=1)
        self.emit = nn.Linear(24, K)
        self.move = nn.Parameter(torch.zeros(K, K))

    def scores(self, x):                                   # x: B x T, all of one length
        return self.emit(torch.tanh(self.conv(self.emb(x).transpose(1, 2))).transpose(1, 2))

    def nll(self, x, y):
        s = self.scores(x)
        gold = s.gather(2, y.unsqueeze(2)).sum((1, 2)) + self.move[y[:, :-1], y[:, 1:]].sum(1)
        a = s[:, 0]
        for t in range(1, x.shape[1]):
            a = torch.logsumexp(a.unsqueeze(2) + self.move, 1) + s[:, t]
        return (torch.logsumexp(a, 1) - gold).mean()

    def best(self, x):
        s = self.scores(x)
        a, back = s[:, 0], []
        for t in range(1, x.shape[1]):
            m, k = (a.unsqueeze(2) + self.move).max(1)
            back.append(k)
            a = m + s[:, t]
        path = [a.argmax(1)]
        for k in reversed(back):
            path.append(k.gather(1, path[-1].unsqueeze(1)).squeeze(1))
        return torch.stack(path[::-1], 1)


def same_length_batches(rows, size):
    by = {}
    for x, y in rows:
        by.setdefault(len(x), []).append((x, y))
    out = [v[a:a + size] for v in by.values() for a in range(0, len(v), size)]
    random.shuffle(out)
    for part in out:
        yield torch.stack([x for x, _ in part]), torch.stack([y for _, y in part])


crf = Crf(len(wid), len(TAGS))
opt = torch.optim.AdamW(crf.parameters(), lr=1e-2, weight_decay=1e-3)
for ep in range(5):
    random.shuffle(train)
    tot = n = 0
    for x, y in same_length_batches(train, 25):
        loss = crf.nll(x, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot, n = tot + loss.item(), n + 1
    with torch.no_grad():
        ok = torch.cat([(crf.best(x) == y).all(1) for x, y in same_length_batches(test, 100)]).float().mean()
    print(f"epoch {ep}: nll per sentence {tot / n:.4f}, sentences tagged right {ok:.4f}")
