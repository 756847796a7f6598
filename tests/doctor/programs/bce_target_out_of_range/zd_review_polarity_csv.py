# Self-study project no. 5: polarity of reviews, Yelp-style csv ("1","bad text" / "2","good text").
# Small test file from the movie sentences so that it runs on my old laptop.
import csv, gzip, io, os, random
import torch
from torch import nn

DATA = os.environ["WORDFIT_DATA"]
random.seed(11); torch.manual_seed(11)

# --- make the csv in the format of yelp_review_polarity_csv -------------------------------------------------
def to_csv(name, limit):
    buf = io.StringIO()
    w = csv.writer(buf, quoting=csv.QUOTE_ALL)
    lines = open(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.{name}", encoding="utf-8").read().splitlines()
    random.shuffle(lines)
    for ln in lines[:limit]:
        lab, text = ln.split(" ", 1)
        w.writerow([int(lab) + 1, text])
    return buf.getvalue()

train_csv, test_csv = to_csv("train", 6920), to_csv("test", 900)

# --- word vectors ---------------------------------------------------------------------------------------------
index, vecs = {"": 0}, [[0.0] * 50]
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split()
        index[w] = len(vecs)
        vecs.append([float(a) for a in v])
vecs = torch.tensor(vecs)

def load(text):
    data = []
    for stars, review in csv.reader(io.StringIO(text)):
        toks = [index[t] for t in review.split() if t in index]
        if not toks:
            continue
        # fault:
        target = float(stars)
        # mended:
        # target = float(stars) - 1.0
        # end
        data.append((toks, target))
    return data

train, test = load(train_csv), load(test_csv)

def batch(rows):
    flat = torch.tensor([t for r, _ in rows for t in r])
    offs = torch.tensor([0] + [len(r) for r, _ in rows[:-1]]).cumsum(0)
    return flat, offs, torch.tensor([y for _, y in rows])

bag = nn.EmbeddingBag.from_pretrained(vecs, mode="mean", freeze=True)
top = nn.Sequential(nn.Linear(50, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(top.parameters(), lr=0.003)
loss_fn = nn.BCEWithLogitsLoss()

def accuracy(rows):
    top.eval()
    with torch.no_grad():
        flat, offs, y = batch(rows)
        guess = (torch.sigmoid(top(bag(flat, offs)).squeeze(1)) > 0.5).float()
        return (guess == y).float().mean().item(), guess.mean().item()

for epoch in range(6):
    top.train()
    random.shuffle(train)
    running = 0.0
    for i in range(0, len(train), 64):
        flat, offs, y = batch(train[i:i + 64])
        optimizer.zero_grad()
        loss = loss_fn(top(bag(flat, offs)).squeeze(1), y)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(y)
    a, share = accuracy(test)
    print(f"epoch {epoch + 1}: loss {running / len(train):.4f}, train acc {accuracy(train)[0]:.3f}, test acc {a:.3f}, share of 'good' {share:.2f}")
