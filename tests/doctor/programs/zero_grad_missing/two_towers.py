"""FAQ retrieval with two towers (question, answer) and in-batch negatives; each tower has its own optimiser."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(23)
torch.manual_seed(23)
ENTRIES, Q_WORDS, A_WORDS = 80, 400, 500
q_key = [random.sample(range(Q_WORDS), 7) for _ in range(ENTRIES)]
a_key = [random.sample(range(A_WORDS), 12) for _ in range(ENTRIES)]


def asked(entry):
    return random.sample(q_key[entry], 4) + [random.randrange(Q_WORDS) for _ in range(2)]


def answered(entry):
    return random.sample(a_key[entry], 6) + [random.randrange(A_WORDS) for _ in range(4)]


train = [(asked(e), answered(e), e) for e in random.choices(range(ENTRIES), k=5000)]
test_q = [(asked(e), e) for e in range(ENTRIES) for _ in range(4)]
catalogue = torch.tensor([answered(e) for e in range(ENTRIES)])


class Tower(nn.Module):
    def __init__(self, n_words, dim=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(n_words, dim, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.3)
        self.dense = nn.Linear(dim, dim)

    def forward(self, ids):
        return self.dense(self.bag(ids))


question_tower, answer_tower = Tower(Q_WORDS), Tower(A_WORDS)
opt_q = torch.optim.Adam(question_tower.parameters(), lr=4e-3)
opt_a = torch.optim.Adam(answer_tower.parameters(), lr=4e-3)


def test():
    with torch.no_grad():
        sims = question_tower(torch.tensor([q for q, _ in test_q])) @ answer_tower(catalogue).t()
        gold = torch.tensor([e for _, e in test_q])
        rank = (~(sims < sims.gather(1, gold[:, None]))).sum(1) - 1
    return (rank == 0).float().mean().item(), (1 / (rank + 1)).mean().item()


for epoch in range(1, 8):
    random.shuffle(train)
    total = 0.0
    for k in range(0, len(train), 50):
        part = train[k:k + 50]
        q = question_tower(torch.tensor([r[0] for r in part]))
        a = answer_tower(torch.tensor([r[1] for r in part]))
        ids = torch.tensor([r[2] for r in part])
        logits = q @ a.t()
        same = (ids[:, None] == ids[None]) & ~torch.eye(len(part), dtype=torch.bool)
        loss = F.cross_entropy(logits.masked_fill(same, -1e4), torch.arange(len(part)))
        opt_q.zero_grad()
        # fault:
        # mended:
        # opt_a.zero_grad()
        # end
        loss.backward()
        opt_q.step()
        opt_a.step()
        total += loss.item()
    first, mrr = test()
    print(f"epoch {epoch:2d}: loss {total / (len(train) / 50):.3f}, test first {first:.3f}, MRR {mrr:.3f}")
