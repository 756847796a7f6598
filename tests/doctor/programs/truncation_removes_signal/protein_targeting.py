"""Where does a protein go? ER (…KDEL / …HDEL), peroxisome (…SKL / …AKL) or elsewhere, from its letters."""
import random
import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(44)
torch.manual_seed(44)

AA = "ACDEFGHIKLMNPQRSTVWY"
TO_ID = {c: i + 1 for i, c in enumerate(AA)} | {"*": 21}
# fault:
MAX_LEN = 60
# mended:
# MAX_LEN = 120
# end
CLASSES = ["ER", "PEROXISOME", "OTHER"]


def protein():
    c = random.randrange(3)
    body = "M" + "".join(random.choices(AA, k=random.randint(64, 110)))
    tail = {0: ["KDEL", "HDEL", "RDEL"], 1: ["SKL", "AKL", "SRL"], 2: [""]}[c]
    return body + random.choice(tail) + "*", c


def to_tensor(seq):
    ids = [TO_ID[a] for a in seq[:MAX_LEN]]
    return torch.tensor(ids + [0] * (MAX_LEN - len(ids)))


def collate(items):
    return {"seq": torch.stack([to_tensor(s) for s, _ in items]), "y": torch.tensor([c for _, c in items])}


class MotifNet(nn.Module):
    def __init__(self, width=5, filters=32):
        super().__init__()
        self.aa = nn.Embedding(22, 12, padding_idx=0)
        self.scan = nn.Conv1d(12, filters, width, padding=width // 2)
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(filters, 3))

    def forward(self, batch):
        x = batch["seq"]
        h = torch.relu(self.scan(self.aa(x).permute(0, 2, 1)))
        return self.head(h.masked_fill((x == 0)[:, None], 0.0).max(dim=2).values)


class Trainer:
    def __init__(self, model, train, dev, lr=5e-3, epochs=9):
        self.model, self.epochs = model, epochs
        self.train_loader = DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)
        self.dev_loader = DataLoader(dev, batch_size=200, collate_fn=collate)
        self.opt = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.01)
        self.sched = torch.optim.lr_scheduler.OneCycleLR(self.opt, lr, total_steps=epochs * len(self.train_loader))

    def fit(self):
        for ep in range(self.epochs):
            self.model.train()
            tot = 0.0
            for batch in self.train_loader:
                loss = nn.functional.cross_entropy(self.model(batch), batch["y"])
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                self.sched.step()
                tot += loss.item()
            print(f"epoch {ep + 1}: train loss {tot / len(self.train_loader):.3f}  dev accuracy {self.score():.3f}")

    @torch.no_grad()
    def score(self):
        self.model.eval()
        hit = n = 0
        for batch in self.dev_loader:
            hit += (self.model(batch).argmax(1) == batch["y"]).sum().item()
            n += len(batch["y"])
        return hit / n


Trainer(MotifNet(), [protein() for _ in range(2400)], [protein() for _ in range(600)]).fit()
