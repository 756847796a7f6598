"""Contract review: which obligations does a clause carry?  Several may apply, most do not (rare tags ~5 %).
Hashed words and stems, one linear layer per tag, positives weighted, thresholds 0.5 / F1 on unseen clauses."""
import random
import zlib
import torch
from torch import nn
from sklearn.metrics import f1_score

random.seed(31)
torch.manual_seed(31)
TAGS = {
    "payment":      (.30, ["shall pay the fees", "invoice within thirty days", "interest on late payment"]),
    "termination":  (.18, ["may terminate for convenience", "upon material breach", "notice of termination"]),
    "liability":    (.12, ["liability shall not exceed", "no indirect damages", "aggregate cap applies"]),
    "secrecy":      (.10, ["keep confidential information secret", "non disclosure duty survives", "return all documents"]),
    "data":         (.06, ["process personal data lawfully", "notify a data breach", "appoint a processor"]),
    "noncompete":   (.05, ["not solicit employees", "refrain from competing business", "exclusive dealing term"]),
}
BOILER = ("the parties agree that hereunder such party under this agreement subject to applicable law and for the avoidance "
          "of doubt as set out in schedule one provided however that any provision herein the term days notice shall").split()
BUCKETS = 4096


def clause():
    y, parts = [], [random.choice(BOILER) for _ in range(random.randint(8, 20))]
    for tag, (rate, phrases) in TAGS.items():
        hit = random.random() < rate
        y.append(float(hit))
        if hit:
            at = random.randint(0, len(parts))
            parts[at:at] = random.choice(phrases).split()
    return parts, y


def features(tokens):
    grams = tokens + [t[:4] + "*" for t in tokens if len(t) > 5]
    return [zlib.crc32(g.encode()) % BUCKETS for g in grams]


def to_batch(rows):
    bags = [features(t) for t, _ in rows]
    offsets = torch.tensor([0] + [len(b) for b in bags]).cumsum(0)
    return torch.tensor(sum(bags, [])), offsets, torch.tensor([y for _, y in rows])


train, test = [clause() for _ in range(3600)], [clause() for _ in range(800)]
model = nn.EmbeddingBag(BUCKETS, len(TAGS), mode="sum", include_last_offset=True)     # = a linear model on hashed counts
bias = nn.Parameter(torch.full((len(TAGS),), -2.))
nn.init.zeros_(model.weight)
rate = torch.tensor([y for _, y in train]).mean(0)
bce = nn.BCEWithLogitsLoss(pos_weight=((1 - rate) / rate).sqrt())
opt = torch.optim.Adagrad([model.weight, bias], lr=.12)

batches = [to_batch(train[i:i + 60]) for i in range(0, len(train), 60)]
whole, dev = to_batch(train[:800]), to_batch(test)
for epoch in range(5):
    random.shuffle(batches)
    mean = 0.
    for flat, off, y in batches:
        loss = bce(model(flat, off) + bias, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        mean += loss.item() / len(batches)
    with torch.no_grad():
        f = [f1_score(y, model(flat, off) + bias > 0, average=None) for flat, off, y in (whole, dev)]
    print(f"epoch {epoch} loss {mean:.4f} macro F1 train {f[0].mean():.3f} test {f[1].mean():.3f}")
print("per tag:", {t: round(float(v), 3) for t, v in zip(TAGS, f[1])})
