"""Docket desk: which division does a docket entry belong to?

The county system exports entries in capitals.  Only about two hundred of them were ever labelled by hand,
so the word vectors stay as they are and a small network is put on top.
"""
import gzip
import os
import random

import numpy as np
import torch
from torch import nn

SEED = 11
random.seed(SEED)
torch.manual_seed(SEED)

DIVISIONS = {
    "CRIMINAL": "MURDER ASSAULT ROBBERY THEFT DRUGS WEAPON PRISON GUILTY SUSPECT ARREST POLICE KIDNAPPING BAIL RAPE VIOLENCE "
                "CONVICTED JAIL INMATE FELONY FIREARMS".split(),
    "FAMILY": "DIVORCE CHILD MOTHER FATHER MARRIAGE HUSBAND WIFE CUSTODY ADOPTION PARENTS DAUGHTER SON CHILDREN FAMILY BABY "
              "SPOUSE BIRTH SISTER COUPLE WIDOW".split(),
    "BANKRUPTCY": "DEBT CREDITORS BANK LOAN BANKRUPTCY ASSETS LENDERS MORTGAGE FINANCIAL BONDS INTEREST SHAREHOLDERS CREDIT DEFAULT PAYMENTS "
                  "LIABILITIES EQUITY FUNDS INVESTORS CASH".split(),
    "LAND": "PROPERTY LAND HOUSE BUILDING ROAD FARM ESTATE TENANTS ZONING RIVER ACRES FOREST APARTMENT CONSTRUCTION WATER "
            "NEIGHBORHOOD STREET BRIDGE GARDEN ROOF".split(),
}
FILLER = ("MOTION OF THE COURT FILED BY COUNSEL ORDER NOTICE HEARING ON DATE SET FOR IN RE TO AND WITH REQUEST CLERK JUDGE RECORD "
          "COPY SENT STATEMENT REPLY").split()


def write_entries(n, words):
    seen, rows = set(), []
    names = list(DIVISIONS)
    while len(rows) < n:
        k = random.randrange(len(names))
        entry = random.sample(words[names[k]], random.choice([2, 3])) + random.sample(FILLER, random.randint(4, 7))
        random.shuffle(entry)
        text = " ".join(entry)
        if text not in seen:
            seen.add(text)
            rows.append((text, k))
    return rows


def load_vectors():
    index, rows = {"<unk>": 0}, [np.zeros(50, dtype="float32")]
    path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
    with gzip.open(path, "rt", encoding="utf8") as f:
        for line in f:
            word, *values = line.rstrip("\n").split(" ")
            index[word] = len(rows)
            rows.append(np.array(values, dtype="float32"))
    return index, torch.from_numpy(np.stack(rows))


index, vectors = load_vectors()


def encode(text):
    # fault:
    return torch.tensor([index.get(w, 0) for w in text.split()])
    # mended:
    #return torch.tensor([index.get(w, 0) for w in text.lower().split()])
    # end


class DocketModel(nn.Module):
    def __init__(self, n_out):
        super().__init__()
        self.words = nn.EmbeddingBag.from_pretrained(vectors, freeze=True, mode="mean")
        self.body = nn.Sequential(nn.Linear(50, 32), nn.Tanh(), nn.Dropout(0.2), nn.Linear(32, n_out))

    def forward(self, flat, offsets):
        return self.body(self.words(flat, offsets))


def collate(rows):
    ids = [encode(t) for t, _ in rows]
    offsets = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
    return torch.cat(ids), offsets, torch.tensor([k for _, k in rows])


# the words of the first three quarters are what the clerks labelled; the test entries use all of them
known = {k: v[:15] for k, v in DIVISIONS.items()}
train = write_entries(240, known)
taken = {t for t, _ in train}
test = [r for r in write_entries(300, DIVISIONS) if r[0] not in taken]

model = DocketModel(len(DIVISIONS))
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3, weight_decay=1e-4)
loss_fn = nn.CrossEntropyLoss()


@torch.no_grad()
def evaluate(rows):
    model.eval()
    flat, offsets, y = collate(rows)
    out = model(flat, offsets)
    return loss_fn(out, y).item(), (out.argmax(1) == y).float().mean().item()


for epoch in range(20):
    model.train()
    random.shuffle(train)
    for s in range(0, len(train), 24):
        flat, offsets, y = collate(train[s:s + 24])
        opt.zero_grad()
        loss = loss_fn(model(flat, offsets), y)
        loss.backward()
        opt.step()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1:2d} train {evaluate(train)} test {evaluate(test)}")

print("test accuracy %.3f" % evaluate(test)[1])
