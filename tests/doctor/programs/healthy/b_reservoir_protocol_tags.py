# Echo state network: the recurrent part is random and is never trained (that is the point), a read-out tags each byte of a
# made-up serial protocol: header / length / payload / checksum. Class of a byte depends on what was read several bytes before.
import random
import torch

random.seed(2001); torch.manual_seed(2001)
STATE = {"idle": 0, "head": 1, "len": 2, "data": 3, "sum": 4}


def frame_stream(n):
    xs, ys = [], []
    while len(xs) < n:
        for _ in range(random.randint(0, 4)):
            xs.append(random.randrange(2, 16)); ys.append(0)
        k = random.randint(1, 5)
        xs += [0, k]; ys += [1, 2]
        for _ in range(k):
            xs.append(random.randrange(2, 16)); ys.append(3)
        xs.append(random.randrange(2, 16)); ys.append(4)
    return xs[:n], ys[:n]


H, NX, T = 200, 16, 60
Win = (torch.rand(H, NX) - 0.5) * 1.2
Wres = torch.randn(H, H) * (torch.rand(H, H) < 0.1)
Wres *= 0.85 / torch.linalg.eigvals(Wres).abs().max()


def reservoir(seqs):
    x = torch.tensor(seqs)
    h, out = torch.zeros(len(seqs), H), []
    for t in range(x.shape[1]):
        h = 0.2 * h + 0.8 * torch.tanh(Win[:, x[:, t]].T + h @ Wres.T)
        out.append(h)
    return torch.stack(out, 1)


def make(n):
    s = [frame_stream(T) for _ in range(n)]
    return reservoir([a for a, _ in s]), torch.tensor([b for _, b in s])


Ht, yt = make(260)
Hv, yv = make(60)
warm = 8                                                    # the first bytes only fill the reservoir
Ht, yt, Hv, yv = Ht[:, warm:].flatten(0, 1), yt[:, warm:].flatten(), Hv[:, warm:].flatten(0, 1), yv[:, warm:].flatten()
maj = torch.bincount(yv).max() / len(yv)
print("states", tuple(Ht.shape), f"majority tag {maj:.3f}")

readout = torch.nn.Linear(H, len(STATE))
opt = torch.optim.Adam(readout.parameters(), lr=1e-2, weight_decay=1e-5)
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [10, 15], gamma=0.3)
for epoch in range(18):
    s = 0.0
    for b in torch.randperm(len(Ht)).split(128):
        loss = torch.nn.functional.cross_entropy(readout(Ht[b]), yt[b])
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item() * len(b)
    sched.step()
    if epoch % 3 == 2:
        with torch.no_grad():
            z = readout(Hv)
            p = z.argmax(1)
            rec = [round((p[yv == k] == k).float().mean().item(), 2) for k in range(5)]
        print(f"epoch {epoch:2d} loss {s / len(Ht):.4f} val loss {torch.nn.functional.cross_entropy(z, yv):.4f} acc {(p == yv).float().mean():.4f} recall by tag {rec}")
