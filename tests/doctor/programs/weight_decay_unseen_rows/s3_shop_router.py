# shop assistant: which department does a customer question go to?  v4 (v1-v3 in old_notebooks/)
import gzip
import os
import random

import numpy as np
import torch
from torch import nn

CFG = dict(seed=11, dim=50, hidden=32, lr=3e-3, epochs=12, batch=32, n_train=2000, n_test=400, wd=1e-3)
print("config", CFG)
random.seed(CFG["seed"])
torch.manual_seed(CFG["seed"])

CATALOG = {
    "pets": "dog cat horse rabbit parrot snake turtle puppy mouse pig bird fish sheep goat elephant monkey bear wolf duck frog".split(),
    "food": "bread cheese butter rice chicken soup salad sugar milk apple tomato onion chocolate pasta beef potato lemon garlic honey cake".split(),
    "garage": "engine brake tire truck car motorcycle wheel diesel gasoline vehicle bike jeep gear fuel motor van bus cab sedan ford".split(),
    "clothing": "shirt jacket dress pants shoes hat skirt coat jeans boots leather socks uniform silk cotton gloves scarf suit helmet robe".split(),
    "electronics": "computer laptop phone software printer keyboard camera modem server internet desktop pc digital wireless video browser disk chip microsoft intel".split(),
}
TEMPLATES = [
    "hello , i need a new {} please", "where can i find {} in the store", "do you have any {} left",
    "my {} from last week was bad , what can i do", "how much is the {} today", "i would like to return the {} i got",
    "can someone tell me more about {} please", "is there a sale on {} this week", "what is the best {} you have",
]
DEPTS = list(CATALOG)

# only words that we have vectors for
vectors = {}
path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
needed = {w for ws in CATALOG.values() for w in ws} | {w for t in TEMPLATES for w in t.split()}
with gzip.open(path, "rt", encoding="utf-8") as fh:
    for line in fh:
        parts = line.rstrip("\n").split(" ")
        if parts[0] in needed:
            vectors[parts[0]] = np.asarray(parts[1:], dtype="float32")
items = {d: [w for w in ws if w in vectors] for d, ws in CATALOG.items()}
for d in DEPTS:
    random.shuffle(items[d])
print({d: len(ws) for d, ws in items.items()})

# next season's products are not in this season's logs
season_now = {d: ws[:len(ws) * 2 // 3] for d, ws in items.items()}
season_next = {d: ws[len(ws) * 2 // 3:] for d, ws in items.items()}

vocab = {"<pad>": 0}
for w in sorted(vectors):
    vocab[w] = len(vocab)
table = torch.zeros(len(vocab), CFG["dim"])
for w, i in vocab.items():
    if w in vectors:
        table[i] = torch.tensor(vectors[w])


def make_logs(stock, n):
    out = []
    for _ in range(n):
        y = random.randrange(len(DEPTS))
        text = random.choice(TEMPLATES).format(random.choice(stock[DEPTS[y]]))
        out.append(([vocab[w] for w in text.split() if w in vocab], y))
    return out


def to_batch(rows):
    T = max(len(r[0]) for r in rows)
    X = torch.zeros(len(rows), T, dtype=torch.long)
    for i, (ids, _) in enumerate(rows):
        X[i, :len(ids)] = torch.tensor(ids)
    return X, torch.tensor([r[1] for r in rows])


class Router(nn.Module):
    def __init__(self, table, hidden, n_out):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(table.clone(), freeze=False, padding_idx=0)
        self.gate = nn.Linear(table.shape[1], 1)
        self.body = nn.Sequential(nn.Linear(table.shape[1], hidden), nn.ReLU(), nn.Dropout(0.2), nn.Linear(hidden, n_out))

    def forward(self, X):
        e = self.words(X)
        g = self.gate(e).squeeze(-1).masked_fill(X == 0, float("-inf")).softmax(-1)
        return self.body((g.unsqueeze(-1) * e).sum(1))


class Trainer:
    def __init__(self, model, cfg):
        self.model, self.cfg = model, cfg
        # fault:
        self.opt = torch.optim.Adam(model.parameters(), lr=cfg["lr"], weight_decay=cfg["wd"])
        # mended:
        #rest = [p for n, p in model.named_parameters() if not n.startswith("words")]
        #self.opt = torch.optim.Adam([{"params": rest, "weight_decay": cfg["wd"]}, {"params": model.words.parameters()}], lr=cfg["lr"])
        # end
        self.crit = nn.CrossEntropyLoss()

    def fit(self, rows, test):
        for ep in range(self.cfg["epochs"]):
            self.model.train()
            random.shuffle(rows)
            tot = 0.0
            for i in range(0, len(rows), self.cfg["batch"]):
                X, y = to_batch(rows[i:i + self.cfg["batch"]])
                loss = self.crit(self.model(X), y)
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                tot += loss.item() * len(y)
            print(f"[{ep + 1}/{self.cfg['epochs']}] loss {tot / len(rows):.4f} train acc {self.score(rows)[1]:.3f} next season loss %.3f acc %.3f" % self.score(test))

    @torch.no_grad()
    def score(self, rows):
        self.model.eval()
        X, y = to_batch(rows)
        out = self.model(X)
        return self.crit(out, y).item(), (out.argmax(1) == y).float().mean().item()


train_rows = make_logs(season_now, CFG["n_train"])
test_rows = make_logs(season_next, CFG["n_test"])
print(len(train_rows), "log lines,", len(test_rows), "for the next season")
trainer = Trainer(Router(table, CFG["hidden"], len(DEPTS)), CFG)
trainer.fit(train_rows, test_rows)
print("accuracy on next season's products:", round(trainer.score(test_rows)[1], 4))
