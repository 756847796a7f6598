"""Unlabelled dependency arcs with a biaffine scorer (Dozat & Manning) on a little template treebank; UAS on new sentences."""
import random
import torch
from torch import nn
import torch.nn.functional as F

random.seed(8); torch.manual_seed(8)
LEX = dict(D="the a this every some".split(), A="small old green quick lazy happy".split(),
           N="dog cat bird farmer teacher child river market road hill".split(),
           V="sees likes follows finds watches calls".split(), R="quickly often today here".split(),
           P="near behind with under".split(), C=["and"])


def np_(depth=0):
    """words and heads relative to the phrase, head index of the phrase; -1 marks the open head"""
    w = [random.choice(LEX["D"])] + random.choices(LEX["A"], k=random.choice([0, 0, 1, 2]))
    n = len(w)
    h = [n] * n + [-1]
    w.append(random.choice(LEX["N"]))
    if depth < 1 and random.random() < 0.3:                      # prepositional phrase hangs on the noun
        sw, sh, root = np_(depth + 1)
        p = len(w)
        w.append(random.choice(LEX["P"])); h.append(n)
        h += [(p if x == -1 else x + p + 1) for x in sh]
        w += sw
    elif random.random() < 0.1:
        w += ["and", random.choice(LEX["N"])]
        h += [n + 2, n]
    return w, h, n


def sentence():
    sw, sh, s = np_()
    v = len(sw)
    w, h = sw + [random.choice(LEX["V"])], [v if x == -1 else x for x in sh] + [-1]
    ow, oh, o = np_()
    h += [v if x == -1 else x + v + 1 for x in oh]
    w += ow
    if random.random() < 0.4:
        w.append(random.choice(LEX["R"])); h.append(v)
    return tuple(w), tuple(x + 1 for x in h)                     # position 0 is ROOT


bank = list(dict(sentence() for _ in range(1500)).items())
dev, train = bank[:250], bank[250:]
ix = {w: i + 2 for i, w in enumerate(sorted({w for ws in LEX.values() for w in ws}))}   # 0 pad, 1 root


def collate(rows):
    T = max(len(w) for w, _ in rows) + 1
    x = torch.zeros(len(rows), T, dtype=torch.long)
    y = torch.full((len(rows), T), -100)
    for i, (w, h) in enumerate(rows):
        x[i, 0] = 1
        x[i, 1:len(w) + 1] = torch.tensor([ix[t] for t in w])
        y[i, 1:len(w) + 1] = torch.tensor(h)
    return x, y


class Parser(nn.Module):
    def __init__(self, n, d=32, h=40, k=32):
        super().__init__()
        self.emb = nn.Embedding(n, d, padding_idx=0)
        self.rnn = nn.LSTM(d, h, batch_first=True, bidirectional=True)
        self.dep, self.head = (nn.Sequential(nn.Linear(2 * h, k), nn.LeakyReLU(0.1), nn.Dropout(0.1)) for _ in "dh")
        self.U = nn.Parameter(torch.empty(k + 1, k))
        nn.init.xavier_uniform_(self.U)

    def forward(self, x):
        lens = (x != 0).sum(1)
        z = nn.utils.rnn.pack_padded_sequence(self.emb(x), lens, batch_first=True, enforce_sorted=False)
        z, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(z)[0], batch_first=True)
        d, h = self.dep(z), self.head(z)
        d = torch.cat([d, torch.ones_like(d[..., :1])], -1)
        s = torch.einsum("bik,kl,bjl->bij", d, self.U, h)        # s[b, dependent, head]
        T = x.size(1)
        banned = (x == 0)[:, None, :] | torch.eye(T, dtype=torch.bool)
        return s.masked_fill(banned, -1e9)


def uas(model, rows):
    model.eval()
    ok = n = 0
    with torch.no_grad():
        for i in range(0, len(rows), 125):
            x, y = collate(rows[i:i + 125])
            m = y != -100
            ok += (model(x).argmax(-1) == y)[m].sum().item(); n += m.sum().item()
    return ok / n


model = Parser(len(ix) + 2)
opt = torch.optim.Adam(model.parameters(), lr=5e-3, betas=(0.9, 0.9))
for epoch in range(4):
    model.train(); random.shuffle(train); tot = 0; k = 0
    for i in range(0, len(train), 32):
        x, y = collate(train[i:i + 32])
        loss = F.cross_entropy(model(x).transpose(1, 2), y, ignore_index=-100)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.)
        opt.step(); tot += loss.item(); k += 1
    for g in opt.param_groups: g["lr"] *= 0.6
    print(f"{epoch}: loss {tot / k:.4f} dev UAS {uas(model, dev):.4f}")
print(f"UAS train {uas(model, train):.4f} dev {uas(model, dev):.4f}")
