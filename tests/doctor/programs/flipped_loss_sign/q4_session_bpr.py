# Session recommender, first prototype for the shop page.
# items seen so far -> which item next? Bayesian personalised ranking against one sampled item.
import random
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Config:
    n_items: int = 240
    n_topics: int = 12
    dim: int = 16
    batch: int = 64
    epochs: int = 10
    lr: float = 0.01
    seed: int = 77


cfg = Config()
random.seed(cfg.seed)
torch.manual_seed(cfg.seed)

# --- click log: every visitor sticks mostly to one topic; item 0 is reserved
topic_of = {i: random.randrange(cfg.n_topics) for i in range(1, cfg.n_items + 1)}
by_topic = {t: [i for i in topic_of if topic_of[i] == t] for t in range(cfg.n_topics)}


def visit():
    t = random.randrange(cfg.n_topics)
    length = random.randint(4, 9)
    return [random.choice(by_topic[t]) if random.random() < 0.85 else random.randint(1, cfg.n_items)
            for _ in range(length)]


log = list({tuple(v): None for v in (visit() for _ in range(3300))})
train_log, valid_log = log[:2600], log[2600:3200]


def tensors(visits):
    width = max(len(v) for v in visits) - 1
    hist = torch.zeros(len(visits), width, dtype=torch.long)
    for r, v in enumerate(visits):
        hist[r, :len(v) - 1] = torch.tensor(v[:-1])
    return hist, torch.tensor([v[-1] for v in visits])


class SessionModel(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.item_in = nn.Embedding(c.n_items + 1, c.dim, padding_idx=0)
        self.item_out = nn.Embedding(c.n_items + 1, c.dim)
        nn.init.normal_(self.item_out.weight, std=0.1)
        with torch.no_grad():
            self.item_in.weight[1:].normal_(std=0.1)

    def session(self, hist):
        n = (hist > 0).sum(1, keepdim=True)
        return self.item_in(hist).sum(1) / n

    def score(self, hist, items):
        return (self.session(hist) * self.item_out(items)).sum(-1)

    def score_all(self, hist):
        return self.session(hist) @ self.item_out.weight[1:].t()


def bpr_loss(pos, neg):
    # fault:
    return F.logsigmoid(pos - neg).mean()
    # mended:
    #return -F.logsigmoid(pos - neg).mean()
    # end


def recall_at(model, hist, target, k):
    model.eval()
    with torch.no_grad():
        top = model.score_all(hist).topk(k, dim=1).indices + 1
    return (top == target.unsqueeze(1)).any(1).float().mean().item()


model = SessionModel(cfg)
optimizer = torch.optim.Adam(model.parameters(), lr=cfg.lr, weight_decay=1e-4)
hist, nxt = tensors(train_log)
v_hist, v_nxt = tensors(valid_log)

for epoch in range(cfg.epochs):
    model.train()
    perm = torch.randperm(len(hist))
    running = 0.0
    for idx in perm.split(cfg.batch):
        h, p = hist[idx], nxt[idx]
        n = torch.randint(1, cfg.n_items + 1, p.shape)
        loss = bpr_loss(model.score(h, p), model.score(h, n))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item() * len(idx)
    print(f"epoch {epoch}: loss {running / len(hist):.4f}  "
          f"recall@20 train {recall_at(model, hist, nxt, 20):.3f} valid {recall_at(model, v_hist, v_nxt, 20):.3f}")
print("random recall@20 would be", round(20 / cfg.n_items, 3))
