"""Sentence-level intents for call transcripts.

export_tsv() is what the transcription service gives us: one segment per line, text <TAB> intent.
Caller turns are put in double quotes by the service (opening mark on the first segment of the turn,
closing mark on the last one), agent turns are not quoted.
"""
import argparse
import csv
import random
from collections import Counter
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F

p = argparse.ArgumentParser()
p.add_argument("--calls", type=int, default=420)
p.add_argument("--dim", type=int, default=32)
p.add_argument("--max-len", type=int, default=14)
p.add_argument("--epochs", type=int, default=8)
p.add_argument("--lr", type=float, default=4e-3)
p.add_argument("--seed", type=int, default=77)
args = p.parse_args()
rng = random.Random(args.seed)
torch.manual_seed(args.seed)

INTENTS = {
    "billing": "invoice charged twice refund payment card bill amount overcharged fee receipt".split(),
    "outage": "internet down router offline connection drops signal lights blinking slow wifi".split(),
    "moving": "address moving new flat transfer house street relocate month install apartment".split(),
    "cancel": "cancel contract stop subscription leave competitor terminate end notice quit".split(),
    "device": "phone screen cracked battery repair replacement warranty broken handset charger".split(),
    "smalltalk": "hello thanks weather nice day morning bye welcome please hold".split(),
}
NAMES = list(INTENTS)
FILL = "i the my it is and was so you we have to a on for that really just can well um yes ok then".split()
CALLER = ["billing", "outage", "moving", "cancel", "device"]


def segment(intent):
    n = rng.randint(4, 9)
    words = [rng.choice(FILL) for _ in range(n)]
    for _ in range(rng.randint(2, 3)):
        words[rng.randrange(n)] = rng.choice(INTENTS[intent])
    if not set(words) & set(INTENTS[intent]):
        words[0] = INTENTS[intent][0]
    if rng.random() < 0.15:
        words[-1] = rng.choice(INTENTS[rng.choice(NAMES)])
    return " ".join(words)


def export_tsv(path, n_calls):
    with open(path, "w", encoding="utf-8") as f:
        for _ in range(n_calls):
            for _ in range(rng.randint(1, 3)):
                first = rng.choice(NAMES)
                f.write(f"{segment(first)}\t{first}\n")
                turn = [rng.choice(CALLER) for _ in range(rng.randint(1, 4))]
                for i, intent in enumerate(turn):
                    open_q = '"' if i == 0 else ""
                    close_q = '"' if i == len(turn) - 1 else ""
                    f.write(f"{open_q}{segment(intent)}{close_q}\t{intent}\n")


def read_tsv(path):
    rows = []
    with open(path, encoding="utf-8", newline="") as f:
        # fault:
        for text, intent in csv.reader(f, delimiter="\t"):
        # mended:
        #for text, intent in csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
        # end
            rows.append((text.replace('"', " ").split(), NAMES.index(intent)))
    return rows


export_tsv("train.tsv", args.calls)
export_tsv("test.tsv", args.calls // 4)
train, test = read_tsv("train.tsv"), read_tsv("test.tsv")
known = {tuple(t) for t, _ in train}
test = [r for r in test if tuple(r[0]) not in known]

counts = Counter(w for t, _ in train for w in t)
w2i = {w: i + 2 for i, (w, c) in enumerate(counts.most_common()) if c >= 2}
print("train rows", len(train), "test rows", len(test), "words", len(w2i))
print("train intents", Counter(NAMES[y] for _, y in train).most_common())


@dataclass
class Batch:
    ids: torch.Tensor
    y: torch.Tensor


def make_batches(rows, size=64):
    for i in range(0, len(rows), size):
        part = rows[i:i + size]
        ids = torch.zeros(len(part), args.max_len, dtype=torch.long)
        for j, (toks, _) in enumerate(part):
            enc = [w2i.get(t, 1) for t in toks[:args.max_len]]
            ids[j, :len(enc)] = torch.tensor(enc)
        yield Batch(ids, torch.tensor([y for _, y in part]))


class IntentCNN(nn.Module):
    def __init__(self, n_words):
        super().__init__()
        self.emb = nn.Embedding(n_words, args.dim, padding_idx=0)
        self.conv = nn.Conv1d(args.dim, 48, 3, padding=1)
        self.drop = nn.Dropout(0.4)
        self.fc = nn.Linear(48, len(NAMES))

    def forward(self, b):
        h = F.relu(self.conv(self.drop(self.emb(b.ids)).transpose(1, 2)))
        h = h.masked_fill((b.ids == 0).unsqueeze(1), 0.0)
        return self.fc(self.drop(h.max(-1).values))


model = IntentCNN(len(w2i) + 2)
opt = torch.optim.Adam(model.parameters(), lr=args.lr)


def score(rows):
    model.eval()
    ok, loss = 0, 0.0
    with torch.no_grad():
        for b in make_batches(rows, 256):
            out = model(b)
            loss += F.cross_entropy(out, b.y, reduction="sum").item()
            ok += (out.argmax(1) == b.y).sum().item()
    return loss / len(rows), ok / len(rows)


for epoch in range(1, args.epochs + 1):
    model.train()
    rng.shuffle(train)
    for b in make_batches(train):
        opt.zero_grad()
        F.cross_entropy(model(b), b.y).backward()
        opt.step()
    (tl, ta), (vl, va) = score(train), score(test)
    print(f"epoch {epoch}: train {tl:.3f}/{ta:.3f}  test {vl:.3f}/{va:.3f}")
print(f"TEST ACCURACY {va:.4f}")
