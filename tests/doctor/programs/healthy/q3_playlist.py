"""Next-song model for playlists: tied input/output table, label smoothing, causal convolution, plain parameters."""
from dataclasses import dataclass
import torch
import torch.nn.functional as F


@dataclass
class Spec:
    songs: int = 60
    length: int = 13
    dim: int = 32
    lists: int = 900
    held: int = 200
    batch: int = 30
    epochs: int = 8
    lr: float = 6e-3
    smoothing: float = 0.05
    seed: int = 40


def playlists(spec, g):
    """each song has three usual successors; one in six songs is a surprise"""
    nxt = torch.stack([torch.randperm(spec.songs, generator=g)[:3] for _ in range(spec.songs)])
    share = torch.tensor([0.6, 0.25, 0.15])
    rows = torch.empty(spec.lists + spec.held, spec.length, dtype=torch.long)
    rows[:, 0] = torch.randint(spec.songs, (len(rows),), generator=g)
    for t in range(1, spec.length):
        usual = nxt[rows[:, t - 1], torch.multinomial(share, len(rows), replacement=True, generator=g)]
        surprise = torch.randint(spec.songs, (len(rows),), generator=g)
        rows[:, t] = torch.where(torch.rand(len(rows), generator=g) < 1 / 6, surprise, usual)
    return rows[: spec.lists], rows[spec.lists :]


class Params(dict):
    def add(self, name, value):
        self[name] = value.requires_grad_()


def build(spec, g):
    p, d = Params(), spec.dim
    p.add("songs", torch.randn(spec.songs, d, generator=g) * d ** -0.5)
    p.add("past", torch.randn(2 * d, d, 2, generator=g) * (1 / (2 * d)) ** 0.5)
    p.add("past_b", torch.zeros(2 * d))
    p.add("mix", torch.randn(2 * d, d, generator=g) * (1 / d) ** 0.5)
    p.add("bias", torch.zeros(spec.songs))
    return p


def scores(p, x):
    e = p["songs"][x].transpose(1, 2)
    e = F.pad(e, (1, 0))                                   # only the past is seen
    h = F.gelu(F.conv1d(e * p["songs"].size(1) ** 0.5, p["past"], p["past_b"])).transpose(1, 2)
    return (h @ p["mix"]) @ p["songs"].t() + p["bias"]


@torch.no_grad()
def measure(p, rows):
    z = scores(p, rows[:, :-1])
    y = rows[:, 1:]
    top = z.argmax(-1).eq(y).float().mean().item()
    top3 = z.topk(3, -1).indices.eq(y.unsqueeze(-1)).any(-1).float().mean().item()
    return F.cross_entropy(z.flatten(0, 1), y.flatten()).item(), top, top3


def main():
    spec = Spec()
    g = torch.Generator().manual_seed(spec.seed)
    train, held = playlists(spec, g)
    p = build(spec, g)
    opt = torch.optim.AdamW(p.values(), lr=spec.lr, weight_decay=0.05)
    steps = spec.epochs * (len(train) // spec.batch)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, spec.lr, total_steps=steps, pct_start=0.15)
    for ep in range(spec.epochs):
        total = 0.0
        for b in torch.randperm(len(train), generator=g).split(spec.batch):
            z = scores(p, train[b, :-1])
            loss = F.cross_entropy(z.flatten(0, 1), train[b, 1:].flatten(), label_smoothing=spec.smoothing)
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            total += loss.item() * len(b)
        print(f"epoch {ep} loss {total / len(train):.4f} held-out nll %.3f top1 %.3f top3 %.3f" % measure(p, held))
    print("train nll %.3f top1 %.3f top3 %.3f" % measure(p, train))


if __name__ == "__main__":
    main()
