"""Classified ads -> fields (BIO tags), with a linear-chain CRF written out. Span F1 by Viterbi."""
import random
import torch
from torch import nn

TAGS = ["O", "B-TITLE", "I-TITLE", "B-PRICE", "I-PRICE", "B-PLACE", "I-PLACE"]
T2I = {t: i for i, t in enumerate(TAGS)}
SHARED = [f"n{i}" for i in range(60)]                      # tokens that may be part of anything: only the frame tells
NUM = [str(n) for n in range(10, 100, 5)]


def ad(r):
    toks, tags = [], []

    def add(words, field=None):
        for i, w in enumerate(words):
            toks.append(w)
            tags.append("O" if field is None else ("B-" if i == 0 else "I-") + field)

    parts = ["title", "price", "place", "chat"]
    r.shuffle(parts)
    for p in parts[:r.randint(2, 4)]:
        if p == "title":
            add([r.choice(["selling", "biete", "for-sale"])])
            add(r.choices(SHARED, k=r.randint(1, 3)), "TITLE")
        elif p == "price":
            add([r.choice(["only", "asking", "vb"])] if r.random() < 0.7 else [])
            add([r.choice(NUM), r.choice(["eur", "euro", "€"])], "PRICE")
        elif p == "place":
            add([r.choice(["near", "pickup-in", "bei"])])
            add(r.choices(SHARED, k=r.randint(1, 2)), "PLACE")
        else:
            add([r.choice(["call", "text", "write"]), r.choice(["me", "us"])])
            add(r.choices(SHARED + NUM, k=r.randint(0, 2)))
    return toks, tags


class CRF(nn.Module):
    def __init__(self, n_words, d=24, h=24):
        super().__init__()
        K = len(TAGS)
        self.emb = nn.Embedding(n_words, d, padding_idx=0)
        self.lstm = nn.LSTM(d, h, batch_first=True, bidirectional=True)
        self.emit = nn.Linear(2 * h, K)
        self.trans = nn.Parameter(0.1 * torch.randn(K, K))       # [from, to]
        self.start = nn.Parameter(torch.zeros(K))
        self.stop = nn.Parameter(torch.zeros(K))

    def emissions(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        return self.emit(nn.utils.rnn.pad_packed_sequence(self.lstm(p)[0], batch_first=True)[0])

    def nll(self, x, n, y):
        e = self.emissions(x, n)
        B, T, _ = e.shape
        live = torch.arange(T) < n[:, None]
        alpha = self.start + e[:, 0]
        gold = self.start[y[:, 0]] + e[:, 0].gather(1, y[:, :1])[:, 0]
        for t in range(1, T):
            nxt = torch.logsumexp(alpha[:, :, None] + self.trans, 1) + e[:, t]
            alpha = torch.where(live[:, t, None], nxt, alpha)
            gold = gold + torch.where(live[:, t], self.trans[y[:, t - 1], y[:, t]] + e[:, t].gather(1, y[:, t:t + 1])[:, 0], torch.zeros(()))
        last = y.gather(1, (n - 1)[:, None])[:, 0]
        return (torch.logsumexp(alpha + self.stop, 1) - gold - self.stop[last]).mean()

    @torch.no_grad()
    def viterbi(self, x, n):
        e = self.emissions(x, n)
        out = []
        for b in range(len(x)):
            s, back = self.start + e[b, 0], []
            for t in range(1, int(n[b])):
                m, k = (s[:, None] + self.trans).max(0)
                s = m + e[b, t]
                back.append(k)
            path = [int((s + self.stop).argmax())]
            for k in reversed(back):
                path.append(int(k[path[-1]]))
            out.append(path[::-1])
        return out


def spans(tags):
    res, start = set(), None
    for i, t in enumerate(tags + ["O"]):
        if start is not None and not (t.startswith("I-") and t[2:] == tags[start][2:]):
            res.add((start, i, tags[start][2:])); start = None
        if t.startswith("B-"):
            start = i
    return res


def main():
    r = random.Random(64)
    torch.manual_seed(64)
    data, known = [], set()
    while len(data) < 1900:
        a = ad(r)
        if tuple(a[0]) not in known:
            known.add(tuple(a[0])); data.append(a)
    train, dev = data[:1600], data[1600:]
    w2i = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in train for w in t} | {"<unk>"}))}

    def batch(part):
        n = torch.tensor([len(t) for t, _ in part])
        x, y = torch.zeros(len(part), int(n.max()), dtype=torch.long), torch.zeros(len(part), int(n.max()), dtype=torch.long)
        for i, (t, g) in enumerate(part):
            x[i, :len(t)] = torch.tensor([w2i.get(w, w2i["<unk>"]) for w in t])
            y[i, :len(t)] = torch.tensor([T2I[v] for v in g])
        return x, n, y

    model = CRF(len(w2i) + 1)
    opt = torch.optim.Adam(model.parameters(), lr=6e-3)
    gold = [spans(g) for _, g in dev]
    for epoch in range(1, 6):
        r.shuffle(train)
        tot = 0.0
        for k in range(0, len(train), 32):
            b = batch(train[k:k + 32])
            loss = model.nll(*b)
            opt.zero_grad(); loss.backward(); opt.step()
            tot += loss.item() * len(b[1]) / len(train)
        x, n, y = batch(dev)
        hyp = [spans([TAGS[i] for i in p]) for p in model.viterbi(x, n)]
        tp = sum(len(a & b) for a, b in zip(gold, hyp))
        f1 = 2 * tp / (sum(map(len, gold)) + sum(map(len, hyp)))
        with torch.no_grad():
            print(f"epoch {epoch} nll/sentence {tot:.3f} dev {model.nll(x, n, y):.3f} span-F1 {f1:.4f}")
    best = (model.trans.detach()).exp()
    print("I-PRICE comes after", TAGS[int(best[:, T2I['I-PRICE']].argmax())])


main()
