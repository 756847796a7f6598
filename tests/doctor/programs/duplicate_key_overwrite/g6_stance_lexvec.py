# Stance of short reader letters with frozen corpus vectors and an attentive reader.
# The vectors were trained on our (cased, OCRed) newspaper archive and are stored in frequency order.
import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

SEED = 17
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)
DIM = 30
VEC_FILE = "archive_vectors.txt"

ROOTS = {"for": "ba de fo gu ki lo".split(), "against": "mo na pe ru si to".split(), "none": "ve wo xa yu ze qui".split()}
ENDS = "lan mir nos pet rak sol tum vic wen zor".split()
groups = {k: [r + e for r in v for e in ENDS] for k, v in ROOTS.items()}
fillers = ["the", "of", "and", "in", "that", "letter", "town", "mayor", "council", "we", "paper", "street"]


def export_vectors():
    """what the archive's word2vec run gives: frequent forms are well estimated, rare spellings hardly at all"""
    centres = {k: rng.normal(0, 0.55, DIM) for k in groups}
    lines = []
    for k, ws in groups.items():
        for w in ws:
            lines.append((w, centres[k] + rng.normal(0, 0.8, DIM)))
    for w in fillers:
        lines.append((w, rng.normal(0, 0.8, DIM)))
    lines = [lines[i] for i in rng.permutation(len(lines))]
    rare = []
    for w, _ in lines:
        for variant in (w.capitalize(), w.upper()):
            if rng.random() < 0.75:
                rare.append((variant, rng.normal(0, 0.95, DIM)))
    with open(VEC_FILE, "w", encoding="utf-8") as f:
        for w, v in lines + rare:
            f.write(w + " " + " ".join(f"{x:.4f}" for x in v) + "\n")


def read_vectors(path):
    table = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            word, *values = line.split()
            vec = np.array(values, dtype=np.float32)
            # fault:
            table[word.lower()] = vec
            # mended:
            #table.setdefault(word.lower(), vec)
            # end
    return table


def letters(n):
    out, names = [], list(groups)
    for _ in range(n):
        y = int(rng.integers(2))
        own = groups[names[y]]
        words = list(rng.choice(own, rng.integers(2, 4))) + list(rng.choice(groups["none"], rng.integers(2, 4)))
        words += list(rng.choice(fillers, rng.integers(3, 7)))
        if rng.random() < 0.3:
            words.append(rng.choice(groups[names[1 - y]]))
        rng.shuffle(words)
        words[0] = words[0].capitalize()
        out.append((" ".join(words), y))
    return out


class Reader(nn.Module):
    def __init__(self, weight, hidden=24):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(weight, freeze=True, padding_idx=0)
        self.score = nn.Sequential(nn.Linear(weight.shape[1], hidden), nn.Tanh(), nn.Linear(hidden, 1))
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(weight.shape[1], 2))

    def forward(self, x):
        e = self.embed(x)
        a = self.score(e).squeeze(-1).masked_fill(x == 0, -1e9).softmax(1)
        return self.head((a.unsqueeze(-1) * e).sum(1))


export_vectors()
vectors = read_vectors(VEC_FILE)
vocab = {w: i for i, w in enumerate(["<pad>"] + sorted(vectors))}
weight = torch.zeros(len(vocab), DIM)
for w, v in vectors.items():
    weight[vocab[w]] = torch.from_numpy(v)

data = list(dict(letters(1000)).items())
xs = pad_sequence([torch.tensor([vocab[t] for t in text.lower().split()]) for text, _ in data], batch_first=True)
ys = torch.tensor([y for _, y in data])
n_tr = 260                                     # only 260 letters are annotated
model = Reader(weight)
opt = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=3e-3)
ce = nn.CrossEntropyLoss()


def score(sl):
    model.eval()
    with torch.no_grad():
        out = model(xs[sl])
    return ce(out, ys[sl]).item(), (out.argmax(-1) == ys[sl]).float().mean().item()


print("words with a vector:", len(vectors))
for epoch in range(1, 16):
    model.train()
    for ix in torch.randperm(n_tr).split(20):
        opt.zero_grad()
        ce(model(xs[ix]), ys[ix]).backward()
        opt.step()
    if epoch % 3 == 0:
        print("%2d  train %.3f / %.3f   held out %.3f / %.3f" % (epoch, *score(slice(0, n_tr)), *score(slice(n_tr, None))))
