"""Linear-chain CRF written out by hand: find the names inside sentences (B, I, O)."""
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(23)
torch.manual_seed(23)
FIRST = "anna bob carl dora emil fred gina hugo ivan june".split()
LAST = "stone woods rivers fields baker miller smith carter".split()
PLAIN = "saw met the old near of stone woods rivers fields with a long day and road".split()
TAGS = "BIO"


def sentence():
    ws, ts = [], []
    for _ in range(random.randint(3, 6)):
        if random.random() < 0.35:
            ws.append(random.choice(FIRST))
            ts.append(0)
            for _ in range(random.randint(0, 2)):
                ws.append(random.choice(LAST))
                ts.append(1)
            ws.append(random.choice(["saw", "met", "and", "with"]))
            ts.append(2)
        else:
            ws.append(random.choice(PLAIN))
            ts.append(2)
    return ws, ts


vocab = {w: i + 1 for i, w in enumerate(sorted(set(FIRST + LAST + PLAIN)))}
data = [sentence() for _ in range(900)]
train, dev = data[:700], data[700:]
dev_new = {tuple(w) for w, _ in train}
dev = [d for d in dev if tuple(d[0]) not in dev_new]


def batch(part):
    x = pad_sequence([torch.tensor([vocab[w] for w in ws]) for ws, _ in part], batch_first=True)
    y = pad_sequence([torch.tensor(ts) for _, ts in part], batch_first=True)
    return x, y, x > 0


class CRF(nn.Module):
    def __init__(self, k=3):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.emit = nn.Linear(16, k)
        self.trans = nn.Parameter(torch.zeros(k, k))              # from row to column
        self.start = nn.Parameter(torch.zeros(k))

    def nll(self, x, y, mask):
        e = self.emit(self.emb(x))
        pick = e.gather(2, y.unsqueeze(2)).squeeze(2)
        gold = (pick * mask).sum(1) + self.start[y[:, 0]] + (self.trans[y[:, :-1], y[:, 1:]] * mask[:, 1:]).sum(1)
        a = self.start + e[:, 0]
        for t in range(1, x.size(1)):
            nxt = torch.logsumexp(a.unsqueeze(2) + self.trans, dim=1) + e[:, t]
            a = torch.where(mask[:, t:t + 1], nxt, a)
        return (torch.logsumexp(a, dim=1) - gold).mean()

    def viterbi(self, words):
        e = self.emit(self.emb(torch.tensor([vocab[w] for w in words])))
        a, back = self.start + e[0], []
        for t in range(1, len(words)):
            best, arg = (a.unsqueeze(1) + self.trans).max(dim=0)
            a = best + e[t]
            back.append(arg)
        path = [a.argmax().item()]
        for arg in reversed(back):
            path.append(arg[path[-1]].item())
        return path[::-1]


crf = CRF()
opt = torch.optim.Adam(crf.parameters(), lr=0.08)
for epoch in range(6):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 28):
        loss = crf.nll(*batch(train[i:i + 28]))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * 28 / len(train)
    with torch.no_grad():
        ok = n = whole = 0
        for ws, ts in dev:
            p = crf.viterbi(ws)
            ok += sum(a == b for a, b in zip(p, ts))
            n += len(ts)
            whole += p == ts
    print(f"epoch {epoch + 1}: nll per sentence {total:.3f}  dev tags {ok / n:.3f}  dev sentences {whole / len(dev):.3f}")
