#!/usr/bin/env python
"""Route newspaper headlines to a desk (Sports / Money / Health / Travel).

The desk's own words in later headlines are mostly new, so we lean on GloVe and keep it fixed.
"""
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(6)
np.random.seed(6)
torch.manual_seed(6)

DESKS = {
    "sports": "Coach League Tournament Goal Striker Playoffs Championship Team Quarterback Season Stadium Defender Medal Olympic "
              "Baseball Soccer Basketball Tennis Hockey Referee Pitcher Touchdown Cup Players Match Rugby Cricket Athletes Sprint Victory".split(),
    "money": "Bank Stocks Shares Investors Market Inflation Profit Earnings Bonds Loans Dividend Mortgage Currency Dollar Trading "
             "Tax Deficit Budget Merger Lender Fund Credit Debt Prices Revenue Bankruptcy Exchange Assets Securities Economy".split(),
    "health": "Hospital Patients Doctors Virus Vaccine Cancer Disease Surgery Drug Clinic Infection Nurses Diabetes Treatment "
              "Symptoms Medicine Flu Therapy Heart Blood Obesity Physicians Brain Diagnosis Asthma Kidney Lung Pregnancy Illness Pain".split(),
    "travel": "Beach Hotel Island Tourists Resort Airport Cruise Flight Museum Mountain Passengers Luggage Ferry Village Castle "
              "Lake Sailing Train Cottage Restaurant Park Scenic Visitors Coast Harbor Journey Trip Valley Hiking Ski".split(),
}
FRAMES = ["Why the {0} Could Change the {1} This Year", "{0} and {1}: What We Know So Far", "New Report on {0} Raises Questions About {1}",
          "After Long Wait, {0} Meets {1}", "The Truth About {0}, {1} and {2}", "How One {0} Lost Its {1} to {2}",
          "{0} in the Age of {1}", "Ten Things to Know About {0} Before {1}", "Experts Warn of {0} as {1} Returns", "Inside the {0}: {1} Behind {2}"]
names = list(DESKS)


def headlines(part, n):
    out = set()
    while len(out) < n:
        y = random.randrange(4)
        ws = DESKS[names[y]]
        ws = ws[:20] if part == "train" else ws[14:]
        out.add((random.choice(FRAMES).format(*random.sample(ws, 3)), y))
    return sorted(out)


train = headlines("train", 2400)
known = {t for t, _ in train}
valid = [r for r in headlines("valid", 500) if r[0] not in known]


def tokenize(text):
    for sign in ",:":
        text = text.replace(sign, " " + sign + " ")
    # fault:
    return text.split()
    # mended:
    # return text.lower().split()
    # end


def load_glove(path):
    index, rows = {"<pad>": 0, "<unk>": 1}, []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            parts = line.rstrip().split(" ")
            index[parts[0]] = len(index)
            rows.append(parts[1:])
    vectors = np.array(rows, dtype=np.float32)
    unk = np.random.normal(0, 0.1, (1, vectors.shape[1])).astype(np.float32)
    return index, torch.from_numpy(np.vstack([np.zeros_like(unk), unk, vectors]))


index, weights = load_glove(os.path.join(os.environ["WORDFIT_DATA"], "vectors/glove.6B.50d.top10361.txt.gz"))


def to_tensor(rows):
    toks = [[index.get(t, 1) for t in tokenize(s)] for s, _ in rows]
    width = max(len(t) for t in toks)
    return torch.tensor([t + [0] * (width - len(t)) for t in toks]), torch.tensor([y for _, y in rows])


Xtr, ytr = to_tensor(train)
Xva, yva = to_tensor(valid)


class Router(nn.Module):
    def __init__(self, weights, n_out):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.score = nn.Linear(weights.shape[1], 1)
        self.hidden = nn.Linear(weights.shape[1], 32)
        self.out = nn.Linear(32, n_out)

    def forward(self, x):
        e = self.embedding(x)
        a = self.score(e).squeeze(-1).masked_fill(x == 0, -1e9)
        pooled = (F.softmax(a, dim=1).unsqueeze(-1) * e).sum(1)
        return self.out(F.relu(self.hidden(pooled)))


model = Router(weights, len(names))
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
for epoch in range(6):
    model.train()
    perm = torch.randperm(len(Xtr))
    losses = []
    for b in perm.split(64):
        opt.zero_grad()
        loss = F.cross_entropy(model(Xtr[b]), ytr[b])
        loss.backward()
        opt.step()
        losses.append(loss.item())
    opt.param_groups[0]["lr"] *= 0.6
    model.eval()
    with torch.no_grad():
        tr = (model(Xtr).argmax(1) == ytr).float().mean()
        va = (model(Xva).argmax(1) == yva).float().mean()
    print(f"Epoch {epoch + 1}/6 - loss: {np.mean(losses):.4f} - acc: {tr:.4f} - val_acc: {va:.4f}")
