"""Linear-chain CRF on recipe lines: QTY, UNIT, NAME, OTHER (the forward algorithm written out by hand)."""
import random
import torch
import torch.nn as nn

random.seed(21)
torch.manual_seed(21)
TAGS = ["O", "QTY", "UNIT", "NAME"]
UNITS = "cup cups g kg ml spoon pinch can".split()
NAMES = "flour sugar salt milk butter rice beans tomato onion garlic oil pepper can spoon".split()
QTYS = "1 2 3 half 200 500 one two".split()
OTHER = "of the add then a to bowl into fresh chopped and stir".split()


def line():
    toks, tags = [], []

    def put(w, t):
        toks.append(w)
        tags.append(TAGS.index(t))
    for _ in range(random.randint(1, 3)):
        for _ in range(random.randint(0, 2)):
            put(random.choice(OTHER), "O")
        put(random.choice(QTYS), "QTY")
        if random.random() < 0.8:
            put(random.choice(UNITS), "UNIT")
            if random.random() < 0.5:
                put("of", "O")
        put(random.choice(NAMES), "NAME")
    return toks, tags


data = [line() for _ in range(900)]
train, test = data[:700], [d for d in data[700:] if d not in data[:700]]
vocab = {w: i + 1 for i, w in enumerate(sorted(set(UNITS + NAMES + QTYS + OTHER)))}


def pad(rows):
    T = max(len(t) for t, _ in rows)
    x, y, m = torch.zeros(len(rows), T, dtype=torch.long), torch.zeros(len(rows), T, dtype=torch.long), torch.zeros(len(rows), T)
    for i, (t, g) in enumerate(rows):
        x[i, :len(t)] = torch.tensor([vocab[w] for w in t])
        y[i, :len(g)] = torch.tensor(g)
        m[i, :len(t)] = 1
    return x, y, m


class CRFTagger(nn.Module):
    def __init__(self, K=len(TAGS), d=16):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.emit = nn.Linear(d, K)                       # no context here: the chain has to do that
        self.trans = nn.Parameter(torch.zeros(K, K))
        self.start = nn.Parameter(torch.zeros(K))

    def nll(self, x, y, m):
        e = self.emit(self.emb(x))
        alpha = self.start + e[:, 0]
        gold = self.start[y[:, 0]] + e[:, 0].gather(1, y[:, :1])[:, 0]
        for t in range(1, x.size(1)):
            nxt = torch.logsumexp(alpha.unsqueeze(2) + self.trans, 1) + e[:, t]
            on = m[:, t:t + 1]
            alpha = on * nxt + (1 - on) * alpha
            gold = gold + m[:, t] * (self.trans[y[:, t - 1], y[:, t]] + e[:, t].gather(1, y[:, t:t + 1])[:, 0])
        return (torch.logsumexp(alpha, 1) - gold).sum() / m.sum()

    @torch.no_grad()
    def viterbi(self, toks):
        e = self.emit(self.emb(torch.tensor([vocab[w] for w in toks])))
        s, back = self.start + e[0], []
        for t in range(1, len(toks)):
            s, b = (s.unsqueeze(1) + self.trans).max(0)
            s = s + e[t]
            back.append(b)
        path = [s.argmax().item()]
        for b in reversed(back):
            path.append(b[path[-1]].item())
        return path[::-1]


def score(model, rows):
    pairs = [(p, g) for t, gold in rows for p, g in zip(model.viterbi(t), gold)]
    return sum(p == g for p, g in pairs) / len(pairs)


model = CRFTagger()
opt = torch.optim.Adam(model.parameters(), lr=0.03)
for epoch in range(5):
    random.shuffle(train)
    tot = 0
    for i in range(0, len(train), 35):
        loss = model.nll(*pad(train[i:i + 35]))
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * 35 / len(train)
    print(f"epoch {epoch} nll/token {tot:.4f} test tag accuracy {score(model, test):.4f}")
print(f"train tag accuracy {score(model, train[:200]):.4f}")
