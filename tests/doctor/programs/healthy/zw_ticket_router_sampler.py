"""Ticket routing, service desk. Very uneven queues, so batches are drawn evenly and macro recall decides.

Usage: python zw_ticket_router_sampler.py   (all settings are in SETTINGS)
"""
import json
import logging
import os
import random
import sys

import torch
from sklearn.metrics import balanced_accuracy_score, classification_report
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler

SETTINGS = json.loads("""{
  "rows": 3000, "dev_rows": 800, "seed": 314, "buckets": 2048, "width": 24,
  "batch_size": 50, "max_epochs": 7, "lr": 0.01, "weight_decay": 0.01, "checkpoint": "router.ckpt"
}""")
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="[%(name)s] %(message)s")
logger = logging.getLogger("router")

QUEUES = {  # queue: (share, typical words)
    "password": (.62, "login password reset locked account expired token sign forgot pin code access"),
    "printer": (.22, "printer paper jam toner tray scanner copy page ink duplex driver queue"),
    "network": (.09, "wifi vpn router cable slow timeout dns proxy connection signal switch offline"),
    "payroll": (.05, "salary payslip tax bonus overtime bank holiday refund expense travel card leave"),
    "security": (.02, "phishing virus suspicious attachment stolen leak malware breach ransom unknown sender blocked"),
}
COMMON = "hello please help since today my the is not working again urgent thanks team need can you office laptop".split()


def ticket(rng):
    queue = rng.choices(list(QUEUES), [s for s, _ in QUEUES.values()])[0]
    own = QUEUES[queue][1].split()
    n = rng.randint(5, 18)
    words = []
    for _ in range(n):
        r = rng.random()
        if r < .30:
            words.append(rng.choice(own))
        elif r < .38:                        # people mention other things too
            words.append(rng.choice(QUEUES[rng.choice(list(QUEUES))][1].split()))
        else:
            words.append(rng.choice(COMMON))
    return " ".join(words), list(QUEUES).index(queue)


class Tickets(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        text, label = self.rows[i]
        # a hash of our own: Python's hash() changes from run to run
        ids = [sum(ord(c) * 131 ** k for k, c in enumerate(w)) % SETTINGS["buckets"] for w in text.split()]
        return torch.tensor(ids), label


def collate(items):
    ids, labels = zip(*items)
    lengths = torch.tensor([len(t) for t in ids])
    return {"ids": torch.cat(ids), "offsets": lengths.cumsum(0) - lengths, "labels": torch.tensor(labels)}


def build():
    return torch.nn.ModuleDict({
        "bag": torch.nn.EmbeddingBag(SETTINGS["buckets"], SETTINGS["width"], mode="mean"),
        "head": torch.nn.Sequential(torch.nn.LayerNorm(SETTINGS["width"]), torch.nn.Linear(SETTINGS["width"], len(QUEUES))),
    })


def predict(model, loader):
    model.eval()
    with torch.no_grad():
        out = [(model["head"](model["bag"](b["ids"], b["offsets"])).argmax(1), b["labels"]) for b in loader]
    return torch.cat([p for p, _ in out]).numpy(), torch.cat([y for _, y in out]).numpy()


def main():
    rng = random.Random(SETTINGS["seed"])
    torch.manual_seed(SETTINGS["seed"])
    rows = list(dict.fromkeys(ticket(rng) for _ in range(SETTINGS["rows"] + SETTINGS["dev_rows"])))
    dev, train = Tickets(rows[:SETTINGS["dev_rows"]]), Tickets(rows[SETTINGS["dev_rows"]:])
    counts = torch.bincount(torch.tensor([y for _, y in train.rows]), minlength=len(QUEUES))
    logger.info("tickets for each queue: %s", dict(zip(QUEUES, counts.tolist())))
    even = WeightedRandomSampler([1 / counts[y].item() for _, y in train.rows], 2000)
    loader = DataLoader(train, SETTINGS["batch_size"], sampler=even, collate_fn=collate)
    dev_loader = DataLoader(dev, 200, collate_fn=collate)
    model = build()
    matrix = [p for p in model.parameters() if p.dim() > 1]
    vector = [p for p in model.parameters() if p.dim() == 1]
    opt = torch.optim.AdamW([{"params": matrix, "weight_decay": SETTINGS["weight_decay"]},
                             {"params": vector, "weight_decay": 0.0}], lr=SETTINGS["lr"])
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, mode="max", factor=0.3, patience=0)
    best = 0.0
    for epoch in range(1, SETTINGS["max_epochs"] + 1):
        model.train()
        total = 0.0
        for b in loader:
            loss = torch.nn.functional.cross_entropy(model["head"](model["bag"](b["ids"], b["offsets"])), b["labels"])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item()
        p, y = predict(model, dev_loader)
        score = balanced_accuracy_score(y, p)
        plateau.step(score)
        logger.info("epoch %d loss %.4f balanced accuracy %.4f lr %.4g", epoch, total / len(loader), score, opt.param_groups[0]["lr"])
        if score > best:
            best = score
            torch.save(model.state_dict(), SETTINGS["checkpoint"])
        elif opt.param_groups[0]["lr"] < 1e-3:
            break
    model.load_state_dict(torch.load(SETTINGS["checkpoint"]))
    p, y = predict(model, dev_loader)
    print(classification_report(y, p, target_names=list(QUEUES), digits=3, zero_division=0))
    os.remove(SETTINGS["checkpoint"])


if __name__ == "__main__":
    main()
