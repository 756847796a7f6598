"""Unlabelled dependency parsing as head selection: every word picks its head among the words and ROOT (biaffine scores).
Treebank: sentences from a small hand-written grammar with attachment rules."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

random.seed(21)
torch.manual_seed(21)

NOUN = "dog cat farmer lawyer river house student teacher letter garden piano window engine captain doctor bridge baker novel".split()
ADJ = "old green quiet happy broken tall tiny famous cheap heavy".split()
VERB = "sees likes sold painted found carried admired ignored visited repaired".split()
SAY = "says thinks believes hopes".split()
ADV = "slowly often today quietly never".split()
DET = ["the", "a", "every", "some"]
PREP = ["near", "behind", "with", "under"]


class Tree:
    def __init__(self):
        self.w, self.h = [], []

    def put(self, word):
        self.w.append(word)
        self.h.append(None)
        return len(self.w)          # 1-based, 0 is ROOT

    def np(self, depth=0):
        d = self.put(random.choice(DET))
        adjs = [self.put(random.choice(ADJ)) for _ in range(random.choice([0, 0, 1, 2]))]
        n = self.put(random.choice(NOUN))
        for k in [d] + adjs:
            self.h[k - 1] = n
        if depth == 0 and random.random() < 0.35:
            p = self.put(random.choice(PREP))
            m = self.np(1)
            self.h[p - 1], self.h[m - 1] = m, n
        return n

    def clause(self):
        s = self.np()
        adv = self.put(random.choice(ADV)) if random.random() < 0.3 else None
        v = self.put(random.choice(VERB))
        o = self.np()
        self.h[s - 1] = self.h[o - 1] = v
        if adv:
            self.h[adv - 1] = v
        return v

    def sentence(self):
        if random.random() < 0.35:
            s = self.put(random.choice(NOUN))
            v = self.put(random.choice(SAY))
            t = self.put("that")
            c = self.clause()
            self.h[s - 1], self.h[c - 1], self.h[t - 1] = v, v, c
        else:
            v = self.clause()
        self.h[v - 1] = 0
        return self.w, self.h


seen, bank = set(), []
while len(bank) < 1500:
    w, h = Tree().sentence()
    if tuple(w) not in seen:
        seen.add(tuple(w))
        bank.append((w, h))
train, dev = bank[:1200], bank[1200:]
vocab = {w: i + 2 for i, w in enumerate(sorted({w for s, _ in train for w in s}))}   # 0 pad, 1 root


def tensors(rows):
    rows = sorted(rows, key=lambda r: -len(r[0]))
    T = len(rows[0][0]) + 1
    x = torch.zeros(len(rows), T, dtype=torch.long)
    y = torch.full((len(rows), T), -100)
    for i, (w, h) in enumerate(rows):
        x[i, 0] = 1
        x[i, 1:len(w) + 1] = torch.tensor([vocab[t] for t in w])
        y[i, 1:len(w) + 1] = torch.tensor(h)
    return x, y, torch.tensor([len(w) + 1 for w, _ in rows])


class Biaffine(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 2, d, padding_idx=0)
        self.rnn = nn.LSTM(d, d, batch_first=True, bidirectional=True)
        self.dep, self.head = nn.Linear(2 * d, d), nn.Linear(2 * d, d)
        self.U = nn.Parameter(torch.eye(d) * 0.3)
        self.u = nn.Parameter(torch.zeros(d))

    def forward(self, x, lens):
        packed = pack_padded_sequence(self.emb(x), lens, batch_first=True)
        h, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        a, b = F.relu(self.dep(h)), F.relu(self.head(h))
        s = a @ self.U @ b.transpose(1, 2) + (b @ self.u).unsqueeze(1)
        return s.masked_fill((x == 0).unsqueeze(1), -1e9)      # a pad can be nobody's head


def uas(net, rows):
    net.eval()
    ok = n = 0
    with torch.no_grad():
        for i in range(0, len(rows), 200):
            x, y, l = tensors(rows[i:i + 200])
            p = net(x, l).argmax(-1)
            m = y != -100
            ok += (p[m] == y[m]).sum().item()
            n += m.sum().item()
    return ok / n


net = Biaffine()
opt = torch.optim.Adam(net.parameters(), lr=8e-3, betas=(0.9, 0.9))
sched = torch.optim.lr_scheduler.StepLR(opt, 2, 0.4)
for epoch in range(5):
    net.train()
    random.shuffle(train)
    run = 0.0
    for i in range(0, len(train), 40):
        x, y, l = tensors(train[i:i + 40])
        loss = F.cross_entropy(net(x, l).flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        run += loss.item()
    sched.step()
    print("epoch", epoch + 1, "arc loss", round(run / 30, 4), "train UAS", round(uas(net, train[:400]), 3), "dev UAS", round(uas(net, dev), 3))
