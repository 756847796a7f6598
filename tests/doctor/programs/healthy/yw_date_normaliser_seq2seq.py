"""'7 mar 1998' -> '03-07': character encoder, attention, GRUCell decoder, greedy decoding for the score."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(21); torch.manual_seed(21)
MONTHS = "january february march april may june july august september october november december".split()
PAD, BOS, EOS = 0, 1, 2
chars = "abcdefghijklmnopqrstuvwxyz0123456789 -.,/"
c2i = {c: i + 3 for i, c in enumerate(chars)}
V = len(chars) + 3


def pair():
    y, m, d = random.randint(1950, 2029), random.randint(1, 12), random.randint(1, 28)
    mon = MONTHS[m - 1] if random.random() < .3 else MONTHS[m - 1][:3]
    src = random.choice([f"{d} {mon} {y}", f"{mon} {d}, {y}", f"{d}.{m}.{y}"])
    return src, f"{m:02d}-{d:02d}"          # month and day is all that the calendar needs


data = list(dict.fromkeys(pair() for _ in range(3200)))
train, test = data[:-300], data[-300:]
train_src = {s for s, _ in train}
assert not any(s in train_src for s, _ in test)


def batchify(rows):
    S = [[c2i[c] for c in s] for s, _ in rows]
    T = [[c2i[c] for c in t] + [EOS] for _, t in rows]
    src = torch.full((len(rows), max(map(len, S))), PAD)
    for i, s in enumerate(S):
        src[i, :len(s)] = torch.tensor(s)
    return src, torch.tensor(T)             # targets all have one length


class Normaliser(nn.Module):
    def __init__(self, d=24, h=40):
        super().__init__()
        self.emb = nn.Embedding(V, d, padding_idx=PAD)
        self.conv = nn.Conv1d(d, h, 3, padding=1)
        self.conv2 = nn.Conv1d(h, h, 3, padding=1)
        self.cell = nn.GRUCell(d + h, h)
        self.start = nn.Parameter(torch.zeros(h))
        self.out = nn.Linear(2 * h, V)

    def encode(self, src):
        keep = (src != PAD).unsqueeze(1)
        x = F.relu(self.conv(self.emb(src).transpose(1, 2))) * keep
        x = F.relu(self.conv2(x)) * keep
        return x.transpose(1, 2), src == PAD

    def step(self, tok, h, ctx, mem, pad):
        h = self.cell(torch.cat([self.emb(tok), ctx], -1), h)
        score = torch.einsum("bh,bth->bt", h, mem).masked_fill(pad, float("-inf"))
        ctx = torch.einsum("bt,bth->bh", score.softmax(-1), mem)
        return self.out(torch.cat([h, ctx], -1)), h, ctx

    def forward(self, src, tgt):
        mem, pad = self.encode(src)
        B = src.size(0)
        h, ctx = self.start.expand(B, -1), mem.new_zeros(B, mem.size(-1))
        tok, logits = torch.full((B,), BOS), []
        for t in range(tgt.size(1)):
            o, h, ctx = self.step(tok, h, ctx, mem, pad)
            logits.append(o)
            tok = tgt[:, t]
        return torch.stack(logits, 1)

    @torch.no_grad()
    def translate(self, src, limit=9):
        mem, pad = self.encode(src)
        B = src.size(0)
        h, ctx, tok = self.start.expand(B, -1), mem.new_zeros(B, mem.size(-1)), torch.full((B,), BOS)
        done, out = torch.zeros(B, dtype=torch.bool), [""] * B
        for _ in range(limit):
            o, h, ctx = self.step(tok, h, ctx, mem, pad)
            tok = o.argmax(-1)
            done |= tok == EOS
            for i in (~done).nonzero().flatten().tolist():
                out[i] += chars[tok[i] - 3] if tok[i] >= 3 else "?"
            if done.all():
                break
        return out


model = Normaliser()
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
EPOCHS = 4
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda e: [1, 1, .4, .1][min(e, 3)])
for ep in range(EPOCHS):
    model.train()
    random.shuffle(train)
    tot = n = 0
    for i in range(0, len(train), 40):
        src, tgt = batchify(train[i:i + 40])
        loss = F.cross_entropy(model(src, tgt).flatten(0, 1), tgt.flatten())
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.)
        opt.step()
        tot += loss.item(); n += 1
    sched.step()
    model.eval()
    hyp = model.translate(batchify(test)[0])
    acc = sum(h == t for h, (_, t) in zip(hyp, test)) / len(test)
    print(f"epoch {ep}: loss {tot/n:.3f}  exact match on test {acc:.3f}   {test[0][0]!r} -> {hyp[0]}")
