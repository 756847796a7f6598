"""Product search: query tower and product tower share a sparse token table; in-batch softmax, learned temperature.
   Retrieval is scored on queries that were not seen, against the whole catalogue."""
import math
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

SEED, N_PROD, DIM, STEPS, BATCH = 23, 240, 32, 210, 64
rs = np.random.RandomState(SEED); torch.manual_seed(SEED)

kinds = ["jacket", "boots", "lamp", "kettle", "tent", "mug", "rug", "bike", "desk", "drone"]
colors = ["red", "blue", "green", "black", "white", "olive"]
stuff = ["wool", "steel", "oak", "nylon", "leather", "glass", "cotton", "bamboo"]
syn = {"jacket": "coat", "boots": "shoes", "lamp": "light", "kettle": "boiler", "tent": "shelter", "mug": "cup", "rug": "carpet",
       "bike": "bicycle", "desk": "table", "drone": "quadcopter", "red": "crimson", "blue": "navy", "black": "dark"}
noise_q = ["cheap", "buy", "best", "for", "home", "new"]
noise_p = ["sale", "2024", "brand", "original", "free", "size"]
tok = {w: i for i, w in enumerate(kinds + colors + stuff + sorted(set(syn.values())) + noise_q + noise_p)}

combos = [(k, c, s) for k in kinds for c in colors for s in stuff]
rs.shuffle(combos)
products = [tuple(c) for c in combos[:N_PROD]]
titles = [list(p) + list(rs.choice(noise_p, 2, replace=False)) for p in products]


def query(p):
    ws = [syn[w] if w in syn and rs.rand() < .5 else w for w in p]
    ws += list(rs.choice(noise_q, rs.randint(0, 3), replace=False))
    return tuple(sorted(ws))


clicks, held = [], []
for pid, p in enumerate(products):
    qs = list(dict.fromkeys(query(p) for _ in range(18)))
    held += [(q, pid) for q in qs[:2]]
    clicks += [(q, pid) for q in qs[2:]]


def bag(list_of_words):
    flat = torch.tensor([tok[w] for ws in list_of_words for w in ws])
    off = torch.tensor([0] + [len(ws) for ws in list_of_words][:-1]).cumsum(0)
    return flat, off


class Tower(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.table = table
        self.proj = nn.Sequential(nn.Linear(DIM, DIM), nn.GELU(), nn.Linear(DIM, DIM))

    def forward(self, flat, off):
        x = self.table(flat, off)
        return F.normalize(x + self.proj(x), dim=-1)


table = nn.EmbeddingBag(len(tok), DIM, mode="mean", sparse=True)
q_tower, p_tower = Tower(table), Tower(table)
log_scale = nn.Parameter(torch.tensor(math.log(10.)))
dense = [*q_tower.proj.parameters(), *p_tower.proj.parameters(), log_scale]
opts = [torch.optim.SparseAdam(table.parameters(), lr=1e-2), torch.optim.AdamW(dense, lr=3e-3, weight_decay=0.)]


@torch.no_grad()
def recall(pairs, k):
    sim = q_tower(*bag([q for q, _ in pairs])) @ p_tower(*bag(titles)).T
    top = sim.topk(k, dim=1).indices
    return (top == torch.tensor([p for _, p in pairs])[:, None]).any(1).float().mean().item()


print(f"before: R@1 {recall(held, 1):.3f}")
meter = 0.
for step in range(1, STEPS + 1):
    # one click for each of BATCH different products, so no hidden positives among the negatives
    pids = set(rs.choice(N_PROD, BATCH, replace=False).tolist())
    rs.shuffle(clicks) if step % 20 == 1 else None
    chosen = {}
    for q, pid in clicks:
        if pid in pids and pid not in chosen:
            chosen[pid] = q
            if len(chosen) == BATCH:
                break
    ids = list(chosen)
    z_q, z_p = q_tower(*bag([chosen[i] for i in ids])), p_tower(*bag([titles[i] for i in ids]))
    logits = log_scale.exp().clamp(max=50) * z_q @ z_p.T
    goal = torch.arange(len(ids))
    loss = (F.cross_entropy(logits, goal) + F.cross_entropy(logits.T, goal)) / 2
    for o in opts: o.zero_grad()
    loss.backward()
    for o in opts: o.step()
    meter += loss.item()
    if step % 70 == 0:
        print(f"step {step}: loss {meter / 70:.3f}  scale {log_scale.exp().item():.1f}  R@1 {recall(held, 1):.3f}")
        meter = 0.
print(f"final: train R@1 {recall(clicks[:600], 1):.3f}  unseen queries R@1 {recall(held, 1):.3f} R@5 {recall(held, 5):.3f}")
