"""Next-symbol model with tied input and output table. The source is a known Markov chain,
so we can print the entropy rate: no model can go below it."""
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(17)
g = np.random.default_rng(17)
V = 24
P = g.dirichlet(np.full(V, 0.12), size=V)


def stream(n):
    s = [0]
    u = g.random(n)
    C = P.cumsum(1)
    for k in range(n - 1):
        s.append(min(int(np.searchsorted(C[s[-1]], u[k])), V - 1))
    return np.array(s)


text, valid = stream(40001), stream(6001)
freq = np.bincount(text, minlength=V) / len(text)
H = -(freq[:, None] * P * np.log(np.maximum(P, 1e-12))).sum()
unigram = -(freq * np.log(np.maximum(freq, 1e-12))).sum()
print(f"entropy rate {H:.3f} nats, unigram entropy {unigram:.3f}")


class TiedLM(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.embed = nn.Embedding(V, d)
        self.rnn = nn.GRU(d, d, batch_first=True)
        self.decoder = nn.Linear(d, V)
        self.decoder.weight = self.embed.weight        # weight tying
        nn.init.uniform_(self.embed.weight, -0.1, 0.1)

    def forward(self, x, h=None):
        y, h = self.rnn(self.embed(x), h)
        return self.decoder(y), h


def batchify(s, bs):
    n = (len(s) - 1) // bs
    x = torch.tensor(s[: n * bs]).view(bs, n)
    y = torch.tensor(s[1 : n * bs + 1]).view(bs, n)
    return x, y


xtr, ytr = batchify(text, 40)
xva, yva = batchify(valid, 10)
lm = TiedLM()
opt = torch.optim.Adam(lm.parameters(), lr=0.01)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 5)
ce = nn.CrossEntropyLoss()
BPTT = 20

for epoch in range(5):
    lm.train()
    h, tot, k = None, 0.0, 0
    for t in range(0, xtr.size(1), BPTT):
        logits, h = lm(xtr[:, t:t + BPTT], h)
        h = h.detach()                                 # truncated backpropagation through time
        loss = ce(logits.flatten(0, 1), ytr[:, t:t + BPTT].flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(lm.parameters(), 0.5)
        opt.step()
        tot += loss.item(); k += 1
    sched.step()
    lm.eval()
    with torch.no_grad():
        v = ce(lm(xva)[0].flatten(0, 1), yva.flatten()).item()
    print(f"epoch {epoch + 1} train {tot / k:.3f} valid {v:.3f} ppl {np.exp(v):.2f}")
