"""Listwise learning to rank for the search page. Lists have different lengths; documents that are not there are masked."""
import logging
import math

import numpy as np
import torch
import torch.nn as nn

logging.basicConfig(level=logging.INFO, format="%(asctime)s rank: %(message)s", datefmt="%M:%S")
HP = {"topics": 20, "dim": 10, "hidden": 24, "max_docs": 10, "lr": 0.01, "epochs": 7, "batch": 32, "seed": 63}


def make_lists(rng, n):
    """Per query: documents with a topic, a text score, age and clicks; grades 0..3 as an editor would give them."""
    out = []
    for _ in range(n):
        q, m = int(rng.integers(HP["topics"])), int(rng.integers(3, HP["max_docs"] + 1))
        topic = np.where(rng.random(m) < 0.4, q, rng.integers(0, HP["topics"], m))
        bm25, age, clicks = rng.normal(size=m), rng.exponential(1.0, m), rng.normal(size=m)
        value = 2.0 * (topic == q) + 0.7 * bm25 - 0.6 * age + 0.5 * clicks + rng.normal(0, 0.2, m)
        grade = np.digitize(value, [-0.5, 1.0, 2.2])
        out.append({"query": q, "topic": topic, "feats": np.stack([bm25, age - 1, clicks], 1), "grade": grade})
    return [l for l in out if l["grade"].max() > 0]


def collate(lists):
    b, m = len(lists), max(len(l["grade"]) for l in lists)
    batch = {"query": torch.tensor([l["query"] for l in lists]), "topic": torch.zeros(b, m, dtype=torch.long),
             "feats": torch.zeros(b, m, 3), "grade": torch.zeros(b, m), "there": torch.zeros(b, m, dtype=torch.bool)}
    for i, l in enumerate(lists):
        n = len(l["grade"])
        batch["topic"][i, :n] = torch.from_numpy(l["topic"])
        batch["feats"][i, :n] = torch.from_numpy(l["feats"]).float()
        batch["grade"][i, :n] = torch.from_numpy(l["grade"]).float()
        batch["there"][i, :n] = True
    return batch


class Ranker(nn.Module):
    def __init__(self):
        super().__init__()
        self.topic = nn.Embedding(HP["topics"], HP["dim"])
        self.net = nn.Sequential(nn.Linear(3 + 1, HP["hidden"]), nn.ReLU(), nn.Linear(HP["hidden"], 1))
        nn.init.normal_(self.topic.weight, std=0.3)

    def forward(self, b):
        match = (self.topic(b["query"])[:, None] * self.topic(b["topic"])).sum(-1, keepdim=True)
        s = self.net(torch.cat([b["feats"], match], -1)).squeeze(-1)
        return s.masked_fill(~b["there"], -1e9)


def listnet(scores, b):
    gain = (2.0 ** b["grade"] - 1) * b["there"]
    target = gain / gain.sum(1, keepdim=True)
    return -(target * torch.log_softmax(scores, 1)).sum(1).mean()


def ndcg(scores, b, k=5):
    gain = (2.0 ** b["grade"] - 1) * b["there"]
    k = min(k, scores.size(1))
    disc = torch.tensor([1 / math.log2(i + 2) for i in range(k)])
    got = (gain.gather(1, scores.topk(k, 1).indices) * disc).sum(1)
    best = (gain.topk(k, 1).values * disc).sum(1)
    return (got / best).mean().item()


if __name__ == "__main__":
    torch.manual_seed(HP["seed"])
    rng = np.random.default_rng(HP["seed"])
    train, dev = make_lists(rng, 1500), make_lists(rng, 300)
    all_train, all_dev = collate(train), collate(dev)
    model = Ranker()
    opt = torch.optim.Adam(model.parameters(), lr=HP["lr"])
    sched = torch.optim.lr_scheduler.MultiStepLR(opt, [4, 6], gamma=0.3)
    by_chance = torch.rand_like(all_dev["grade"]).masked_fill(~all_dev["there"], -1e9)
    logging.info("random order ndcg@5 %.3f", ndcg(by_chance, all_dev))
    for epoch in range(HP["epochs"]):
        losses = []
        order = rng.permutation(len(train))
        for k in range(0, len(order), HP["batch"]):
            batch = collate([train[i] for i in order[k:k + HP["batch"]]])
            loss = listnet(model(batch), batch)
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        sched.step()
        with torch.no_grad():
            logging.info("epoch %d listnet %.4f ndcg@5 train %.3f dev %.3f", epoch + 1, np.mean(losses),
                         ndcg(model(all_train), all_train), ndcg(model(all_dev), all_dev))
