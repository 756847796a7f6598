"""SICK relatedness (1-5) from averaged GloVe vectors.  Vectors stay as they are; only a small head is trained."""
import csv, gzip, os
import numpy as np
import torch
from scipy.stats import pearsonr, spearmanr

torch.manual_seed(42)
DATA = os.environ.get("WORDFIT_DATA", "data")


def load_vectors():
    words, rows = [], []
    with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as f:
        for line in f:
            w, rest = line.split(" ", 1)
            words.append(w)
            rows.append(np.fromstring(rest, sep=" ", dtype=np.float32))
    return {w: i for i, w in enumerate(words)}, torch.from_numpy(np.vstack(rows))


def load_sick(part):
    with open(os.path.join(DATA, "glue/SICK", part), encoding="utf8") as f:
        return [(r["sentence_A"].lower().split(), r["sentence_B"].lower().split(), float(r["relatedness_score"]))
                for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)]


stoi, table = load_vectors()
bag = torch.nn.EmbeddingBag.from_pretrained(table, freeze=True, mode="mean")
SKIP = {"a", "an", "the", "is", "are", "of", "and", "in", "on", "there"}


def encode(sentences):
    flat, off = [], []
    for s in sentences:
        off.append(len(flat))
        flat += [stoi[w] for w in s if w in stoi and w not in SKIP] or [stoi["the"]]
    return bag(torch.tensor(flat), torch.tensor(off))


def features(rows):
    a, b = encode([r[0] for r in rows]), encode([r[1] for r in rows])
    over = torch.tensor([[len(set(x) & set(y)) / len(set(x) | set(y)), float("no" in x or "not" in x), float("no" in y or "not" in y)]
                         for x, y, _ in rows])
    cos = torch.cosine_similarity(a, b).unsqueeze(1)
    return torch.cat([(a - b).abs(), a * b, cos, over], 1), torch.tensor([r[2] for r in rows])


Xtr, ytr = features(load_sick("SICK_train.txt"))
Xdv, ydv = features(load_sick("SICK_trial.txt"))
Xte, yte = features(load_sick("SICK_test_annotated.txt"))
mu, sd = Xtr.mean(0), Xtr.std(0)
Xtr, Xdv, Xte = (Xtr - mu) / sd, (Xdv - mu) / sd, (Xte - mu) / sd
print("train", tuple(Xtr.shape), "trial", tuple(Xdv.shape), "test", tuple(Xte.shape))

head = torch.nn.Sequential(torch.nn.Linear(Xtr.shape[1], 12), torch.nn.GELU(), torch.nn.Dropout(0.25), torch.nn.Linear(12, 1))
with torch.no_grad():
    head[-1].bias.fill_(ytr.mean().item())
optimizer = torch.optim.AdamW(head.parameters(), lr=3e-3, weight_decay=0.1)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(Xtr, ytr), batch_size=64, shuffle=True)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 6 * len(loader))
huber = torch.nn.SmoothL1Loss()

for epoch in range(6):
    head.train()
    s = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = huber(head(x).view(-1), y)
        loss.backward()
        optimizer.step()
        schedule.step()
        s += loss.item() * len(y)
    head.eval()
    with torch.no_grad():
        pd = head(Xdv).view(-1)
    print("epoch %d train %.4f trial %.4f r=%.3f" % (epoch + 1, s / len(ytr), huber(pd, ydv).item(), pearsonr(pd, ydv)[0]))

with torch.no_grad():
    p, q = head(Xte).view(-1).numpy(), head(Xtr).view(-1).numpy()
print("train r %.3f" % pearsonr(q, ytr)[0])
print("test r %.3f rho %.3f mse %.3f (mean predictor %.3f)" % (
    pearsonr(p, yte)[0], spearmanr(p, yte)[0], ((p - yte.numpy()) ** 2).mean(), yte.var().item()))
