"""Splitting addresses into fields with a BiLSTM-CRF written by hand (forward algorithm + Viterbi)."""
import random
import torch
from torch import nn

random.seed(31)
torch.manual_seed(31)
TAGS = ["NAME", "STREET", "NUM", "CITY", "ZIP"]
FIRST = "anna ben carla david emma felix gina henry".split()
SHARED = "paris florence jackson lincoln chester austin sydney madison".split()      # person, street or city
STREET = ["street", "road", "avenue", "lane"]
CITY = "boston dallas tampa denver".split()


def address():
    rows = [(random.choice(FIRST), "NAME"), (random.choice(SHARED), "NAME")]
    street = [(random.choice(SHARED), "STREET"), (random.choice(STREET), "STREET")]
    num = [("#" * random.randint(1, 3), "NUM")]
    rows += num + street if random.random() < 0.5 else street + num
    city = ([("new", "CITY")] if random.random() < 0.3 else []) + [(random.choice(SHARED + CITY), "CITY")]
    z = [("#####", "ZIP")]
    rows += random.choice([city + z, z + city, city])
    return [w for w, _ in rows], [TAGS.index(t) for _, t in rows]


data = [address() for _ in range(2000)]
train, dev = data[:1600], data[1600:]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for ws, _ in train for w in ws}))}


def make(batch):
    T = max(len(w) for w, _ in batch)
    x, y, m = (torch.zeros(len(batch), T, dtype=torch.long) for _ in range(3))
    for b, (ws, ts) in enumerate(batch):
        x[b, :len(ws)] = torch.tensor([vocab[w] for w in ws])
        y[b, :len(ws)] = torch.tensor(ts)
        m[b, :len(ws)] = 1
    return x, y, m.bool()


class Tagger(nn.Module):
    def __init__(self, K=len(TAGS)):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.lstm = nn.LSTM(16, 16, batch_first=True, bidirectional=True)
        self.proj = nn.Linear(32, K)
        self.trans = nn.Parameter(torch.zeros(K, K))      # from, to
        self.start = nn.Parameter(torch.zeros(K))

    def emissions(self, x, m):
        p = nn.utils.rnn.pack_padded_sequence(self.emb(x), m.sum(1), batch_first=True, enforce_sorted=False)
        return self.proj(nn.utils.rnn.pad_packed_sequence(self.lstm(p)[0], batch_first=True)[0])

    def nll(self, x, y, m):
        e = self.emissions(x, m)
        gold = self.start[y[:, 0]] + (e.gather(2, y[..., None])[..., 0] * m).sum(1) + (self.trans[y[:, :-1], y[:, 1:]] * m[:, 1:]).sum(1)
        alpha = self.start + e[:, 0]
        for t in range(1, x.size(1)):
            nxt = torch.logsumexp(alpha[:, :, None] + self.trans, 1) + e[:, t]
            alpha = torch.where(m[:, t, None], nxt, alpha)
        return (torch.logsumexp(alpha, 1) - gold).mean()

    @torch.no_grad()
    def viterbi(self, x, m):
        e, back = self.emissions(x, m), []
        v = self.start + e[:, 0]
        for t in range(1, x.size(1)):
            best, arg = (v[:, :, None] + self.trans).max(1)
            stay = torch.arange(v.size(1)).expand_as(arg)
            back.append(torch.where(m[:, t, None], arg, stay))
            v = torch.where(m[:, t, None], best + e[:, t], v)
        path = [v.argmax(1)]
        for b in reversed(back):
            path.append(b.gather(1, path[-1][:, None])[:, 0])
        return torch.stack(path[::-1], 1)


def scores(model, rows):
    model.eval()
    x, y, m = make(rows)
    hit = (model.viterbi(x, m) == y) | ~m
    return hit[m].float().mean().item(), hit.all(1).float().mean().item()


model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(3):
    model.train()
    random.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), 50):
        loss = model.nll(*make(train[i:i + 50]))
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    print("epoch %d nll %.4f  dev token acc %.4f whole address %.4f" % ((epoch, tot / 32) + scores(model, dev)))
print("train token acc %.4f whole address %.4f" % scores(model, train))
