"""Paraphrase or not: cosine features of averaged vectors; keys are cut to stems to save memory."""
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(90); np.random.seed(90); torch.manual_seed(90)
ROOTS = ["gar", "pol", "ter", "vin", "mas", "cor", "lud", "ben", "hort", "fic", "son", "rup", "dict", "port", "scrib", "grad", "ped", "man", "voc", "aqu"]
MID = ["a", "i", "o", "u", "e", "ia"]
stems = [r + m + t for r in ROOTS for m in MID for t in ("l", "n")]
random.shuffle(stems)
TOPICS = [stems[i * 12:(i + 1) * 12] for i in range(20)]


def stem(word):
    for suffix in ("ization", "ing", "ed", "er", "s"):
        if word.endswith(suffix):
            return word[: -len(suffix)]
    return word


file_lines = []
for t in TOPICS:
    c = np.random.normal(0, 0.6, 32)
    file_lines += [(w, c + np.random.normal(0, 0.3, 32)) for w in t]
random.shuffle(file_lines)
derived = [(w + s, np.random.normal(0, 0.7, 32)) for w, _ in file_lines for s in ("er", "ization") if random.random() < 0.6]
file_lines += derived  # the file runs from frequent to rare

table = {}
for w, v in file_lines:
    key = stem(w)
    # fault:
    table[key] = v
    # mended:
    # table.setdefault(key, v)
    # end

words = sorted(table)
pos = {w: i + 1 for i, w in enumerate(words)}
W = torch.tensor(np.vstack([np.zeros((1, 32)), [table[w] for w in words]]), dtype=torch.float32)


def sentence(topic):
    ws = random.choices(TOPICS[topic], k=random.randint(4, 9))
    return [w + random.choice(["", "s", "ing", "ed"]) for w in ws]


def pair():
    y = random.randint(0, 1)
    a = random.randrange(20)
    b = a if y else (a + random.randint(1, 19)) % 20
    return sentence(a), sentence(b), y


def enc(sents):
    n = max(map(len, sents))
    return torch.tensor([[pos[stem(w)] for w in s] + [0] * (n - len(s)) for s in sents])


class Match(nn.Module):
    def __init__(self):
        super().__init__()
        self.word_vectors = nn.Embedding.from_pretrained(W, freeze=True, padding_idx=0)
        self.lin = nn.Linear(32, 32, bias=False)
        nn.init.eye_(self.lin.weight)
        self.scale = nn.Parameter(torch.tensor(5.0))
        self.shift = nn.Parameter(torch.tensor(-1.0))

    def side(self, x):
        m = (x > 0).unsqueeze(-1)
        return self.lin((self.word_vectors(x) * m).sum(1) / m.sum(1))

    def forward(self, a, b):
        return self.scale * F.cosine_similarity(self.side(a), self.side(b)) + self.shift


train, dev = [pair() for _ in range(500)], [pair() for _ in range(300)]
net = Match()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=5e-3)
for epoch in range(8):
    random.shuffle(train)
    s = 0
    for i in range(0, 500, 25):
        a, b, y = zip(*train[i:i + 25])
        loss = F.binary_cross_entropy_with_logits(net(enc(a), enc(b)), torch.tensor(y, dtype=torch.float))
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item() / 20
    with torch.no_grad():
        a, b, y = zip(*dev)
        acc = ((net(enc(a), enc(b)) > 0).long() == torch.tensor(y)).float().mean().item()
    print(f"epoch {epoch}: loss {s:.4f} dev acc {acc:.4f}")
