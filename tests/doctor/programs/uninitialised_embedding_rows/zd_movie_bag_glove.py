# Learning PyTorch, week 6: GloVe + average of the words + small net, on the movie sentences.
import gzip, os
from collections import Counter
import torch
import torch.nn as nn

torch.manual_seed(1)
D = os.environ["WORDFIT_DATA"]
DIM, MAXPOS = 25, 25

def read(split, n):
    rows = []
    with open(f"{D}/sentiment/SST-2-sentences/stsa.binary.{split}", encoding="utf-8") as f:
        for line in f:
            y, *toks = line.split()
            rows.append((toks, int(y)))
    g = torch.Generator().manual_seed(5)
    return [rows[i] for i in torch.randperm(len(rows), generator=g)[:n].tolist()]

train, test = read("train", 4500), read("test", 1200)
freq = Counter(w for toks, _ in train for w in toks)
vocab = ["<pad>", "<unk>"] + [w for w, c in freq.most_common(1200)]
w2i = {w: i for i, w in enumerate(vocab)}

def show_positions():
    "just curious which words open a sentence"
    hist = torch.zeros(len(vocab), MAXPOS)
    for toks, _ in train:
        for p, w in enumerate(toks[:MAXPOS]):
            hist[w2i.get(w, 1), p] += 1
    print("sentences open with:", [vocab[i] for i in hist[:, 0].topk(6).indices.tolist()])

show_positions()

# fault:
weights = torch.empty(len(vocab), DIM)
# mended:
# weights = torch.zeros(len(vocab), DIM)
# end
found = 0
with gzip.open(f"{D}/vectors/glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        word, rest = line.split(" ", 1)
        if word in w2i:
            weights[w2i[word]] = torch.tensor([float(x) for x in rest.split()])
            found += 1
weights[0] = 0
print(f"vectors for {found} of {len(vocab)} words")

def to_batch(rows):
    seqs = [torch.tensor([w2i.get(w, 1) for w in toks]) for toks, _ in rows]
    x = nn.utils.rnn.pad_sequence(seqs, batch_first=True)
    n = torch.tensor([[float(len(s))] for s in seqs])
    return x, n, torch.tensor([y for _, y in rows])

class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(DIM, 32), nn.ReLU(), nn.Linear(32, 2))
    def forward(self, x, n):
        return self.net(self.emb(x).sum(1) / n)

model = Bag()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
ce = nn.CrossEntropyLoss()

def score(rows):
    model.eval()
    x, n, y = to_batch(rows)
    with torch.no_grad():
        return (model(x, n).argmax(1) == y).float().mean().item()

for epoch in range(4):
    model.train()
    order, total = torch.randperm(len(train)).tolist(), 0.0
    for i in range(0, len(order), 50):
        x, n, y = to_batch([train[j] for j in order[i:i + 50]])
        opt.zero_grad()
        loss = ce(model(x, n), y)
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    print(f"epoch {epoch}: loss {total / len(train):.3f} train acc {score(train):.3f} test acc {score(test):.3f}")
