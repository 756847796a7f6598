"""Character GRU, truncated BPTT: the hidden state is carried over and detached. Contiguous, unshuffled streams, (T, B)."""
import gzip, math, os
import numpy as np
import torch
from torch import nn
torch.manual_seed(5)
with gzip.open(os.environ["WORDFIT_DATA"] + "/seq2seq/multi30k/train.en.gz", "rt") as f:
    raw = "".join(c for c in f.read(140_000).lower() if c in "abcdefghijklmnopqrstuvwxyz .,\n")
chars = sorted(set(raw)); ids = torch.tensor([chars.index(c) for c in raw])
n_val = 12_000
def streams(x, b):
    n = len(x) // b
    return x[:n * b].view(b, n).t().contiguous()
tr, va = streams(ids[:-n_val], 40), streams(ids[-n_val:], 40)
class LM(nn.Module):
    def __init__(self, v, d=48):
        super().__init__()
        self.emb, self.gru = nn.Embedding(v, d), nn.GRU(d, d)
        self.out = nn.Linear(d, v); self.out.weight = self.emb.weight     # tied
        nn.init.normal_(self.emb.weight, std=0.1)
    def forward(self, x, h=None):
        o, h = self.gru(self.emb(x), h)
        return self.out(o), h
net = LM(len(chars)); BPTT, EPOCHS = 40, 3
n_steps = math.ceil((len(tr) - 1) / BPTT)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=2e-2, total_steps=EPOCHS * n_steps)
def chunks(s):
    for i in range(0, len(s) - 1, BPTT):
        j = min(i + BPTT, len(s) - 1)
        yield s[i:j], s[i + 1:j + 1]
p = torch.bincount(ids[:-n_val]).float(); p /= p.sum()
print("order-0 bits per char %.3f" % -(p.log2() * p).sum())
for ep in range(EPOCHS):
    h, logs = None, []
    for x, y in chunks(tr):
        h = h.detach() if h is not None else None
        z, h = net(x, h)
        loss = nn.functional.cross_entropy(z.flatten(0, 1), y.flatten())
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        opt.step(); sched.step(); logs.append(loss.item())
    with torch.no_grad():
        h, nll, n = None, 0., 0
        for x, y in chunks(va):
            z, h = net(x, h); nll += nn.functional.cross_entropy(z.flatten(0, 1), y.flatten(), reduction="sum").item(); n += y.numel()
    print(f"epoch {ep + 1} train bpc {np.mean(logs[-60:]) / math.log(2):.3f} valid bpc {nll / n / math.log(2):.3f}")
