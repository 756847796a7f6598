"""Assign a research field to a paper from its keyword line, with GloVe (fixed) and a Deep-Sets encoder."""
import gzip
import os
import random
import re

import numpy as np
import torch
from torch import nn

DATA = os.environ["WORDFIT_DATA"]
random.seed(29)
torch.manual_seed(29)

FIELDS = {
    "medicine": """patient disease cancer virus treatment infection drug clinical symptoms surgery hospital therapy
        vaccine heart blood kidney liver diabetes asthma pain nurse medical lung fever tumor chronic brain illness""",
    "economics": """inflation market trade tax currency bank debt investment growth wages unemployment price export
        import budget fiscal monetary credit stock loan deficit tariff labor income consumer demand interest profit""",
    "physics": """quantum energy particle electron laser magnetic nuclear light gravity mass heat wave radiation atom
        temperature velocity frequency neutron fusion optical plasma proton relativity momentum orbit particles physics""",
    "law": """court judge trial appeal jury crime justice constitution evidence attorney lawsuit legal rights
        prison convicted ruling verdict criminal statute police witness defendant sentence lawyer testimony guilty""",
    "biology": """species plant animal gene protein cell bird fish insect forest evolution habitat genetic dna
        mammals bacteria breeding tree leaves flower organism wildlife reptiles whale predators tissue enzyme""",
}
SEPARATORS = [";", "/", ",", "-", ";"]

need = {w for ws in FIELDS.values() for w in ws.split()} | {"and", "of", "the", "in"}
glove = {}
with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, _, v = line.partition(" ")
        if w in need:
            glove[w] = np.array(v.split(), dtype=np.float32)
lexicon = {k: [w for w in ws.split() if w in glove] for k, ws in FIELDS.items()}
names = list(lexicon)


def keyword_line(field):
    words = random.sample(lexicon[field], random.randint(2, 4))
    for _ in range(random.randint(1, 3)):                        # interdisciplinary noise
        words.append(random.choice(lexicon[random.choice(names)]))
    random.shuffle(words)
    line = words[0].capitalize()
    for w in words[1:]:
        line += (random.choice(SEPARATORS) if random.random() < 0.93 else " and ") + w
    return line


corpus = {}
while len(corpus) < 1600:
    y = random.randrange(len(names))
    corpus.setdefault(keyword_line(names[y]), y)
lines = list(corpus.items())


def tokenize(text):
    # fault:
    return text.lower().split()
    # mended:
    #return re.findall(r"[a-z]+", text.lower())
    # end


stoi = {"<pad>": 0, "<unk>": 1, **{w: i + 2 for i, w in enumerate(glove)}}
weights = torch.zeros(len(stoi), 50)
weights[2:] = torch.from_numpy(np.stack(list(glove.values())))

ids = [[stoi.get(t, 1) for t in tokenize(text)] for text, _ in lines]
width = max(map(len, ids))
X = torch.tensor([r + [0] * (width - len(r)) for r in ids])
Y = torch.tensor([y for _, y in lines])


class DeepSets(nn.Module):
    def __init__(self, weights, n_out, hidden=48):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(weights, padding_idx=0)     # stays fixed
        self.phi = nn.Sequential(nn.Linear(weights.size(1), hidden), nn.ReLU(), nn.Dropout(0.2))
        self.rho = nn.Linear(hidden, n_out)

    def forward(self, x):
        mask = (x != 0).unsqueeze(-1).float()
        h = (self.phi(self.words(x)) * mask).sum(1) / mask.sum(1)
        return self.rho(h)


n = 1200
model = DeepSets(weights, len(names))
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3)
loss_fn = nn.CrossEntropyLoss()


@torch.no_grad()
def accuracy(x, y):
    model.eval()
    out = model(x)
    return loss_fn(out, y).item(), (out.argmax(1) == y).float().mean().item()


for epoch in range(9):
    model.train()
    for ix in torch.randperm(n).split(32):
        loss = loss_fn(model(X[ix]), Y[ix])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 3 == 2:
        (a, b), (c, d) = accuracy(X[:n], Y[:n]), accuracy(X[n:], Y[n:])
        print(f"epoch {epoch + 1:2d}: train {a:.3f} {b:.3f}  test {c:.3f} {d:.3f}")
print("majority", Y[n:].bincount().max().item() / len(Y[n:]))
