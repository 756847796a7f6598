"""Product category from a title; vectors are kept as a raw float32 block plus a word list."""
import os
import random
import tempfile

import numpy as np
import torch
from torch import nn

CATEGORIES = ["garden", "kitchen", "toys"]


def write_store(folder, seed):
    """words.txt and vectors.f32 (60 numbers per word, row after row)."""
    r = np.random.RandomState(seed)
    ends = ["er", "ix", "on", "al", "ette", "io", "ax", "um"]
    starts = ["plan", "gard", "mow", "pot", "whisk", "bak", "fry", "grat", "puzz", "rob", "doll", "kit", "bric", "tro", "lum", "ven"]
    words = [s + e for s in starts for e in ends]
    r.shuffle(words)
    groups = [words[:30], words[30:60], words[60:90], words[90:]]
    centres = np.vstack([r.normal(0, 0.4, (3, 60)), np.zeros((1, 60))])
    order = list(words)
    r.shuffle(order)
    owner = {w: g for g, ws in enumerate(groups) for w in ws}
    block = np.stack([centres[owner[w]] + r.normal(0, 0.35, 60) for w in order]).astype("<f4")
    open(os.path.join(folder, "words.txt"), "w").write("\n".join(order))
    block.tofile(os.path.join(folder, "vectors.f32"))
    return groups


def read_store(folder, width):
    words = open(os.path.join(folder, "words.txt")).read().split("\n")
    flat = np.fromfile(os.path.join(folder, "vectors.f32"), dtype="<f4")
    table = flat.reshape(-1, width)[: len(words)]
    return words, torch.from_numpy(table.copy())


def main():
    random.seed(6)
    torch.manual_seed(6)
    folder = tempfile.mkdtemp()
    groups = write_store(folder, seed=6)
    # fault:
    words, vectors = read_store(folder, width=40)
    # mended:
    # words, vectors = read_store(folder, width=60)
    # end
    index = {w: i + 1 for i, w in enumerate(words)}
    table = torch.cat([torch.zeros(1, vectors.shape[1]), vectors])

    def titles(n, limit):
        rows = []
        for i in range(n):
            y = i % 3
            toks = random.choices(groups[y][:limit], k=random.randint(2, 3)) + random.choices(groups[3], k=random.randint(2, 6))
            random.shuffle(toks)
            rows.append((torch.tensor([index[w] for w in toks]), y))
        return rows

    train, dev = titles(270, 15), titles(300, 30)
    emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
    mlp = nn.Sequential(nn.Linear(table.shape[1], 32), nn.ReLU(), nn.Linear(32, 3))
    opt = torch.optim.Adam(mlp.parameters(), lr=0.01)

    def logits(rows):
        x = nn.utils.rnn.pad_sequence([ids for ids, _ in rows], batch_first=True)
        m = x.ne(0)
        return mlp((emb(x) * m[..., None]).sum(1) / m.sum(1)[:, None])

    for epoch in range(12):
        random.shuffle(train)
        losses = []
        for s in range(0, 270, 27):
            part = train[s:s + 27]
            loss = nn.functional.cross_entropy(logits(part), torch.tensor([y for _, y in part]))
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        with torch.no_grad():
            acc = (logits(dev).argmax(1) == torch.tensor([y for _, y in dev])).float().mean().item()
        print(f"epoch {epoch:2d} train loss {np.mean(losses):.4f} dev acc {acc:.4f}")


main()
