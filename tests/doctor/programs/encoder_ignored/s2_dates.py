"""Written dates ("march 3. 2011") to digits ("030311"): an encoder and a decoder with a hand-made GRU cell."""
import datetime
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(6)
torch.manual_seed(6)

MONTHS = "january february march april may june july august september october november december".split()
PAD, BOS, EOS = 0, 1, 2


def written(d):
    m = MONTHS[d.month - 1]
    return random.choice([
        ["the", f"{d.day}.", "of", m, str(d.year)],
        [m, f"{d.day}.", str(d.year)],
        [m[:3] + ".", f"{d.day}.", str(d.year)],
        ["in", str(d.year), "on", m, f"{d.day}."],
    ])


start = datetime.date(1990, 1, 1)
days = random.sample(range(365 * 32), 4200)
dates = [start + datetime.timedelta(days=k) for k in days]
examples = [(written(d), d.strftime("%m%d%y")) for d in dates]
train, test = examples[:3800], examples[3800:]

src_vocab = {"<pad>": PAD, "<unk>": 1}
for words, _ in train:
    for w in words:
        src_vocab.setdefault(w, len(src_vocab))
digits = {c: i + 3 for i, c in enumerate("0123456789")}
n_tgt = 13


def tensorise(rows):
    width = max(len(w) for w, _ in rows)
    src = torch.tensor([[PAD] * (width - len(w)) + [src_vocab.get(t, 1) for t in w] for w, _ in rows])
    tgt = torch.tensor([[BOS] + [digits[c] for c in t] + [EOS] for _, t in rows])
    return src, tgt


class Cell(nn.Module):
    """GRU step with the gates in one product."""

    def __init__(self, n_in, n_hid):
        super().__init__()
        self.n_hid = n_hid
        self.wx = nn.Linear(n_in, 3 * n_hid)
        self.wh = nn.Linear(n_hid, 3 * n_hid, bias=False)

    def forward(self, x, h):
        xr, xz, xn = self.wx(x).chunk(3, -1)
        hr, hz, hn = self.wh(h).chunk(3, -1)
        r, z = torch.sigmoid(xr + hr), torch.sigmoid(xz + hz)
        return (1 - z) * torch.tanh(xn + r * hn) + z * h


class Translator(nn.Module):
    def __init__(self, dim=48, hid=128):
        super().__init__()
        self.src = nn.Embedding(len(src_vocab), dim, padding_idx=PAD)
        self.tgt = nn.Embedding(n_tgt, dim)
        self.enc, self.dec = Cell(dim, hid), Cell(dim, hid)
        self.out = nn.Linear(hid, n_tgt)

    def encode(self, src):
        h = torch.zeros(src.size(0), self.enc.n_hid)
        for t in range(src.size(1)):
            new = self.enc(self.src(src[:, t]), h)
            h = torch.where((src[:, t] != PAD).unsqueeze(1), new, h)
        return h

    def first_state(self, src):
        memory = self.encode(src)
        # fault:
        return torch.zeros_like(memory)
        # mended:
        #return memory
        # end

    def forward(self, src, given):
        h, steps = self.first_state(src), []
        for t in range(given.size(1)):
            h = self.dec(self.tgt(given[:, t]), h)
            steps.append(self.out(h))
        return torch.stack(steps, 1)

    @torch.no_grad()
    def greedy(self, src, length):
        h, tok, out = self.first_state(src), torch.full((src.size(0),), BOS), []
        for _ in range(length):
            h = self.dec(self.tgt(tok), h)
            tok = self.out(h).argmax(-1)
            out.append(tok)
        return torch.stack(out, 1)


def score(model, src, tgt):
    model.eval()
    gold = tgt[:, 1:]
    hyp = model.greedy(src, gold.size(1))
    model.train()
    return (hyp == gold)[:, :-1].float().mean().item(), (hyp == gold).all(1).float().mean().item()


x, y = tensorise(train)
xt, yt = tensorise(test)
model = Translator()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
EPOCHS = 8
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [5, 7], gamma=0.3)
for epoch in range(EPOCHS):
    total = 0.0
    for rows in torch.randperm(len(x)).split(80):
        logits = model(x[rows], y[rows, :-1])
        loss = F.cross_entropy(logits.reshape(-1, n_tgt), y[rows, 1:].reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item() * len(rows)
    sched.step()
    print("epoch %d loss %.4f | test digits %.3f exact %.3f" % (epoch + 1, total / len(x), *score(model, xt, yt)))
print("train digits %.3f exact %.3f" % score(model, x[:500], y[:500]))
print("test digits %.3f exact %.3f" % score(model, xt, yt))
