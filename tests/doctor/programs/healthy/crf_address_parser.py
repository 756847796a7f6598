# Linear-chain CRF by hand: forward algorithm in log space for the loss, Viterbi for decoding. Address strings -> fields.
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(12)
torch.manual_seed(12)
FIRST = "park mill oak church station queen river bridge garden castle north victoria".split()
KIND = "street road lane avenue square way".split()
TOWN = "bridge castle river oak newton milton ashford park kingston victoria hampton queen".split()   # overlaps FIRST
TAGS = ["NUM", "STREET", "TOWN", "CODE"]


def address():
    w, t = [], []
    for _ in range(rng.integers(1, 3)):
        w.append("".join(rng.choice(list("123456789"), rng.integers(1, 4)))), t.append(0)
    for _ in range(rng.integers(1, 3)):
        w.append(rng.choice(FIRST)), t.append(1)
    if rng.random() < 0.6:
        w.append(rng.choice(KIND)), t.append(1)
        for _ in range(rng.integers(1, 3)):
            w.append(rng.choice(TOWN)), t.append(2)
    else:
        w += ["in", rng.choice(TOWN)]
        t += [2, 2]
    w.append(rng.choice(list("abcdefgh")) + "".join(rng.choice(list("123456789"), 2))), t.append(3)
    return [str(x) for x in w], t


def shape(w):
    return "#" * len(w) if w.isdigit() else ("a##" if any(c.isdigit() for c in w) else w)


data = [address() for _ in range(1500)]
train, test = data[:1200], data[1200:]
vocab = {s: i for i, s in enumerate(sorted({shape(w) for ws, _ in train for w in ws}))}
UNK = len(vocab)


def by_length(rows, size):
    """batches of equally long rows: no padding anywhere"""
    groups = {}
    for ws, ts in rows:
        groups.setdefault(len(ws), []).append(([vocab.get(shape(w), UNK) for w in ws], ts))
    out = []
    for g in groups.values():
        g = [g[i] for i in rng.permutation(len(g))]
        out += [(torch.tensor([a for a, _ in g[i:i + size]]), torch.tensor([b for _, b in g[i:i + size]]))
                for i in range(0, len(g), size)]
    return [out[i] for i in rng.permutation(len(out))]


class CRF(nn.Module):
    def __init__(self, V, K, d=16):
        super().__init__()
        self.emb = nn.Embedding(V, d)
        self.conv = nn.Conv1d(d, 24, 3, padding=1)
        self.emit = nn.Linear(24, K)
        self.trans = nn.Parameter(0.01 * torch.randn(K, K))
        self.start = nn.Parameter(torch.zeros(K))

    def scores(self, x):
        h = torch.tanh(self.conv(self.emb(x).transpose(1, 2))).transpose(1, 2)
        return self.emit(h)

    def neg_log_lik(self, x, y):
        e = self.scores(x)
        gold = self.start[y[:, 0]] + e.gather(2, y[..., None]).sum((1, 2)) + self.trans[y[:, :-1], y[:, 1:]].sum(1)
        a = self.start + e[:, 0]
        for t in range(1, x.shape[1]):
            a = torch.logsumexp(a[:, :, None] + self.trans, dim=1) + e[:, t]
        return (torch.logsumexp(a, 1) - gold).mean()

    @torch.no_grad()
    def viterbi(self, x):
        e = self.scores(x)
        a, back = self.start + e[:, 0], []
        for t in range(1, x.shape[1]):
            best, arg = (a[:, :, None] + self.trans).max(1)
            a = best + e[:, t]
            back.append(arg)
        path = [a.argmax(1)]
        for arg in reversed(back):
            path.append(arg.gather(1, path[-1][:, None]).squeeze(1))
        return torch.stack(path[::-1], 1)


def exact(rows):
    hit = sum((crf.viterbi(x) == y).all(1).sum().item() for x, y in by_length(rows, 64))
    return hit / len(rows)


crf = CRF(len(vocab) + 1, len(TAGS))
opt = torch.optim.Adam([{"params": [crf.trans, crf.start], "lr": 2e-2},
                        {"params": [p for n, p in crf.named_parameters() if n not in ("trans", "start")], "lr": 5e-3}])
for epoch in range(4):
    tot = []
    for x, y in by_length(train, 24):
        loss = crf.neg_log_lik(x, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot.append(loss.item())
    print(f"epoch {epoch + 1}: nll per address {np.mean(tot):.4f}  all fields right: train {exact(train):.3f} test {exact(test):.3f}")
