"""Linear-chain CRF for finding street addresses in chat lines (most tokens are O). Scores: entity F1."""
import random
import torch
import torch.nn as nn

random.seed(77); torch.manual_seed(77)
TAGS = ["O", "B", "I"]
TALK = "hi please send it to my place at around noon thanks we are still waiting for you and the parcel call me".split()
STREET = "oak mill king queen station park hill church rose lake".split()
TYPE = "street road lane avenue".split()
NUM = [str(n) for n in range(1, 30)]


def line():
    words, tags = [], []
    def talk(n):
        for _ in range(n):
            # street words and numbers also occur in ordinary talk
            w = random.choice(TALK) if random.random() < 0.85 else random.choice(NUM + STREET)
            words.append(w); tags.append(0)
    talk(random.randint(3, 9))
    if random.random() < 0.6:
        name = random.choices(STREET, k=random.randint(1, 2))
        ent = [random.choice(NUM)] + name + [random.choice(TYPE)]
        words.extend(ent); tags.extend([1] + [2] * (len(ent) - 1))
        talk(random.randint(2, 6))
    return words, tags


class CRF(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.trans = nn.Parameter(torch.zeros(k, k))
        self.start = nn.Parameter(torch.zeros(k))
        self.stop = nn.Parameter(torch.zeros(k))

    def nll(self, em, y, mask):
        # em N,T,K  y N,T  mask N,T (True on words)
        N, T, K = em.shape
        r = torch.arange(N)
        gold = self.start[y[:, 0]] + em[r, 0, y[:, 0]]
        alpha = self.start + em[:, 0]
        for t in range(1, T):
            m = mask[:, t]
            gold = gold + (self.trans[y[:, t - 1], y[:, t]] + em[r, t, y[:, t]]) * m
            new = torch.logsumexp(alpha.unsqueeze(2) + self.trans, 1) + em[:, t]
            alpha = torch.where(m.unsqueeze(1), new, alpha)
        last = y.gather(1, mask.sum(1, keepdim=True) - 1).squeeze(1)
        return (torch.logsumexp(alpha + self.stop, 1) - gold - self.stop[last]).mean()

    def viterbi(self, em):
        score, back = self.start + em[0], []
        for e in em[1:]:
            best, arg = (score.unsqueeze(1) + self.trans).max(0)
            back.append(arg)
            score = best + e
        path = [int((score + self.stop).argmax())]
        for arg in reversed(back):
            path.append(int(arg[path[-1]]))
        return path[::-1]


train, dev = [line() for _ in range(900)], [line() for _ in range(250)]
vocab = {w: i + 2 for i, w in enumerate(sorted({w for ws, _ in train for w in ws}))}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 2, 24, padding_idx=0)
        self.win = nn.Conv1d(24, 32, 3, padding=1)
        self.out = nn.Linear(32, len(TAGS))
        self.crf = CRF(len(TAGS))

    def emissions(self, x):
        return self.out(torch.relu(self.win(self.emb(x).transpose(1, 2))).transpose(1, 2))


def batchify(rows):
    T = max(len(w) for w, _ in rows)
    x = torch.tensor([[vocab.get(w, 1) for w in ws] + [0] * (T - len(ws)) for ws, _ in rows])
    y = torch.tensor([ts + [0] * (T - len(ts)) for _, ts in rows])
    return x, y, x != 0


def spans(tags):
    out, start = set(), None
    for i, t in enumerate(tags + [0]):
        if start is not None and t != 2:
            out.add((start, i)); start = None
        if t == 1:
            start = i
    return out


def f1(net, rows):
    net.eval()
    tp = fp = fn = 0
    with torch.no_grad():
        x, _, _ = batchify(rows)
        em = net.emissions(x)
        for e, (ws, ts) in zip(em, rows):
            p, g = spans(net.crf.viterbi(e[:len(ws)])), spans(ts)
            tp += len(p & g); fp += len(p - g); fn += len(g - p)
    return 2 * tp / max(2 * tp + fp + fn, 1)


net = Net()
opt = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=1e-3)
for ep in range(4):
    net.train(); random.shuffle(train); tot = 0.0
    for i in range(0, len(train), 30):
        x, y, mask = batchify(train[i:i + 30])
        loss = net.crf.nll(net.emissions(x), y, mask)
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    print(f"epoch {ep}: nll {tot / 30:.3f}  entity F1 train {f1(net, train[:250]):.3f}  dev {f1(net, dev):.3f}")
