# Metric learning for support tickets: batch-hard triplet loss (Hermans et al.), evaluated by 1-NN on unseen tickets.
# Port of our TF1 code.
import random
import torch
from torch import nn
from torch.utils.data import Sampler, DataLoader

random.seed(5)
torch.manual_seed(5)

INTENTS = {
    "refund":   ["refund", "money back", "return the order", "reimburse", "charged twice", "wrong amount"],
    "login":    ["cannot log in", "password", "locked out", "reset link", "two factor code", "username"],
    "delivery": ["parcel", "courier", "not arrived", "tracking number", "late shipment", "delivered next door"],
    "bug":      ["app crashes", "error message", "blank screen", "freezes", "stack trace", "does not load"],
    "billing":  ["invoice", "tax number", "billing address", "receipt", "payment method", "card expired"],
    "cancel":   ["cancel my plan", "unsubscribe", "close the account", "stop renewal", "end contract", "delete me"],
}
OPEN = ["hi team", "hello", "good morning", "dear support", "hey", "urgent"]
MID = ["i have a question about", "please help with", "there is a problem with", "what about", "again"]
CLOSE = ["thanks", "best regards", "asap please", "for order 123", "since monday", "on my phone", ""]
names = list(INTENTS)


def ticket(intent):
    parts = [random.choice(OPEN), random.choice(MID), random.choice(INTENTS[intent])]
    if random.random() < .5:
        parts.append(random.choice(INTENTS[intent]))
    return " ".join(parts + [random.choice(CLOSE)]).split()


def dataset(n):
    rows, seen = [], set()
    while len(rows) < n:
        k = len(rows) % len(names)
        t = ticket(names[k])
        if tuple(t) not in seen:
            seen.add(tuple(t))
            rows.append((t, k))
    return rows


rows = dataset(1800)
random.shuffle(rows)
train, test = rows[:1400], rows[1400:]
vocab = {}
for toks, _ in train:
    for w in toks:
        vocab.setdefault(w, len(vocab))


class PK(Sampler):
    """P intents, K tickets of each"""

    def __init__(self, labels, k, n_batches):
        self.by = {}
        for i, y in enumerate(labels):
            self.by.setdefault(y, []).append(i)
        self.k, self.n = k, n_batches

    def __iter__(self):
        for _ in range(self.n):
            yield [i for idx in self.by.values() for i in random.sample(idx, self.k)]

    def __len__(self):
        return self.n


def collate(batch):
    ids, offs, ys = [], [], []
    for toks, y in batch:
        offs.append(len(ids))
        ids += [vocab[t] for t in toks if t in vocab]
        ys.append(y)
    return torch.tensor(ids), torch.tensor(offs), torch.tensor(ys)


class Embedder(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.EmbeddingBag(len(vocab), 32, mode="mean")
        self.head = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 16))

    def forward(self, ids, offs):
        return nn.functional.normalize(self.head(self.words(ids, offs)), dim=1)


def pairwise(e):
    sq = (e * e).sum(1)
    d2 = sq[:, None] - 2 * e @ e.t() + sq[None]
    d2 = d2 * (1 - torch.eye(len(e)))               # rounding
    # fault:
    return torch.sqrt(torch.clamp(d2, min=0.0))
    # mended:
    # return torch.sqrt(torch.clamp(d2, min=1e-8))
    # end


def batch_hard(e, y, margin=0.3):
    d = pairwise(e)
    same = y[:, None] == y[None]
    pos = (d * same).max(1).values
    neg = d.masked_fill(same, 1e4).min(1).values
    return torch.relu(pos - neg + margin).mean()


def embed(model, rows):
    model.eval()
    with torch.no_grad():
        i, o, y = collate(rows)
        return model(i, o), y


model = Embedder()
opt = torch.optim.Adam(model.parameters(), lr=1e-2, weight_decay=1e-5)
loader = DataLoader(train, batch_sampler=PK([y for _, y in train], 8, 30), collate_fn=collate)
for ep in range(6):
    model.train()
    tot = 0
    for ids, offs, y in loader:
        loss = batch_hard(model(ids, offs), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    a, ya = embed(model, train)
    b, yb = embed(model, test)
    nn1 = torch.cdist(b, a).argmin(1)
    print(f"epoch {ep} triplet loss {tot / len(loader):.4f} 1-NN accuracy {(ya[nn1] == yb).float().mean():.3f}")
