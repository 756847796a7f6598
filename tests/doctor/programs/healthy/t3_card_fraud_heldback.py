# fraud detection on card histories: ~7% of the accounts are fraudulent, so accuracy means nothing here
# -> pos_weight in the loss, average precision and F1 as score, batches of 25 accumulated to 100
import random

import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

SETTINGS = {"seed": 31, "n_train": 3000, "n_valid": 1000, "dim": 16, "lr": 5e-3, "epochs": 6, "micro": 25, "accumulate": 4, "pos_weight": 4.0}
for s in (random.seed, np.random.seed, torch.manual_seed):
    s(SETTINGS["seed"])

NORMAL = ["grocery", "fuel", "restaurant", "pharmacy", "rent", "books", "cinema", "coffee", "train", "clothes", "online_shop", "atm_home"]
ODD = ["gift_cards", "atm_abroad", "crypto", "jewelry", "electronics", "wire_transfer", "casino", "pin_failed"]
EVENTS = ["<pad>"] + [e + "_" + size for e in NORMAL + ODD for size in ("small", "mid", "big")]
eid = {e: i for i, e in enumerate(EVENTS)}


def account():
    fraud = random.random() < 0.07
    n = random.randint(8, 30)
    ev = []
    for _ in range(n):
        kind = random.choice(ODD) if random.random() < 0.06 else random.choice(NORMAL)
        ev.append(kind + "_" + random.choices(["small", "mid", "big"], [0.5, 0.35, 0.15])[0])
    if fraud:
        # a burst of odd, mostly big, events somewhere in the history
        k = random.randint(4, 6)
        at = random.randint(0, n - k)
        for j in range(k):
            ev[at + j] = random.choice(ODD) + "_" + random.choices(["small", "mid", "big"], [0.1, 0.3, 0.6])[0]
    return [eid[e] for e in ev], float(fraud)


accounts = {}
while len(accounts) < SETTINGS["n_train"] + SETTINGS["n_valid"]:
    ev, y = account()
    accounts[tuple(ev)] = y
accounts = list(accounts.items())
train, valid = accounts[:SETTINGS["n_train"]], accounts[SETTINGS["n_train"]:]
print("fraud share: train %.3f valid %.3f" % (np.mean([y for _, y in train]), np.mean([y for _, y in valid])))


class BurstNet(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.events = nn.Embedding(len(EVENTS), dim, padding_idx=0)
        self.window = nn.Conv1d(dim, 24, 5, padding=2)
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(24, 12), nn.ReLU(), nn.Linear(12, 1))

    def forward(self, x):
        h = torch.relu(self.window(self.events(x).transpose(1, 2)))
        h = h.masked_fill((x == 0).unsqueeze(1), 0.0)
        return self.head(h.amax(dim=2)).squeeze(1)


def collate(rows):
    w = max(len(e) for e, _ in rows)
    return torch.tensor([list(e) + [0] * (w - len(e)) for e, _ in rows]), torch.tensor([y for _, y in rows])


class Runner:
    def __init__(self, model):
        self.model = model
        self.opt = torch.optim.Adam(model.parameters(), lr=SETTINGS["lr"])
        self.crit = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(SETTINGS["pos_weight"]))

    def epoch(self):
        self.model.train()
        random.shuffle(train)
        total, pending = 0.0, 0
        self.opt.zero_grad()
        for i in range(0, len(train), SETTINGS["micro"]):
            x, y = collate(train[i:i + SETTINGS["micro"]])
            loss = self.crit(self.model(x), y)
            (loss / SETTINGS["accumulate"]).backward()
            total += loss.item()
            pending += 1
            if pending == SETTINGS["accumulate"]:
                self.opt.step()
                self.opt.zero_grad()
                pending = 0
        return total * SETTINGS["micro"] / len(train)

    @torch.no_grad()
    def scores(self, rows):
        self.model.eval()
        x, y = collate(rows)
        p = self.model(x).sigmoid().numpy()
        y = y.numpy()
        return average_precision_score(y, p), roc_auc_score(y, p), f1_score(y, p > 0.5), float(self.crit(self.model(x), torch.from_numpy(y)))


runner = Runner(BurstNet(SETTINGS["dim"]))
for e in range(SETTINGS["epochs"]):
    loss = runner.epoch()
    print("epoch %d loss %.4f | valid AP %.4f AUC %.4f F1 %.4f loss %.4f" % (e + 1, loss, *runner.scores(valid)))
print("train AP %.4f AUC %.4f F1 %.4f loss %.4f" % runner.scores(train))
print("valid AP %.4f AUC %.4f F1 %.4f loss %.4f" % runner.scores(valid))
