"""Routes telex messages of a shipping agency to a desk, with GloVe vectors below a small GRU.

The archive is a dump of the old terminal, keyed in by the operators.
"""
import gzip
import os
import random

import numpy as np
import torch
from torch import nn

DESKS = {
    "CREW": "CAPTAIN SAILOR OFFICER CREW COOK DOCTOR INJURED SICK WAGES UNION STRIKE PASSPORT VISA HOSPITAL FAMILY",
    "CARGO": "WHEAT COAL STEEL COTTON RICE SUGAR COFFEE TIMBER COPPER TONNES CONTAINER GRAIN FRUIT RUBBER CEMENT",
    "ENGINE": "ENGINE FUEL PUMP VALVE OIL TURBINE LEAK REPAIR BOILER SPARE BATTERY POWER CYLINDER DIESEL COOLING",
    "FINANCE": "INVOICE PAYMENT BANK CREDIT LOAN DOLLARS INSURANCE PREMIUM CLAIM COST TAX FEE ACCOUNT DEBT CURRENCY",
    "WEATHER": "STORM WIND FOG WAVES ICE RAIN HURRICANE TEMPERATURE FORECAST SNOW VISIBILITY PRESSURE CYCLONE GALE HEAVY",
}
COMMON = ("PLEASE REPLY TODAY REGARDING THE PORT ARRIVED SHIP WILL REPORT NEED WITHIN DAYS URGENT FROM AND FOR WITH "
          "TOMORROW OFFICE EXPECTED AT OUR YOUR MESSAGE RECEIVED").split()
LENGTH = 9


def load_vectors(path):
    words, rows = ["<pad>", "<unk>"], [np.zeros(50), np.zeros(50)]
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            w, *v = line.rstrip("\n").split(" ")
            words.append(w)
            rows.append(np.array(v, dtype=np.float32))
    return {w: i for i, w in enumerate(words)}, torch.tensor(np.stack(rows), dtype=torch.float32)


def write_archive(n, seed):
    rng = random.Random(seed)
    archive, seen = [], set()
    while len(archive) < n:
        desk = rng.randrange(len(DESKS))
        key = rng.sample(list(DESKS.values())[desk].split(), rng.randint(2, 3))
        msg = key + rng.sample(COMMON, LENGTH - len(key))
        rng.shuffle(msg)
        text = " ".join(msg)
        if text not in seen:
            seen.add(text)
            archive.append((text, desk))
    return archive


def tokens(text):
    # fault:
    return text.strip().split()
    # mended:
    #return text.strip().lower().split()
    # end


class Router(nn.Module):
    def __init__(self, vectors, desks, hidden=40):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.gru = nn.GRU(vectors.size(1), hidden, batch_first=True, bidirectional=True)
        self.decide = nn.Linear(2 * hidden, desks)

    def forward(self, ids):
        states, _ = self.gru(self.lookup(ids))
        return self.decide(states.max(dim=1).values)


class Job:
    def __init__(self):
        torch.manual_seed(6)
        path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
        self.index, vectors = load_vectors(path)
        archive = write_archive(1900, seed=6)
        self.ids = torch.tensor([[self.index.get(w, 1) for w in tokens(t)] for t, _ in archive])
        self.desk = torch.tensor([d for _, d in archive])
        self.n_train = 1500
        self.model = Router(vectors, len(DESKS))
        self.opt = torch.optim.Adam((p for p in self.model.parameters() if p.requires_grad), lr=4e-3)

    def epoch(self):
        self.model.train()
        total = 0.0
        for idx in torch.randperm(self.n_train).split(50):
            loss = nn.functional.cross_entropy(self.model(self.ids[idx]), self.desk[idx])
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
            total += loss.item() * len(idx)
        return total / self.n_train

    @torch.no_grad()
    def report(self):
        self.model.eval()
        z = self.model(self.ids[self.n_train:])
        y = self.desk[self.n_train:]
        p = z.argmax(1)
        recall = [(p[y == k] == k).float().mean().item() for k in range(len(DESKS))]
        return nn.functional.cross_entropy(z, y).item(), (p == y).float().mean().item(), recall

    def run(self):
        for e in range(6):
            train_loss = self.epoch()
            loss, acc, recall = self.report()
            print(f"{e}: train {train_loss:.3f} held out {loss:.3f} accuracy {acc:.3f}")
        for name, r in zip(DESKS, recall):
            print(f"  {name:8s} recall {r:.2f}")


if __name__ == "__main__":
    Job().run()
