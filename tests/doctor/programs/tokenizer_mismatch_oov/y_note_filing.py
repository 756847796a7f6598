#!/usr/bin/env python3
"""
Files my diary notes into four folders (animals / kitchen / places / body) with GloVe.
The point of using GloVe: words that I never wrote before should still go to the right folder.
"""
import gzip
import os
import random
import re

import numpy as np
import torch
import torch.nn as nn

random.seed(4)
torch.manual_seed(4)

FOLDERS = {
    "animals": "dog cat horse cow pig sheep bird fish lion tiger bear wolf rabbit mouse elephant monkey snake "
               "duck rat dolphin whale eagle dragon bull goat deer fox frog shark turtle spider insects",
    "kitchen": "bread milk cheese butter sugar salt pepper rice soup chicken beef pork potatoes tomatoes onion "
               "garlic juice coffee tea wine beer chocolate cake cream lemon sauce fruit vegetables eggs flour honey",
    "places": "paris london berlin moscow tokyo madrid rome chicago boston dublin sydney vienna prague warsaw "
              "toronto cairo delhi beijing istanbul athens geneva lisbon amsterdam brussels stockholm oslo milan",
    "body": "arm leg knee shoulder neck ankle wrist chest stomach heart brain lung liver kidney skin bone "
            "blood finger toe hip elbow hand foot ear eye nose mouth throat spine muscle",
}
OPENINGS = ["today again:", "reminder:", "note to self -", "from yesterday:", "for later:", "nothing but", "mostly"]
NAMES = list(FOLDERS)


def load_glove():
    words, rows = {}, []
    with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz"),
                   "rt", encoding="utf-8") as fh:
        for i, line in enumerate(fh):
            w, *v = line.rstrip("\n").split(" ")
            words[w] = i + 2                      # 0 = pad, 1 = unknown
            rows.append(np.array(v, dtype=np.float32))
    table = np.vstack([np.zeros((2, 50), dtype=np.float32), np.stack(rows)])
    return words, torch.from_numpy(table)


def write_notes(pools, n):
    notes = []
    for _ in range(n):
        label = random.randrange(4)
        items = random.sample(pools[label], 3)
        odd = random.choice(pools[random.randrange(4)])
        items.insert(random.randrange(4), odd)
        notes.append((f"{random.choice(OPENINGS)} {items[0]}, {items[1]}, {items[2]} ({items[3]})!", label))
    return notes


def tokens(text):
    # fault:
    return text.split()
    # mended:
    # return re.findall(r"[a-z]+|[^\sa-z]", text)
    # end


word2id, glove = load_glove()
seen, unseen = [], []
for name in NAMES:
    pool = [w for w in FOLDERS[name].split() if w in word2id]
    random.shuffle(pool)
    seen.append(pool[:-9])
    unseen.append(pool[-9:])

train, test = write_notes(seen, 1600), write_notes(unseen, 500)


def collate(notes):
    ids = [[word2id.get(t, 1) for t in tokens(text)] for text, _ in notes]
    width = max(map(len, ids))
    x = torch.tensor([row + [0] * (width - len(row)) for row in ids])
    return x, torch.tensor([label for _, label in notes])


class Filer(nn.Module):
    def __init__(self):
        super().__init__()
        self.vec = nn.Embedding.from_pretrained(glove, freeze=True, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(50, 32), nn.Tanh(), nn.Dropout(0.2), nn.Linear(32, 4))

    def forward(self, x):
        real = (x != 0).float().unsqueeze(-1)
        return self.net((self.vec(x) * real).sum(1) / real.sum(1))


model = Filer()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
ce = nn.CrossEntropyLoss()
for epoch in range(8):
    model.train()
    random.shuffle(train)
    running = 0.0
    for i in range(0, len(train), 32):
        x, y = collate(train[i:i + 32])
        opt.zero_grad()
        loss = ce(model(x), y)
        loss.backward()
        opt.step()
        running += loss.item()
    model.eval()
    with torch.no_grad():
        x, y = collate(test)
        acc = (model(x).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch + 1}  loss {running / 50:.3f}  notes with new words filed right: {acc:.1%}")
