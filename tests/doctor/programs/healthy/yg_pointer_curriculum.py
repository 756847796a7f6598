"""Pointer network head: point at the position of the value that follows the asked key. Curriculum over the number of pairs."""
import torch
from torch import nn

gen = torch.Generator().manual_seed(12)
torch.manual_seed(12)
K, V = 20, 30                        # keys 0..19, values 20..49


def batch(n, pairs):
    keys = torch.rand(n, K, generator=gen).argsort(1)[:, :pairs]
    vals = torch.randint(K, K + V, (n, pairs), generator=gen)
    doc = torch.stack([keys, vals], 2).reshape(n, 2 * pairs)
    ask = torch.randint(pairs, (n,), generator=gen)
    return doc, keys.gather(1, ask[:, None])[:, 0], 2 * ask + 1


class Pointer(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.tok = nn.Embedding(K + V, d)
        self.read = nn.GRU(d, d, batch_first=True)
        self.w1, self.w2, self.v = nn.Linear(2 * d, d), nn.Linear(d, d, bias=False), nn.Linear(d, 1, bias=False)

    def forward(self, doc, query):
        e = self.tok(doc)
        h, _ = self.read(e)
        prev = torch.cat([torch.zeros_like(e[:, :1]), e[:, :-1]], 1)
        s = self.v(torch.tanh(self.w1(torch.cat([h, prev], -1)) + self.w2(self.tok(query))[:, None]))
        return s.squeeze(-1)         # one score per position


net = Pointer()
optimizer = torch.optim.Adam(net.parameters(), lr=8e-3)
ema = torch.optim.swa_utils.AveragedModel(net, avg_fn=lambda old, new, n: 0.9 * old + 0.1 * new)
held = batch(600, 7)
stages = [(2, 40), (4, 40), (7, 120)]
step = 0
for pairs, n_steps in stages:
    if pairs == 7:
        sched = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, n_steps)
    running = []
    for i in range(n_steps):
        doc, q, pos = batch(32, pairs)
        loss = nn.functional.cross_entropy(net(doc, q), pos)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        ema.update_parameters(net)
        if pairs == 7:
            sched.step()
        running.append(loss.item())
        step += 1
        if step % 40 == 0:
            with torch.no_grad():
                acc = (ema(held[0], held[1]).argmax(1) == held[2]).float().mean()
            print(f"step {step} pairs {pairs} loss {sum(running[-40:]) / len(running[-40:]):.3f} pointing at 7 pairs: {acc:.3f}")
