"""CS224 homework 3, part b: opinions about products, with the Google News vectors (static)."""
import gzip, os, random
import numpy as np
import torch
from torch import nn

ROOT = os.environ["WORDFIT_DATA"]
random.seed(3); np.random.seed(3); torch.manual_seed(3)


def read_reviews():
    rows = []
    for name, y in (("pos", 1), ("neg", 0)):
        with open(os.path.join(ROOT, "sentiment/CR/custrev." + name)) as f:
            rows += [(line.split(), y) for line in f if line.strip()]
    random.shuffle(rows)
    return rows


def read_vectors(path, wanted):
    """word -> vector for the words we need; lines that are cut off are skipped"""
    table = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        # fault:
        head = f.readline().rstrip().split(" ")
        dim = len(head) - 1
        table[head[0]] = np.array(head[1:], dtype=np.float32)
        # mended:
        # n_words, dim = map(int, f.readline().split())
        # end
        for line in f:
            word, _, rest = line.rstrip().partition(" ")
            if word not in wanted:
                continue
            v = np.array(rest.split(" "), dtype=np.float32)
            if v.shape[0] != dim:
                continue
            table[word] = v
    return table, dim


rows = read_reviews()
train, dev = rows[:3100], rows[3100:]
vocab = {"<pad>": 0}
for words, _ in rows:
    for w in words:
        vocab.setdefault(w, len(vocab))
vectors, dim = read_vectors(os.path.join(ROOT, "vectors/word2vec.GoogleNews.300d.13598words.txt.gz"), vocab)
table = torch.zeros(len(vocab), dim)
for w, i in vocab.items():
    if w in vectors:
        table[i] = torch.from_numpy(vectors[w])


class Opinion(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True)
        self.lin = nn.Linear(dim, 64)
        self.out = nn.Linear(64, 2)
        self.drop = nn.Dropout(0.4)

    def forward(self, x, n):
        h = self.emb(x).sum(1) / n.unsqueeze(1)
        return self.out(self.drop(torch.relu(self.lin(h))))


def batches(rows, size, shuffle):
    order = list(range(len(rows)))
    if shuffle:
        random.shuffle(order)
    for k in range(0, len(order), size):
        part = [rows[i] for i in order[k:k + size]]
        n = torch.tensor([len(w) for w, _ in part])
        x = torch.zeros(len(part), int(n.max()), dtype=torch.long)
        for r, (w, _) in enumerate(part):
            x[r, :len(w)] = torch.tensor([vocab[t] for t in w])
        yield x, n, torch.tensor([y for _, y in part])


def accuracy(model):
    model.eval()
    hit = 0
    with torch.no_grad():
        for x, n, y in batches(dev, 128, False):
            hit += (model(x, n).argmax(1) == y).sum().item()
    return hit / len(dev)


model = Opinion()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
ce = nn.CrossEntropyLoss()
for epoch in range(1, 13):
    model.train()
    tot = 0.0
    for x, n, y in batches(train, 32, True):
        loss = ce(model(x, n), y)
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(y)
    if epoch % 3 == 0:
        print(f"epoch {epoch} loss {tot / len(train):.4f} dev acc {accuracy(model):.4f}")
print("majority", max(np.mean([y for _, y in dev]), 1 - np.mean([y for _, y in dev])))
