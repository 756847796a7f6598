# Which clause types does a contract paragraph contain? (several at once, most of them rare)
# Words are hashed, paragraphs go through an EmbeddingBag with offsets, so there is nothing to pad.
import zlib
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import average_precision_score, f1_score

rs = np.random.RandomState(44)
torch.manual_seed(44)
CLAUSES = {"indemnity": .06, "termination": .12, "confidentiality": .1, "force_majeure": .05, "arbitration": .05, "payment": .2}
lexicon = {c: [c[:4] + s for s in "ing ed tion al ment er ous ity".split()] for c in CLAUSES}
boiler = ["hereof", "party", "parties", "shall", "agreement", "the", "of", "any", "such", "herein", "pursuant", "section"] + \
         ["term%d" % i for i in range(60)]


def paragraph():
    has = [rs.rand() < p for p in CLAUSES.values()]
    words = list(rs.choice(boiler, rs.randint(10, 30)))
    for c, yes in zip(CLAUSES, has):
        k = rs.randint(2, 5) if yes else int(rs.rand() < .02)
        words += list(rs.choice(lexicon[c], k))
    rs.shuffle(words)
    return words, has


def hashed(words, size=2 ** 11):
    return [zlib.adler32(w.encode()) % size for w in words]


docs = [paragraph() for _ in range(3600)]
bags = [hashed(w) for w, _ in docs]
Y = torch.tensor([h for _, h in docs], dtype=torch.float32)
n_train = 3000


def collate(ids):
    lens = torch.tensor([len(bags[i]) for i in ids])
    flat = torch.tensor([t for i in ids for t in bags[i]])
    return flat, torch.cat([torch.zeros(1, dtype=torch.long), lens.cumsum(0)[:-1]]), Y[ids]


class Clauses(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(2 ** 11, 12, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.1)
        self.norm = nn.LayerNorm(12)
        self.out = nn.Linear(12, len(CLAUSES))

    def forward(self, flat, offsets):
        return self.out(self.norm(self.bag(flat, offsets)))


model = Clauses()
share = Y[:n_train].mean(0)
loss_fn = nn.BCEWithLogitsLoss(pos_weight=((1 - share) / share).sqrt())
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.02)
scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, total_iters=4)


@torch.inference_mode()
def evaluate(lo, hi):
    model.eval()
    flat, off, y = collate(list(range(lo, hi)))
    z = model(flat, off)
    model.train()
    return loss_fn(z, y).item(), average_precision_score(y.numpy(), z.numpy(), average="macro"), f1_score(y.numpy(), (z > 0).numpy(), average="macro")


for epoch in range(4):
    for chunk in np.array_split(rs.permutation(n_train), 60):
        flat, off, y = collate(chunk.tolist())
        optimizer.zero_grad(set_to_none=True)
        loss_fn(model(flat, off), y).backward()
        optimizer.step()
    scheduler.step()
    print("epoch", epoch, "train loss/mAP/F1 %.3f %.3f %.3f" % evaluate(0, n_train), " dev %.3f %.3f %.3f" % evaluate(n_train, len(docs)))
