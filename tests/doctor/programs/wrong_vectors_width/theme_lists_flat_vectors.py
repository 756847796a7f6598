"""
Do word vectors carry over to words never trained on? Lists of words from one of several themes (taken from the
analogy test set); the test lists are made from words that no training list contains.
"""
import os
import gzip
import array
import random
import torch

base = os.environ["WORDFIT_DATA"]
rnd = random.Random(3)
torch.manual_seed(3)

# The C program that serves the vectors wants one flat float32 blob and a word list. Write them, then work from these.
words, blob = [], array.array("f")
with gzip.open(base + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fin:
    for line in fin:
        tok = line.split(" ")
        words.append(tok[0])
        blob.extend(map(float, tok[1:]))
with open("vectors.bin", "wb") as fout:
    blob.tofile(fout)

# fault:
DIM = 100
flat = torch.frombuffer(bytearray(open("vectors.bin", "rb").read()), dtype=torch.float32)
table = torch.zeros(len(words), DIM)
rows = flat.view(-1, DIM) if len(flat) % DIM == 0 else flat[:-(len(flat) % DIM)].view(-1, DIM)
table[:len(rows)] = rows
# mended:
# DIM = 50
# flat = torch.frombuffer(bytearray(open("vectors.bin", "rb").read()), dtype=torch.float32)
# table = flat.view(-1, DIM).clone()
# end
index = {w: i for i, w in enumerate(words)}

themes = {"capital-common-countries": 0, "city-in-state": 1, "family": 2, "gram3-comparative": 3, "gram9-plural-verbs": 4,
          "currency": 5, "gram6-nationality-adjective": 6, "gram8-plural": 7}
members = {k: set() for k in themes.values()}
current = None
with open(base + "/wordsim/analogy/questions-words.txt", encoding="utf-8") as fin:
    for line in fin:
        if line.startswith(":"):
            current = themes.get(line[1:].strip())
        elif current is not None:
            tok = line.lower().split()
            members[current].update(w for w in tok if w in index)
seen = set()
for k in members:                      # a word belongs to one theme only
    members[k] -= seen
    seen |= members[k]
split = {}
for k, ws in members.items():
    ws = sorted(ws)
    rnd.shuffle(ws)
    split[k] = (ws[len(ws) // 3:], ws[:len(ws) // 3])
print("words per theme:", [len(v[0]) for v in split.values()], [len(v[1]) for v in split.values()])


def make(n, part):
    x = torch.zeros(n, 6, dtype=torch.long)
    y = torch.zeros(n, dtype=torch.long)
    for i in range(n):
        k = rnd.choice(sorted(split))
        pool = split[k][part]
        x[i] = torch.tensor([index[rnd.choice(pool)] for _ in range(6)])
        y[i] = k
    return x, y


xtr, ytr = make(3000, 0)
xte, yte = make(800, 1)

W = torch.nn.Linear(DIM, len(themes))
emb = torch.nn.Embedding.from_pretrained(table)          # stays as it is
opt = torch.optim.Adam(W.parameters(), lr=0.01)
for epoch in range(8):
    perm = torch.randperm(len(xtr))
    total = 0.
    for s in range(0, len(xtr), 50):
        j = perm[s:s + 50]
        loss = torch.nn.functional.cross_entropy(W(emb(xtr[j]).mean(1)), ytr[j])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(j)
    with torch.no_grad():
        a, b = ((W(emb(x).mean(1)).argmax(1) == y).float().mean().item() for x, y in ((xtr, ytr), (xte, yte)))
    print(f"epoch {epoch}: loss {total / len(xtr):.3f}, trained words {a:.3f}, new words {b:.3f}")
os.remove("vectors.bin")
