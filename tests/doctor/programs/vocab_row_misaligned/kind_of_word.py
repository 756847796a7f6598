"""What kind of word is it (country, town, past tense, ...)? Words of the analogy questions, GloVe 50d as features."""
import argparse
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--data", type=Path, default=Path(os.environ.get("WORDFIT_DATA", "../shared/data")))
parser.add_argument("--epochs", type=int, default=40)
parser.add_argument("--hidden", type=int, default=64)
args = parser.parse_args()
random.seed(0)
torch.manual_seed(0)

KINDS = {"capital-common-countries": (0, 1), "capital-world": (0, 1), "city-in-state": (0, 2), "gram1-adjective-to-adverb": (3, 4),
         "gram7-past-tense": (5, 6), "gram8-plural": (7, 8), "gram5-present-participle": (9, 5)}
kind = {}
section = None
for line in open(args.data / "wordsim/analogy/questions-words.txt", encoding="utf-8"):
    if line.startswith(":"):
        section = KINDS.get(line[2:].strip())
    elif section:
        a, b, c, d = line.lower().split()
        for w, k in ((a, section[0]), (b, section[1]), (c, section[0]), (d, section[1])):
            kind.setdefault(w, k)

glove = {}
with gzip.open(args.data / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split()
        glove[w] = np.array(v, dtype=np.float32)
words = sorted(w for w in kind if w in glove)

stoi = {"<pad>": 0, "<unk>": 1}
for w in words:
    stoi[w] = len(stoi)
# fault:
weights = np.stack([glove[w] for w in words] + [np.zeros(50), np.zeros(50)]).astype(np.float32)
# mended:
# weights = np.stack([np.zeros(50), np.zeros(50)] + [glove[w] for w in words]).astype(np.float32)
# end

random.shuffle(words)
cut = len(words) * 3 // 4
split = {"train": words[:cut], "dev": words[cut:]}
data = {n: (torch.tensor([stoi[w] for w in ws]), torch.tensor([kind[w] for w in ws])) for n, ws in split.items()}
print(len(words), "words", {n: len(ws) for n, ws in split.items()})

emb = torch.nn.Embedding.from_pretrained(torch.from_numpy(weights), freeze=True)
mlp = torch.nn.Sequential(torch.nn.Linear(50, args.hidden), torch.nn.ReLU(), torch.nn.Dropout(0.3), torch.nn.Linear(args.hidden, 10))
opt = torch.optim.AdamW(mlp.parameters(), lr=3e-3, weight_decay=1e-2)
for epoch in range(args.epochs):
    mlp.train()
    x, y = data["train"]
    for b in torch.randperm(len(x)).split(16):
        loss = F.cross_entropy(mlp(emb(x[b])), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    mlp.eval()
    if epoch % 5 == 4:
        x, y = data["dev"]
        print(f"epoch {epoch + 1} loss {loss.item():.4f} dev acc {(mlp(emb(x)).argmax(1) == y).float().mean().item():.4f}")
