"""One pass over a stream of 24000 made-up log lines and no second epoch; one-cycle schedule. Good enough after the pass."""
import random

import torch
from torch import nn

random.seed(205)
torch.manual_seed(205)
levels = ["auth", "disk", "net", "cron"]
verbs = {l: [f"{l}_{i}" for i in range(50)] for l in levels}
hosts = [f"host{i}" for i in range(100)]
ids = {w: i for i, w in enumerate(sum(verbs.values(), []) + hosts)}


def stream(n, seed):
    r = random.Random(seed)
    for _ in range(n):
        k = r.randrange(4)
        words = [r.choice(hosts)] + [r.choice(verbs[levels[k] if r.random() < 0.8 else r.choice(levels)]) for _ in range(5)]
        yield [ids[w] for w in words], k


class Lines(torch.utils.data.IterableDataset):
    def __iter__(self):
        for w, k in stream(24000, 1):
            yield torch.tensor(w), k


net = nn.Sequential(nn.Embedding(len(ids), 24), nn.Flatten(), nn.Linear(24 * 6, 64), nn.ReLU(), nn.Linear(64, 4))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.3, total_steps=600)
held = list(stream(1000, 2))
xd, yd = torch.tensor([w for w, _ in held]), torch.tensor([k for _, k in held])
for step, (x, y) in enumerate(torch.utils.data.DataLoader(Lines(), batch_size=40)):
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    if step % 100 == 99:
        with torch.no_grad():
            acc = (net(xd).argmax(1) == yd).float().mean()
        print(f"step {step + 1} lr {sched.get_last_lr()[0]:.4f} loss {loss.item():.4f} held out {acc.item():.4f}")
