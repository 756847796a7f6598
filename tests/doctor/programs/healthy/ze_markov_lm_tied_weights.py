# Information theory meets language models (exercise 11).
# The text comes from a known source, so we know the entropy that no model can beat; a tied GRU model should get near it.
import math
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(40)
torch.manual_seed(40)
K, LEN = 30, 16
# every symbol is followed by three others, with probabilities 0.7 / 0.2 / 0.1
succ = np.stack([rng.permutation(K)[:3] for _ in range(K)])
P = np.array([0.7, 0.2, 0.1])
H = -(P * np.log(P)).sum()
print(f"entropy rate of the source: {H:.4f} nats, perplexity {math.exp(H):.3f}; uniform guess {K}")


def sample(n):
    x = np.zeros((n, LEN), dtype=np.int64)
    x[:, 0] = rng.integers(K, size=n)
    for t in range(1, LEN):
        x[:, t] = succ[x[:, t - 1], rng.choice(3, size=n, p=P)]
    return torch.from_numpy(x)


class TiedLM(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(K, d)
        nn.init.normal_(self.emb.weight, std=d ** -0.5)
        self.rnn = nn.GRU(d, d, batch_first=True)
        self.mix = nn.Linear(d, d)
        self.dec = nn.Linear(d, K)
        self.dec.weight = self.emb.weight          # input and output share one matrix

    def forward(self, x):
        h, _ = self.rnn(self.emb(x))
        return self.dec(self.mix(h))


train, valid = sample(1600), sample(300)
lm = TiedLM()
print("parameters:", sum(p.numel() for p in lm.parameters()))
opt = torch.optim.Adam(lm.parameters(), lr=1e-2)
EPOCHS = 6
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: max(0.02, 1 - s / (EPOCHS * 50)))


def nll(x):
    logits = lm(x[:, :-1])
    return nn.functional.cross_entropy(logits.reshape(-1, K), x[:, 1:].reshape(-1))


for epoch in range(EPOCHS):
    lm.train()
    acc = 0.0
    for b in torch.randperm(len(train)).split(32):
        loss = nll(train[b])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
        opt.step()
        sched.step()
        acc += loss.item()
    lm.eval()
    with torch.no_grad():
        v = nll(valid).item()
    print(f"epoch {epoch}: train {acc / 50:.4f}  valid {v:.4f}  valid perplexity {math.exp(v):.3f}")
