"""Second-hand furniture ads -> price.  GRU over packed sequences, Huber loss on the standardised log price."""
import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence
from torch.utils.data import DataLoader, Dataset

rng = np.random.RandomState(42)
torch.manual_seed(42)

ITEMS = dict(chair=25, stool=15, table=80, desk=95, sofa=220, wardrobe=180, bed=160, shelf=40, lamp=18, mirror=30, dresser=110, bench=45)
MATERIAL = dict(oak=1.5, pine=0.9, plastic=0.5, steel=1.1, walnut=1.8, bamboo=1.0, rattan=1.05, leather=1.7, birch=1.2, marble=2.2)
STATE = {"brand new": 1.3, "like new": 1.15, "good condition": 1.0, "some scratches": 0.75, "badly worn": 0.5, "needs repair": 0.35, "never used": 1.25}
COLOR = "white black brown grey green blue red natural dark light".split()
FILL = ["pick up only", "no smokers", "moving out sale", "can deliver nearby", "cash please", "first come first served", "from a quiet home",
        "bought two years ago", "call after six", "price as marked", "sold as seen", "must go this week"]


def make_ad():
    item, mat, state = rng.choice(list(ITEMS)), rng.choice(list(MATERIAL)), rng.choice(list(STATE))
    n = rng.choice([1, 1, 1, 2, 4])
    price = ITEMS[item] * MATERIAL[mat] * STATE[state] * n ** 0.9 * np.exp(rng.normal(0, 0.15))
    noun = {1: ["a", item], 2: ["two", item], 4: ["four", item]}[n]
    parts = [[rng.choice(COLOR), mat, *noun] if rng.rand() < .5 else [*noun, "of", rng.choice(COLOR), mat], state.split()]
    for f in rng.choice(FILL, rng.randint(0, 3), replace=False):
        parts.insert(rng.randint(len(parts) + 1), f.split())
    return " ".join(w for p in parts for w in p), price


ads, seen = [], set()
while len(ads) < 2400:
    text, price = make_ad()
    if text not in seen:
        seen.add(text)
        ads.append((text, price))
train_ads, test_ads = ads[:2000], ads[2000:]
vocab = {w: i for i, w in enumerate(sorted({w for t, _ in train_ads for w in t.split()}))}
logs = np.log([p for _, p in train_ads])
MU, SD = logs.mean(), logs.std()


class Ads(Dataset):
    def __init__(self, rows):
        self.rows = [(torch.tensor([vocab[w] for w in t.split()]), (np.log(p) - MU) / SD) for t, p in rows]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate(rows):
    seqs, ys = zip(*rows)
    return pack_sequence(seqs, enforce_sorted=False), torch.tensor(ys, dtype=torch.float32)


class Pricer(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 24)
        self.gru = nn.GRU(24, 32, bidirectional=True)
        self.fc = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, packed):
        p = torch.nn.utils.rnn.PackedSequence(self.emb(packed.data), packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
        _, h = self.gru(p)                       # h comes back in the order of the batch
        return self.fc(torch.cat([h[0], h[1]], 1)).squeeze(1)


train_dl = DataLoader(Ads(train_ads), 50, shuffle=True, collate_fn=collate)
test_dl = DataLoader(Ads(test_ads), 250, collate_fn=collate)
model, lossf = Pricer(), nn.HuberLoss(delta=1.0)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.45)
for epoch in range(5):
    model.train()
    s = 0.
    for x, y in train_dl:
        optimizer.zero_grad()
        loss = lossf(model(x), y)
        loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), 0.5)
        optimizer.step()
        s += loss.item()
    scheduler.step()
    model.eval()
    with torch.no_grad():
        pred, gold = (torch.cat(t) for t in zip(*[(model(x), y) for x, y in test_dl]))
    r2 = 1 - ((pred - gold) ** 2).mean() / gold.var()
    factor = np.exp(SD * (pred - gold).abs().median().item())
    print(f"[{epoch}] huber {s / len(train_dl):.4f} | test R2 {r2:.3f} | median factor off {factor:.3f}")
