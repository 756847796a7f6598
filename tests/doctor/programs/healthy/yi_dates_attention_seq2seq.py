"""Date normalisation, the classic attention exercise: "mar 3, 1998" -> "1998-03-03".

Source is read character by character, the target is written character by character (Bahdanau attention).
Validation decodes greedily, without seeing the target, until <eos>.
"""
import random
import torch
import torch.nn as nn

SEED = 1234
random.seed(SEED)
torch.manual_seed(SEED)

MONTHS = "january february march april may june july august september october november december".split()
PAD, BOS, EOS = 0, 1, 2
SRC = {c: i + 3 for i, c in enumerate("abcdefghijklmnopqrstuvwxyz0123456789 ,./")}
TGT = {c: i + 3 for i, c in enumerate("0123456789-")}
INV = {i: c for c, i in TGT.items()}


def sample():
    y, m, d = random.randint(1900, 2029), random.randint(1, 12), random.randint(1, 28)
    name = MONTHS[m - 1]
    form = random.choice(["{d} {a} {y}", "{a} {d}, {y}", "{m}/{d}/{y}"])
    return form.format(d=d, m=m, y=y, a=name[:3]), f"{y}-{m:02d}-{d:02d}"


pairs, seen = [], set()
while len(pairs) < 2700:
    s, t = sample()
    if s not in seen:
        seen.add(s)
        pairs.append((s, t))
valid, train = pairs[:300], pairs[300:]


def tensorise(rows):
    w = max(len(s) for s, _ in rows)
    x = torch.tensor([[SRC[c] for c in s] + [PAD] * (w - len(s)) for s, _ in rows])
    y = torch.tensor([[BOS] + [TGT[c] for c in t] + [EOS] for _, t in rows])   # targets all have ten characters
    return x, y


class Encoder(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.emb = nn.Embedding(len(SRC) + 3, 24, padding_idx=PAD)
        self.rnn = nn.GRU(24, d // 2, batch_first=True, bidirectional=True)

    def forward(self, x):
        n = (x != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        out, h = self.rnn(packed)
        out, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True)
        return out, torch.cat([h[0], h[1]], 1)


class Decoder(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.emb = nn.Embedding(len(TGT) + 3, 16)
        self.cell = nn.GRUCell(16 + d, d)
        self.query = nn.Linear(d, d)
        self.out = nn.Linear(2 * d, len(TGT) + 3)

    def step(self, tok, h, mem, mask):
        score = torch.bmm(mem, self.query(h).unsqueeze(2)).squeeze(2) / mem.size(2) ** 0.5
        a = torch.softmax(score.masked_fill(~mask, float("-inf")), 1)
        ctx = torch.bmm(a.unsqueeze(1), mem).squeeze(1)
        h = self.cell(torch.cat([self.emb(tok), ctx], 1), h)
        return self.out(torch.cat([h, ctx], 1)), h


DIM = 48
enc, dec = Encoder(DIM), Decoder(DIM)
optim = torch.optim.Adam(list(enc.parameters()) + list(dec.parameters()), lr=8e-3)
EPOCHS, BATCH = 6, 80
sched = torch.optim.lr_scheduler.OneCycleLR(optim, 1e-2, total_steps=EPOCHS * (len(train) // BATCH), pct_start=.2)
ce = nn.CrossEntropyLoss()


def exact(rows):
    enc.eval(), dec.eval()
    x, _ = tensorise(rows)
    with torch.no_grad():
        mem, h = enc(x)
        tok, said = torch.full((len(rows),), BOS), []
        for _ in range(14):
            o, h = dec.step(tok, h, mem, x != PAD)
            tok = o.argmax(1)
            said.append(tok)
    hits = 0
    for seq, (_, t) in zip(torch.stack(said, 1).tolist(), rows):
        seq = seq[:seq.index(EOS)] if EOS in seq else seq
        hits += "".join(INV.get(k, "?") for k in seq) == t
    return hits / len(rows)


for epoch in range(EPOCHS):
    enc.train(), dec.train()
    random.shuffle(train)
    tot = 0
    for i in range(0, len(train), BATCH):
        x, y = tensorise(train[i:i + BATCH])
        mem, h = enc(x)
        logits = []
        for t in range(y.size(1) - 1):
            o, h = dec.step(y[:, t], h, mem, x != PAD)
            logits.append(o)
        loss = ce(torch.stack(logits, 1).flatten(0, 1), y[:, 1:].flatten())
        optim.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(enc.parameters(), 1.0)
        nn.utils.clip_grad_norm_(dec.parameters(), 1.0)
        optim.step()
        sched.step()
        tot += loss.item()
    print(f"epoch {epoch + 1}: loss {tot / (len(train) // BATCH):.4f}, exact match {exact(valid):.3f}")
print("train exact", exact(train[:300]))
