"""Score how well a document answers a query, graded 0 to 1."""
import random

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader

random.seed(101)
torch.manual_seed(101)
SUBJECTS = ["bees", "volcano", "guitar", "tax", "yoga", "chess", "coffee", "bridge"]
FACETS = ["history", "cost", "repair", "beginner", "danger", "record"]
BODY = "this page tells about and many people know the best one that here you find".split()
vocab = {w: i + 1 for i, w in enumerate(SUBJECTS + FACETS + BODY)}


def judged_pair():
    s, f = random.choice(SUBJECTS), random.choice(FACETS)
    grade = random.choice([0.0, 0.5, 1.0])
    ds = s if grade > 0 else random.choice([x for x in SUBJECTS if x != s])
    df = f if grade == 1.0 else random.choice([x for x in FACETS if x != f])
    doc = random.choices(BODY, k=random.randint(4, 8)) + [ds, df]
    random.shuffle(doc)
    return {"query": [vocab[s], vocab[f]], "doc": [vocab[w] for w in doc], "grade": grade}


def collate(items):
    n = max(len(i["doc"]) for i in items)
    return {
        "query": torch.tensor([i["query"] for i in items]),
        "doc": torch.tensor([i["doc"] + [0] * (n - len(i["doc"])) for i in items]),
        "grade": torch.tensor([i["grade"] for i in items]),
    }


class CrossScorer(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.mix = nn.Linear(4, 16)
        self.score = nn.Linear(16, 1)

    def forward(self, batch):
        q, d = F.normalize(self.emb(batch["query"]), dim=-1), F.normalize(self.emb(batch["doc"]), dim=-1)
        sims = q @ d.transpose(1, 2)  # (B, 2, T)
        best = sims.max(-1).values
        mean = sims.sum(-1) / (batch["doc"] != 0).sum(1, keepdim=True)
        h = torch.relu(self.mix(torch.cat([best, mean], 1)))
        # fault:
        return F.softmax(self.score(h), dim=-1).squeeze(-1)
        # mended:
        # return torch.sigmoid(self.score(h)).squeeze(-1)
        # end


train = DataLoader([judged_pair() for _ in range(1500)], 30, shuffle=True, collate_fn=collate)
dev = collate([judged_pair() for _ in range(300)])
model = CrossScorer()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(5):
    total = 0.0
    for batch in train:
        loss = F.mse_loss(model(batch), batch["grade"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        error = F.l1_loss(model(dev), dev["grade"]).item()
    print(f"epoch {epoch} mse {total / len(train):.4f} dev mean absolute error {error:.4f}")
