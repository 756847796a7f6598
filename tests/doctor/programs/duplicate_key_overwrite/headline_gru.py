"""Is a headline about sport or politics? GRU over fixed vectors; vector keys are lower-cased on load."""
import argparse
import io
import random

import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence


def build_vector_text(words, seed):
    """A cased vector file, most frequent spelling first, as published ones are."""
    r = np.random.RandomState(seed)
    centres = r.normal(0, 0.45, (3, 30))
    lines = []
    for topic, ws in enumerate(words):
        for w in ws:
            lines.append((w, centres[topic] + r.normal(0, 0.35, 30)))
    tail = []
    for ws in words:
        for w in ws:
            for form in (w.capitalize(), w.upper()):
                if r.rand() < 0.7:  # brands, surnames and acronyms live elsewhere in the space
                    tail.append((form, r.normal(0, 0.6, 30)))
    r.shuffle(lines)
    r.shuffle(tail)
    return "\n".join(w + " " + " ".join("%.4f" % v for v in vec) for w, vec in lines + tail)


def read_vectors(stream):
    vectors = {}
    for line in stream:
        parts = line.split()
        # fault:
        vectors[parts[0].lower()] = [float(p) for p in parts[1:]]
        # mended:
        # vectors.setdefault(parts[0].lower(), [float(p) for p in parts[1:]])
        # end
    return vectors


class HeadlineNet(nn.Module):
    def __init__(self, matrix, hidden=24):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(matrix, freeze=True, padding_idx=0)
        self.rnn = nn.GRU(matrix.size(1), hidden, batch_first=True)
        self.out = nn.Linear(hidden, 2)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.emb(x), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.rnn(packed)
        return self.out(h.squeeze(0))


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=8)
    ap.add_argument("--lr", type=float, default=5e-3)
    args = ap.parse_args()
    random.seed(21)
    torch.manual_seed(21)

    onset, rime = "b c d f g h l m n p r s t w".split(), "ain ell ock ump ast ide orm ung itch ave oon erk".split()
    pool = [o + r for o in onset for r in rime]
    random.shuffle(pool)
    sport, politics, other = pool[:45], pool[45:90], pool[90:]
    vectors = read_vectors(io.StringIO(build_vector_text((sport, politics, other), seed=8)))

    def headline(label, topical):
        n = random.randint(4, 11)
        return [random.choice(topical[label]) if random.random() < 0.45 else random.choice(other) for _ in range(n)]

    labels = [0, 1] * 150
    train = [(headline(y, (sport[:25], politics[:25])), y) for y in labels]
    dev = [(headline(y, (sport, politics)), y) for y in labels]

    itos = ["<pad>"] + sorted(vectors)
    stoi = {w: i for i, w in enumerate(itos)}
    matrix = torch.zeros(len(itos), 30)
    matrix[1:] = torch.tensor([vectors[w] for w in itos[1:]])

    def collate(rows):
        seqs = [torch.tensor([stoi[w] for w in ws]) for ws, _ in rows]
        return pad_sequence(seqs, batch_first=True), torch.tensor([len(s) for s in seqs]), torch.tensor([y for _, y in rows])

    model = HeadlineNet(matrix)
    optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=args.lr)
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        random.shuffle(train)
        model.train()
        total = 0
        for i in range(0, len(train), 20):
            x, n, y = collate(train[i:i + 20])
            loss = loss_fn(model(x, n), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        model.eval()
        with torch.no_grad():
            x, n, y = collate(dev)
            acc = (model(x, n).argmax(-1) == y).float().mean().item()
        print(f"[{epoch + 1}/{args.epochs}] loss={total / 15:.4f} valid_acc={acc:.4f}")
