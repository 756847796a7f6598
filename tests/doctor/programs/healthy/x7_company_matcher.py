# dedupe.py - finds the canonical company for a dirty name. Trigram bags, in-batch negatives, cosine / temperature.
from __future__ import annotations

import random
import zlib

import torch
import torch.nn.functional as F

torch.manual_seed(19)
rnd = random.Random(19)
SYL = 'ba co da el fin gor ha in jo ka lum mar nex or pol qua ri sol tan ur vo wex zen tri plan mon dex bur cal'.split()
SUFFIX = ['ltd', 'inc', 'gmbh', 'llc', 'sa', 'plc', '']
TRADE = ['foods', 'motors', 'bank', 'energy', 'media', 'steel', 'labs', 'travel', 'pharma', 'tools']
BUCKETS = 3001


def company() -> str:
    return ''.join(rnd.choices(SYL, k=rnd.choice([2, 3, 3]))) + ' ' + rnd.choice(TRADE)


def dirty(name: str) -> str:
    core, trade = name.split()
    chars = list(core)
    for _ in range(rnd.choice([0, 1, 1, 2])):
        i = rnd.randrange(len(chars))
        op = rnd.random()
        if op < .4:
            chars[i] = rnd.choice('abcdefghijklmnopqrstuvwxyz')
        elif op < .7 and len(chars) > 3:
            del chars[i]
        else:
            chars.insert(i, chars[i])
    core = ''.join(chars)
    parts = [core] + ([trade] if rnd.random() < .5 else [trade[:3] + '.'] if rnd.random() < .5 else [])
    return ' '.join(parts + [rnd.choice(SUFFIX)]).strip()


def grams(s: str) -> list[int]:
    s = f' {s} '
    return [zlib.crc32(s[i:i + n].encode()) % BUCKETS for n in (2, 3) for i in range(len(s) - n + 1)]


class Bagger(torch.nn.Module):
    """One tower for both sides; the output has length one."""

    def __init__(self, width: int = 48):
        super().__init__()
        self.bag = torch.nn.EmbeddingBag(BUCKETS, width, mode='sum', sparse=True)
        torch.nn.init.normal_(self.bag.weight, std=0.2)
        self.log_temp = torch.nn.Parameter(torch.tensor(2.3))

    def forward(self, names: list[str]) -> torch.Tensor:
        g = [grams(s) for s in names]
        offs = torch.tensor([0] + [len(x) for x in g[:-1]]).cumsum(0)
        return F.normalize(self.bag(torch.tensor(sum(g, [])), offs), dim=-1)


def recall_at_1(model, canon: list[str], pairs: list[tuple[str, int]]) -> float:
    with torch.no_grad():
        sims = model([q for q, _ in pairs]) @ model(canon).T
    return (sims.argmax(1) == torch.tensor([i for _, i in pairs])).float().mean().item()


universe = sorted({company() for _ in range(2200)})
rnd.shuffle(universe)
known, fresh = universe[:1500], universe[1500:2000]       # the test companies are never trained on
test_pairs = [(dirty(c), i) for i, c in enumerate(fresh)]

model = Bagger()
sparse_opt = torch.optim.SparseAdam([model.bag.weight], lr=6e-3)
dense_opt = torch.optim.SGD([model.log_temp], lr=5e-2)
print(f'before training: recall@1 fresh {recall_at_1(model, fresh, test_pairs):.3f}')
for epoch in range(5):
    rnd.shuffle(known)
    meter = []
    for s in range(0, len(known), 75):
        names = known[s:s + 75]
        a, b = model(names), model([dirty(c) for c in names])
        logits = a @ b.T * model.log_temp.exp().clamp(max=40)
        target = torch.arange(len(names))
        loss = .5 * (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target))
        for o in (sparse_opt, dense_opt):
            o.zero_grad()
        loss.backward()
        for o in (sparse_opt, dense_opt):
            o.step()
        meter.append(loss.item())
    for g in sparse_opt.param_groups:
        g['lr'] *= .6
    print(f'epoch {epoch}: loss {sum(meter) / len(meter):.4f} temp {model.log_temp.exp().item():.1f} recall@1 fresh {recall_at_1(model, fresh, test_pairs):.3f}')
print(f'recall@1 of 500 seen companies, new spellings: {recall_at_1(model, sorted(known)[:500], [(dirty(c), i) for i, c in enumerate(sorted(known)[:500])]):.3f}')
