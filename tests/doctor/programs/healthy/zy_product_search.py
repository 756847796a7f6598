# Two-tower product search: query bag vs. title bag, in-batch negatives, learned temperature (as in CLIP)
import math, random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(60)
torch.manual_seed(60)
SYN = {"sofa": ["couch", "settee"], "lamp": ["light", "lantern"], "rug": ["carpet", "mat"], "mug": ["cup", "beaker"],
       "desk": ["table", "workbench"], "shelf": ["bookcase", "rack"], "chair": ["seat", "stool"], "clock": ["timepiece", "alarm"]}
COL = {"red": ["crimson", "scarlet"], "blue": ["navy", "azure"], "green": ["olive", "mint"], "black": ["dark", "ebony"], "white": ["ivory", "pale"]}
MAT = {"oak": ["wooden", "timber"], "steel": ["metal", "chrome"], "glass": ["crystal", "clear"], "wool": ["woollen", "knitted"]}
SIZE = {"small": ["tiny", "mini"], "large": ["big", "huge"], "medium": ["standard", "regular"]}
FIELDS = [SYN, COL, MAT, SIZE]
NOISE = "new sale offer quality home classic style brand set delivery".split()

items = [(a, b, c, d) for a in SYN for b in COL for c in MAT for d in SIZE]
title = {it: list(it) + random.sample(NOISE, 2) for it in items}


def query(it):
    words = [random.choice(f[v]) for f, v in zip(FIELDS, it)]
    random.shuffle(words)
    return words + random.sample(NOISE, random.randint(0, 1))


vocab = {w: i for i, w in enumerate(sorted({w for f in FIELDS for k, v in f.items() for w in [k, *v]} | set(NOISE)))}
random.shuffle(items)
train_items, test_items = items[:360], items[360:]        # products of the test are never trained on


def enc(texts):
    flat = [vocab[w] for t in texts for w in t]
    off = torch.tensor([0] + [len(t) for t in texts[:-1]]).cumsum(0)
    return torch.tensor(flat), off


class Tower(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(vocab), d, mode="sum")
        self.norm = nn.LayerNorm(d)
        self.lin = nn.Linear(d, d)

    def forward(self, texts):
        return F.normalize(self.lin(self.norm(self.bag(*enc(texts)))), dim=1)


q_tower, p_tower = Tower(), Tower()
log_scale = nn.Parameter(torch.tensor(math.log(5.0)))
opt = torch.optim.AdamW([
    {"params": [p for t in (q_tower, p_tower) for p in t.parameters()], "weight_decay": 1e-3},
    {"params": [log_scale], "lr": 1e-2, "weight_decay": 0.0}], lr=1e-2)


def recall(its, n=300):
    with torch.no_grad():
        pool = p_tower([title[i] for i in items])
        ask = [random.choice(its) for _ in range(n)]
        rank = (q_tower([query(i) for i in ask]) @ pool.T).topk(5, dim=1).indices
    gold = torch.tensor([items.index(i) for i in ask])[:, None]
    hit = rank == gold
    return hit[:, 0].float().mean().item(), hit.any(1).float().mean().item()


STEPS = 500
for step in range(STEPS + 1):
    if step % 100 == 0:
        r1, r5 = recall(train_items)
        t1, t5 = recall(test_items)
        print(f"step {step:4d} R@1/R@5 over all 480 products: train products {r1:.3f}/{r5:.3f}  new products {t1:.3f}/{t5:.3f}  scale {log_scale.exp().item():.1f}")
    for g, base in zip(opt.param_groups, (1e-2, 1e-2)):
        g["lr"] = base * min(1.0, 2 * (1 - step / (STEPS + 1)))
    its = random.sample(train_items, 48)          # no product twice in a batch
    sim = q_tower([query(i) for i in its]) @ p_tower([title[i] for i in its]).T * log_scale.exp().clamp(max=50)
    gold = torch.arange(len(its))
    loss = (F.cross_entropy(sim, gold) + F.cross_entropy(sim.T, gold)) / 2
    opt.zero_grad()
    loss.backward()
    opt.step()
