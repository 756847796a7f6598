"""Two-tower retrieval, in-batch negatives (cosine similarity / temperature 0.07).

Queries are what shoppers type, products are catalogue titles in the supplier's wording; the click log is simulated.
"""
import argparse
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--dim", type=int, default=48)
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--batch", type=int, default=64)
parser.add_argument("--lr", type=float, default=1e-2)
parser.add_argument("--tau", type=float, default=0.07)
args = parser.parse_args()

torch.manual_seed(0)
random.seed(0)
N_CONCEPTS = 100      # "waterproof", "size 42", "kids" ...; shoppers and suppliers have different words for each
POPULAR = [1.0 / (i + 12) for i in range(N_CONCEPTS)]


def click():
    concepts = set()
    while len(concepts) < 5:
        concepts |= set(random.choices(range(N_CONCEPTS), POPULAR, k=1))
    concepts = list(concepts)
    title = [2 * c + random.randint(0, 1) for c in concepts]                 # two wordings per concept
    query = [c for c in concepts if random.random() < 0.95] or concepts[:1]   # nobody types everything
    random.shuffle(title)
    random.shuffle(query)
    return query, title


log = [click() for _ in range(5000)]
train_log, test_log = log[:4600], log[4600:]


def bags(seqs):
    flat = torch.tensor([t for s in seqs for t in s])
    lens = torch.tensor([0] + [len(s) for s in seqs[:-1]])
    return flat, lens.cumsum(0)


class Tower(nn.Module):
    def __init__(self, n_words, dim):
        super().__init__()
        self.bag = nn.EmbeddingBag(n_words, dim, mode="mean")
        self.proj = nn.Linear(dim, dim)

    def forward(self, flat, offsets):
        return F.normalize(self.proj(self.bag(flat, offsets)), dim=-1)


query_tower = Tower(N_CONCEPTS, args.dim)
title_tower = Tower(2 * N_CONCEPTS, args.dim)
params = list(query_tower.parameters()) + list(title_tower.parameters())
opt = torch.optim.Adam(params, lr=args.lr)
steps = args.epochs * (len(train_log) // args.batch)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps)


def contrastive(q, t):
    sim = q @ t.T / args.tau
    return (torch.logsumexp(sim, 1) - sim.diagonal()).mean()


@torch.no_grad()
def recall(pairs, k):
    q = query_tower(*bags([a for a, _ in pairs]))
    t = title_tower(*bags([b for _, b in pairs]))
    top = (q @ t.T).topk(k, dim=1).indices
    return (top == torch.arange(len(pairs))[:, None]).any(1).float().mean().item()


print(f"before: R@1 {recall(test_log, 1):.3f}")
for epoch in range(args.epochs):
    random.shuffle(train_log)
    losses = []
    for s in range(0, len(train_log) - args.batch + 1, args.batch):
        part = train_log[s:s + args.batch]
        loss = contrastive(query_tower(*bags([a for a, _ in part])), title_tower(*bags([b for _, b in part])))
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        losses.append(loss.item())
    print(f"epoch {epoch}: loss {sum(losses) / len(losses):.4f}  R@1 train {recall(train_log[:400], 1):.3f}  "
          f"test {recall(test_log, 1):.3f}")
print(f"test R@5 {recall(test_log, 5):.3f} among {len(test_log)} products")
