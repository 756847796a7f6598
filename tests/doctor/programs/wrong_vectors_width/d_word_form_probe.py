# Probing exercise: can a linear layer read the grammatical form off a word vector?
# Classes: past tense / -ing form / adverb / plural, held-out words.
import gzip, os, re
import numpy as np
import torch

np.random.seed(1)
torch.manual_seed(1)
FILE = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
# fault:
DIM = 25
# mended:
# DIM = 50
# end

tokens, numbers = [], []
with gzip.open(FILE, "rt", encoding="utf-8") as f:
    for line in f:
        i = line.index(" ")
        tokens.append(line[:i])
        numbers.append(np.fromstring(line[i + 1:], sep=" ", dtype=np.float32))
matrix = np.concatenate(numbers).reshape(-1, DIM)
print("words", len(tokens), "first vector", matrix[0][:4])
have = set(tokens)


def form(w):
    if re.fullmatch(r"[a-z]{3,}ing", w) and (w[:-3] in have or w[:-3] + "e" in have):
        return 0
    if re.fullmatch(r"[a-z]{3,}ed", w) and (w[:-2] in have or w[:-1] in have):
        return 1
    if re.fullmatch(r"[a-z]{3,}ly", w) and w[:-2] in have:
        return 2
    if re.fullmatch(r"[a-z]{3,}[^s]s", w) and w[:-1] in have:
        return 3
    return None


pairs = [(i, form(w)) for i, w in enumerate(tokens) if form(w) is not None]
pairs = np.array(pairs)[np.random.permutation(len(pairs))]
n_dev = len(pairs) // 5
dev, train = torch.from_numpy(pairs[:n_dev]), torch.from_numpy(pairs[n_dev:])
print("train", len(train), "dev", len(dev), "per class", np.bincount(pairs[:, 1]))


class Probe(torch.nn.Module):
    def __init__(self, vectors, n_classes):
        super().__init__()
        self.lookup = torch.nn.Embedding.from_pretrained(torch.from_numpy(vectors))   # stays as it is
        self.linear = torch.nn.Linear(vectors.shape[1], n_classes)

    def forward(self, word):
        return self.linear(self.lookup(word))


probe = Probe(matrix, 4)
opt = torch.optim.Adam(probe.linear.parameters(), lr=0.01)
ce = torch.nn.CrossEntropyLoss()
for epoch in range(8):
    total = 0.0
    for part in train[torch.randperm(len(train))].split(32):
        loss = ce(probe(part[:, 0]), part[:, 1])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(part)
    with torch.no_grad():
        acc = (probe(dev[:, 0]).argmax(1) == dev[:, 1]).float().mean().item()
        acc_train = (probe(train[:, 0]).argmax(1) == train[:, 1]).float().mean().item()
    print(f"epoch {epoch}  loss {total / len(train):.4f}  train {acc_train:.3f}  dev {acc:.3f}")
print("largest class %.3f" % (np.bincount(pairs[:n_dev, 1]).max() / n_dev))
