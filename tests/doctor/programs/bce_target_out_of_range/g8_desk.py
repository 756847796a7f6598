"""Where was this half-sentence printed: desk 1 (books and magazines) or desk 2 (newswire)?  Fixed GloVe vectors, gated pooling."""
import gzip
import os
import random
import re
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn as nn
import torch.nn.functional as F

BASE = Path(os.environ["WORDFIT_DATA"])
PAD, UNK = 0, 1


class Record(NamedTuple):
    desk: int
    tokens: list


class Batch(NamedTuple):
    ids: torch.Tensor
    mask: torch.Tensor
    desk: torch.Tensor


def records(rng, per_desk):
    out, seen = [], set()
    for desk, name in ((1, "brown"), (2, "reuters-21578-bodies")):
        kept = 0
        with gzip.open(BASE / "corpora" / f"{name}.txt.gz", "rt", encoding="utf-8") as fh:
            for line in fh:
                words = re.findall(r"[a-z]+", line.lower())
                take = rng.randint(6, 12)
                if len(words) < take:
                    continue
                at = rng.randrange(len(words) - take + 1)
                piece = words[at:at + take]
                key = tuple(piece)
                if key in seen or rng.random() < 0.5:
                    continue
                seen.add(key)
                out.append(Record(desk, piece))
                kept += 1
                if kept == per_desk:
                    break
    return out


def glove(limit):
    vocab, rows = {"<pad>": PAD, "<unk>": UNK}, [[0.0] * 50, [0.0] * 50]
    with gzip.open(BASE / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
        for _, line in zip(range(limit), fh):
            w, *v = line.rstrip("\n").split(" ")
            vocab[w] = len(rows)
            rows.append([float(x) for x in v])
    return vocab, torch.tensor(rows)


def collate(recs, vocab):
    coded = [[vocab.get(t, UNK) for t in r.tokens] for r in recs]
    width = max(map(len, coded))
    ids = torch.tensor([c + [PAD] * (width - len(c)) for c in coded])
    # fault:
    desk = torch.tensor([float(r.desk) for r in recs])
    # mended:
    #desk = torch.tensor([float(r.desk - 1) for r in recs])
    # end
    return Batch(ids, ids != PAD, desk)


class GatedPool(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.value = nn.Linear(dim, hidden)
        self.gate = nn.Linear(dim, hidden)

    def forward(self, x, mask):
        h = torch.relu(self.value(x)) * torch.sigmoid(self.gate(x)) * mask.unsqueeze(-1)
        return h.sum(1) / mask.sum(1, keepdim=True).clamp(min=1)


class DeskModel(nn.Module):
    def __init__(self, vectors, hidden=32):
        super().__init__()
        self.vectors = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=PAD)
        self.pool = GatedPool(vectors.shape[1], hidden)
        self.drop = nn.Dropout(0.3)
        self.score = nn.Linear(hidden, 1)

    def forward(self, batch):
        return self.score(self.drop(self.pool(self.vectors(batch.ids), batch.mask))).squeeze(-1)


def evaluate(model, batches, wire):
    model.eval()
    hits = total = said = 0
    with torch.no_grad():
        for b in batches:
            guess = model(b) > 0
            hits += (guess == (b.desk == wire)).sum().item()
            said += guess.sum().item()
            total += len(guess)
    return hits / total, said / total


def main():
    random.seed(8)
    torch.manual_seed(8)
    vocab, vectors = glove(5000)
    rows = records(random, 2400)
    random.shuffle(rows)
    test, train = rows[:800], rows[800:]
    pieces = lambda rs: [collate(rs[i:i + 64], vocab) for i in range(0, len(rs), 64)]
    train_b, test_b = pieces(train), pieces(test)
    wire = max(b.desk.max().item() for b in train_b)
    model = DeskModel(vectors)
    opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=4e-3)
    for epoch in range(8):
        for group in opt.param_groups:
            group["lr"] = 4e-3 * (1 - epoch / 8)
        model.train()
        random.shuffle(train_b)
        run = 0.0
        for b in train_b:
            loss = F.binary_cross_entropy_with_logits(model(b), b.desk)
            opt.zero_grad()
            loss.backward()
            opt.step()
            run += loss.item()
        (a, _), (t, share) = evaluate(model, train_b, wire), evaluate(model, test_b, wire)
        print(f"epoch {epoch + 1} loss {run / len(train_b):.3f} train acc {a:.3f} test acc {t:.3f} (called newswire: {share:.2f})")


main()
