"""Scoville-ish heat of a recipe (0..10) from its list of ingredients; kaggle style."""
import random
import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

SEED = 42
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)

heat = {"habanero": 9.5, "jalapeno": 6, "cayenne": 8, "chipotle": 6.5, "sriracha": 5.5, "harissa": 6, "wasabi": 7, "mustard": 3.5, "ginger": 3,
        "black pepper": 4, "paprika": 2, "onion": 1, "garlic": 1.5, "cumin": 1, "tomato": 0, "rice": 0, "cream": -1.5, "yoghurt": -1.5, "butter": -1,
        "coconut milk": -1, "sugar": -.5, "beef": 0, "tofu": 0, "beans": 0, "lime": .5, "basil": 0, "potato": -.3, "noodles": 0, "peanut": 0, "egg": 0}
pantry = list(heat)


def recipe():
    n = int(np.clip(np.random.geometric(0.12), 2, 30))
    hot = random.random()
    w = [np.exp(2.5 * hot * (heat[p] > 4)) for p in pantry]
    items = random.choices(pantry, weights=w, k=n)
    return {"ingredients": ";".join(items), "heat": float(np.mean([heat[i] for i in items]) + np.random.normal(0, 0.3))}


table = {r["ingredients"]: r for r in (recipe() for _ in range(3300))}
stoi = {p: i + 1 for i, p in enumerate(pantry)}
records = list(table.values())
random.shuffle(records)
for r in records:
    r["ids"] = [stoi[i] for i in r["ingredients"].split(";")]
val, trn = records[:600], records[600:]


class RecipeDS(Dataset):
    def __init__(self, frame, max_len=30):
        self.x = np.zeros((len(frame), max_len), dtype=np.int64)
        for r, ids in enumerate(rec["ids"] for rec in frame):
            self.x[r, :len(ids)] = ids
        self.y = np.array([rec["heat"] for rec in frame], dtype=np.float32)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return {"x": self.x[i], "y": self.y[i]}


class HeatModel(nn.Module):
    def __init__(self, n, d=16):
        super().__init__()
        self.emb = nn.Embedding(n + 1, d, padding_idx=0)
        self.fc = nn.Linear(d, 1)

    def forward(self, x):
        e = self.emb(x)
        # fault:
        v = e.mean(1)
        # mended:
        # m = (x > 0).unsqueeze(-1).float()
        # v = (e * m).sum(1) / m.sum(1)
        # end
        return self.fc(v).squeeze(-1)


trn_dl = DataLoader(RecipeDS(trn), batch_size=64, shuffle=True)
val_dl = DataLoader(RecipeDS(val), batch_size=256)
model = HeatModel(len(pantry))
opt = torch.optim.AdamW(model.parameters(), lr=2e-2, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=2e-2, total_steps=12 * len(trn_dl))
crit = nn.SmoothL1Loss()
for ep in range(12):
    model.train(); tl = []
    for b in trn_dl:
        loss = crit(model(b["x"]), b["y"])
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        tl.append(loss.item())
    model.eval()
    with torch.no_grad():
        p = torch.cat([model(b["x"]) for b in val_dl]).numpy()
    t = np.array([r["heat"] for r in val])
    r2 = 1 - ((p - t) ** 2).sum() / ((t - t.mean()) ** 2).sum()
    print(f"Epoch {ep + 1}/12 - loss: {np.mean(tl):.4f} - val_mae: {np.abs(p - t).mean():.4f} - val_r2: {r2:.4f}")
