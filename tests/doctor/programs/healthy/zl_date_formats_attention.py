"""Human dates -> ISO dates, the classic course exercise, rewritten without Keras.
'7 march 1998', 'march 7, 1998', '07.03.98' ... -> 1998-03-07
"""
import datetime
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(3)
torch.manual_seed(3)

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
IN = "\0 ,./" + "0123456789" + "abcdefghijklmnopqrstuvwxyz"
OUT = "0123456789-<>"            # < starts a line, > ends it
PAD_IN, BOS, EOS = 0, OUT.index("<"), OUT.index(">")


def write(d):
    m = MONTHS[d.month - 1]
    return random.choice([f"{d.day} {m} {d.year}", f"{m} {d.day}, {d.year}", f"{d.day:02d}.{d.month:02d}.{d.year}",
                          f"{d.year}/{d.month:02d}/{d.day:02d}"])


first = datetime.date(1970, 1, 1)
days = random.sample(range(365 * 50), 3400)      # every day occurs once, so train and test share none
pairs = [(write(d), d.isoformat()) for d in (first + datetime.timedelta(k) for k in days)]
train, test = pairs[:3000], pairs[3000:]
LONGEST = max(len(a) for a, _ in pairs)


def tensors(rows):
    src = torch.tensor([[IN.index(c) for c in a] + [PAD_IN] * (LONGEST - len(a)) for a, _ in rows])
    tgt = torch.tensor([[BOS] + [OUT.index(c) for c in b] + [EOS] for _, b in rows])
    return src, tgt


class Translator(nn.Module):
    def __init__(self, h=56):
        super().__init__()
        self.src_emb = nn.Embedding(len(IN), 24, padding_idx=PAD_IN)
        self.pos = nn.Embedding(LONGEST, 24)
        self.conv = nn.Conv1d(24, h, 5, padding=2)
        self.tgt_emb = nn.Embedding(len(OUT), 16)
        self.step_emb = nn.Embedding(12, 16)
        self.query = nn.Linear(32, h)
        self.gru = nn.GRU(32 + h, h, batch_first=True)
        self.out = nn.Linear(2 * h, len(OUT))

    def encode(self, src):
        mask = src != PAD_IN
        e = (self.src_emb(src) + self.pos.weight[None]) * mask[..., None]
        return torch.tanh(self.conv(e.transpose(1, 2))).transpose(1, 2), mask

    def decode(self, prev, mem, mask):
        """prev: (B, L) the characters so far; one row of scores for each next character."""
        where = self.step_emb.weight[:prev.size(1)].expand(len(prev), -1, -1)
        t = torch.cat([self.tgt_emb(prev), where], 2)
        a = (self.query(t) @ mem.transpose(1, 2)).masked_fill(~mask[:, None], -1e9).softmax(2)
        ctx = a @ mem
        state, _ = self.gru(torch.cat([t, ctx], 2))
        return self.out(torch.cat([state, ctx], 2))


net = Translator()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
S, T = tensors(train)
St, Tt = tensors(test)
EPOCHS, BS = 5, 40
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=EPOCHS * -(-len(S) // BS))

for epoch in range(EPOCHS):
    net.train()
    tot = n = 0
    for ix in torch.randperm(len(S)).split(BS):
        mem, mask = net.encode(S[ix])
        gold = T[ix]
        logits = net.decode(gold[:, :-1], mem, mask)
        loss = F.cross_entropy(logits.flatten(0, 1), gold[:, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        sched.step()
        tot, n = tot + loss.item(), n + 1
    print(f"epoch {epoch + 1}  loss {tot / n:.4f}")


@torch.no_grad()
def translate(src):
    net.eval()
    mem, mask = net.encode(src)
    line = torch.full((len(src), 1), BOS)
    for _ in range(11):
        line = torch.cat([line, net.decode(line, mem, mask)[:, -1].argmax(1, keepdim=True)], 1)
    return line[:, 1:]


for name, s, t in (("train", S[:400], T[:400]), ("test", St, Tt)):
    print(name, "exact match", (translate(s) == t[:, 1:]).all(1).float().mean().item())
