"""One encoder, two heads: product group and urgency of a support mail."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

random.seed(14)
torch.manual_seed(14)
groups = {"network": "router wifi cable signal modem", "account": "login password email profile username", "payment": "invoice card charge refund bill",
          "hardware": "screen battery keyboard fan charger", "software": "update crash install licence version", "shipping": "parcel courier address tracking box"}
urgent = "immediately urgent asap outage blocked critical deadline".split()
calm = "whenever curious suggestion wondering eventually minor someday".split()
noise = "hello the my is with i have a since and it please to team not".split()


def mail():
    g, u = random.choice(list(groups)), random.randint(0, 1)
    words = random.choices(noise, k=random.randint(5, 12)) + random.sample(groups[g].split(), 2) + [random.choice(urgent if u else calm)]
    random.shuffle(words)
    return tuple(words), list(groups).index(g), u


rows = sorted({mail() for _ in range(1800)})
random.shuffle(rows)
ids = {}
for words, _, _ in rows:
    for w in words:
        ids.setdefault(w, len(ids) + 1)


def collate(batch):
    x = nn.utils.rnn.pad_sequence([torch.tensor([ids[w] for w in t]) for t, _, _ in batch], batch_first=True)
    return {"x": x, "group": torch.tensor([g for _, g, _ in batch]), "urgency": torch.tensor([u for _, _, u in batch])}


class MultiTask(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, dim, padding_idx=0)
        self.emb.weight.data.mul_(0.1)
        # fault:
        self.heads = {
            "group": nn.Sequential(nn.Linear(dim, 8), nn.ReLU(), nn.Linear(8, 6)),
            "urgency": nn.Sequential(nn.Linear(dim, 8), nn.ReLU(), nn.Linear(8, 2)),
        }
        # mended:
        # self.heads = nn.ModuleDict({
        #     "group": nn.Sequential(nn.Linear(dim, 8), nn.ReLU(), nn.Linear(8, 6)),
        #     "urgency": nn.Sequential(nn.Linear(dim, 8), nn.ReLU(), nn.Linear(8, 2)),
        # })
        # end

    def forward(self, x):
        mask = (x > 0).unsqueeze(2)
        h = (self.emb(x) * mask).sum(1) / mask.sum(1)
        return {task: head(h) for task, head in self.heads.items()}


model = MultiTask()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
loader = DataLoader(rows[:1400], batch_size=28, shuffle=True, collate_fn=collate)
dev = collate(rows[1400:])
for epoch in range(9):
    for b in loader:
        optimizer.zero_grad()
        out = model(b["x"])
        loss = F.cross_entropy(out["group"], b["group"]) + F.cross_entropy(out["urgency"], b["urgency"])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        out = model(dev["x"])
    print(f"epoch {epoch} loss {loss.item():.4f} " + " ".join(f"{t} {(o.argmax(1) == dev[t]).float().mean():.3f}" for t, o in out.items()))
