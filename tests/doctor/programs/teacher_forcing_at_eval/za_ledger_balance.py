"""
Sequence to sequence exercise: read a column of digits, write the running balance (mod 10).
The clerks slip now and then, and go on from the wrong balance.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(21)
LEN, BASE, SOS = 9, 10, 10
SLIP = 0.03


def make(n):
    src = torch.randint(0, BASE, (n, LEN))
    tgt = torch.zeros(n, LEN, dtype=torch.long)
    bal = torch.zeros(n, dtype=torch.long)
    for t in range(LEN):
        bal = (bal + src[:, t]) % BASE
        wrong = torch.rand(n) < SLIP
        bal = torch.where(wrong, torch.randint(0, BASE, (n,)), bal)
        tgt[:, t] = bal
    return src, tgt


train_src, train_tgt = make(1600)
test_src, test_tgt = make(500)


class Encoder(nn.Module):
    def __init__(self, hid):
        super().__init__()
        self.emb = nn.Embedding(BASE, hid)
        self.rnn = nn.GRU(hid, hid, batch_first=True)

    def forward(self, src):
        out, h = self.rnn(self.emb(src))
        return out + self.emb(src), h.squeeze(0)


class Decoder(nn.Module):
    """One step: previous symbol, state and the encoder output at this line of the ledger."""

    def __init__(self, hid):
        super().__init__()
        self.emb = nn.Embedding(BASE + 1, hid)
        self.cell = nn.GRUCell(2 * hid, hid)
        self.mix = nn.Linear(3 * hid, 128)
        self.out = nn.Linear(128, BASE)

    def step(self, prev, state, ctx):
        e = self.emb(prev)
        state = self.cell(torch.cat([e, ctx], 1), state)
        return self.out(F.relu(self.mix(torch.cat([e, ctx, state], 1)))), state


enc, dec = Encoder(48), Decoder(48)
params = list(enc.parameters()) + list(dec.parameters())
opt = torch.optim.Adam(params, lr=4e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=4)


def run(src, tgt=None):
    memory, state = enc(src)
    prev = torch.full((len(src),), SOS)
    logits = []
    for t in range(LEN):
        o, state = dec.step(prev, state, memory[:, t])
        logits.append(o)
        prev = o.argmax(1) if tgt is None else tgt[:, t]
    return torch.stack(logits, 1)


for epoch in range(4):
    enc.train(), dec.train()
    tot = 0.0
    for idx in torch.randperm(len(train_src)).split(50):
        s, t = train_src[idx], train_tgt[idx]
        loss = F.cross_entropy(run(s, t).reshape(-1, BASE), t.reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(params, 1.0)
        opt.step()
        tot += loss.item() * len(idx)
    sched.step()
    enc.eval(), dec.eval()
    with torch.no_grad():
        # fault:
        guess = run(test_src, test_tgt).argmax(-1)
        # mended:
        # guess = run(test_src).argmax(-1)
        # end
    hit = guess == test_tgt
    print(f"epoch {epoch}: loss {tot / len(train_src):.3f}, "
          f"digits right {hit.float().mean():.3f}, whole columns right {hit.all(1).float().mean():.3f}")
