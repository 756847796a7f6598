# Seq2seq homework: human dates -> ISO-like strings ("march 7 2014" -> "2014-03-07"), Luong attention
import random, torch
from torch import nn

random.seed(21); torch.manual_seed(21)
MONTHS = "january february march april may june july august september october november december".split()
PAD, BOS, EOS = 0, 1, 2
TGT = ["<pad>", "<s>", "</s>"] + list("0123456789-")


def example():
    y, m, d = random.randint(1980, 2029), random.randint(1, 12), random.randint(1, 28)
    mon = MONTHS[m - 1] if random.random() < .5 else MONTHS[m - 1][:3]
    src = random.choice([f"{mon} {d} y {y}", f"{d} {mon} y {y}", f"the {d} of {mon} y {y}"])
    toks = []
    for w in src.split():
        toks += list(w) if len(w) == 4 and w.isdigit() else [w.zfill(2) if w.isdigit() else w]
    return toks, list(f"{y}-{m:02d}-{d:02d}")


rows = {}
while len(rows) < 1900:
    s, t = example()
    rows[" ".join(s)] = (s, t)
rows = list(rows.values())
random.shuffle(rows)
sv = {w: i + 1 for i, w in enumerate(sorted({w for s, _ in rows for w in s}))}
tv = {c: i for i, c in enumerate(TGT)}


def tensorise(rs):
    S = nn.utils.rnn.pad_sequence([torch.tensor([sv[w] for w in s]) for s, _ in rs], batch_first=True)
    T = nn.utils.rnn.pad_sequence([torch.tensor([BOS] + [tv[c] for c in t] + [EOS]) for _, t in rs], batch_first=True)
    return S, T


class Enc(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.emb = nn.Embedding(len(sv) + 1, 32, padding_idx=0)
        self.gru = nn.GRU(32, h // 2, batch_first=True, bidirectional=True)

    def forward(self, S):
        lens = (S != 0).sum(1)
        p = nn.utils.rnn.pack_padded_sequence(self.emb(S), lens, batch_first=True, enforce_sorted=False)
        o, h = self.gru(p)
        o, _ = nn.utils.rnn.pad_packed_sequence(o, batch_first=True)
        return o, torch.cat([h[0], h[1]], -1).unsqueeze(0)


class Dec(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.emb = nn.Embedding(len(TGT), 16, padding_idx=PAD)
        self.gru = nn.GRU(16, h, batch_first=True)
        self.out = nn.Linear(2 * h, len(TGT))

    def forward(self, t, h, mem, mask):
        o, h = self.gru(self.emb(t), h)
        w = (o @ mem.transpose(1, 2)).masked_fill(~mask.unsqueeze(1), float("-inf")).softmax(-1)
        return self.out(torch.cat([o, w @ mem], -1)), h


enc, dec = Enc(64), Dec(64)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()], lr=0.01)
lossf = nn.CrossEntropyLoss(ignore_index=PAD)
train, test = rows[:1600], rows[1600:]


@torch.no_grad()
def exact(rs):
    enc.eval(); dec.eval()
    S, _ = tensorise(rs)
    mem, h = enc(S)
    tok = torch.full((len(rs), 1), BOS)
    outs = []
    for _ in range(12):
        lg, h = dec(tok, h, mem, S != 0)
        tok = lg.argmax(-1)
        outs.append(tok)
    outs = torch.cat(outs, 1).tolist()
    enc.train(); dec.train()
    return sum(o[:o.index(EOS)] == [tv[c] for c in t] for o, (_, t) in zip(outs, rs) if EOS in o) / len(rs)


for epoch in range(5):
    random.shuffle(train)
    tot = 0
    for i in range(0, len(train), 50):
        S, T = tensorise(train[i:i + 50])
        mem, h = enc(S)
        logits, _ = dec(T[:, :-1], h, mem, S != 0)
        loss = lossf(logits.flatten(0, 1), T[:, 1:].flatten())
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_([*enc.parameters(), *dec.parameters()], 1.)
        opt.step(); tot += loss.item()
    for gr in opt.param_groups: gr["lr"] *= 0.7
    print(f"epoch {epoch} loss {tot / (len(train) / 50):.4f} greedy exact: train {exact(train[:100]):.3f} test {exact(test):.3f}")
