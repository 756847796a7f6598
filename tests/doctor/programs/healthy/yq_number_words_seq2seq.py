"""Encoder-decoder for short number words -> digits ('twenty four' -> '2 4 <eos>'), greedy decoding, own attention."""
import random
import torch
from torch import nn
import torch.nn.functional as F

random.seed(12); torch.manual_seed(12)
UNIT = "zero one two three four five six seven eight nine".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(n):
    h, r = divmod(n, 100)
    t, u = divmod(r, 10)
    return ([UNIT[h], "hundred"] if h else []) + ([TENS[t]] if t else []) + ([UNIT[u]] if u or n == 0 else [])


nums = [n for n in range(1000) if not 10 <= n % 100 < 20]
random.shuffle(nums)
train, test = nums[:750], nums[750:]
src = {w: i + 1 for i, w in enumerate(UNIT + TENS[2:] + ["hundred"])}
PAD, BOS, EOS = 10, 11, 12


def batch(ns):
    s = [torch.tensor([src[w] for w in spell(n)]) for n in ns]
    t = [torch.tensor([int(c) for c in str(n)] + [EOS]) for n in ns]
    return nn.utils.rnn.pad_sequence(s, batch_first=True), nn.utils.rnn.pad_sequence(t, batch_first=True, padding_value=PAD)


class S2S(nn.Module):
    def __init__(self, d=40):
        super().__init__()
        self.es, self.et = nn.Embedding(len(src) + 1, d, padding_idx=0), nn.Embedding(13, d)
        self.pos = nn.Parameter(torch.randn(5, d) * .1)
        self.mem = nn.Linear(d, d)
        self.cell, self.q = nn.GRUCell(2 * d, d), nn.Linear(d, d)
        self.out = nn.Linear(2 * d, 13)

    def encode(self, s):
        m = (s != 0)
        e = torch.tanh(self.mem(self.es(s) + self.pos[:s.size(1)]))
        h = (e * m[..., None]).sum(1) / m.sum(1, keepdim=True)
        return e, m, h

    def step(self, tok, h, ctx, e, m):
        h = self.cell(torch.cat([self.et(tok), ctx], 1), h)
        a = torch.einsum("bd,btd->bt", self.q(h), e).masked_fill(~m, -1e9).softmax(1)
        ctx = torch.einsum("bt,btd->bd", a, e)
        return self.out(torch.cat([h, ctx], 1)), h, ctx

    def forward(self, s, t):
        e, m, h = self.encode(s)
        ctx, tok, logits = torch.zeros_like(h), torch.full((len(s),), BOS), []
        for k in range(t.size(1)):
            o, h, ctx = self.step(tok, h, ctx, e, m)
            logits.append(o)
            tok = t[:, k]
        return torch.stack(logits, 1)

    @torch.no_grad()
    def greedy(self, s):
        e, m, h = self.encode(s)
        ctx, tok, outs = torch.zeros_like(h), torch.full((len(s),), BOS), []
        for _ in range(5):
            o, h, ctx = self.step(tok, h, ctx, e, m)
            tok = o.argmax(1)
            outs.append(tok)
        return ["".join(map(str, r[:r.index(EOS)] if EOS in r else r)) for r in torch.stack(outs, 1).tolist()]


def exact(net, ns):
    return sum(a == str(n) for a, n in zip(net.greedy(batch(ns)[0]), ns)) / len(ns)


net = S2S()
EPOCHS = 20
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for ep in range(EPOCHS):
    opt.param_groups[0]["lr"] = 0.01 * (1 - ep / EPOCHS)
    random.shuffle(train)
    tot = 0
    for i in range(0, 750, 50):
        s, t = batch(train[i:i + 50])
        loss = F.cross_entropy(net(s, t).transpose(1, 2), t, ignore_index=PAD)
        opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(net.parameters(), 1.0); opt.step()
        tot += loss.item() / 15
    if ep % 4 == 3:
        print(f"epoch {ep + 1} loss {tot:.4f} exact train {exact(net, train):.3f} test {exact(net, test):.3f}")
