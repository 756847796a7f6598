# Bioinformatics class project: does the promoter contain a TATA-like box (any variant)?
# sequences are cut in overlapping 3-mers, small transformer encoder
import argparse
import itertools
import math
import random

import torch
import torch.nn as nn

ap = argparse.ArgumentParser()
ap.add_argument("--train", type=int, default=2400)
ap.add_argument("--test", type=int, default=500)
ap.add_argument("--d_model", type=int, default=24)
ap.add_argument("--heads", type=int, default=2)
ap.add_argument("--layers", type=int, default=1)
ap.add_argument("--lr", type=float, default=3e-3)
ap.add_argument("--epochs", type=int, default=4)
ap.add_argument("--bs", type=int, default=60)
args = ap.parse_args()
random.seed(17)
torch.manual_seed(17)

KMERS = {"".join(k): i + 1 for i, k in enumerate(itertools.product("ACGT", repeat=3))}
CLS = len(KMERS) + 1
BOXES = ["TATAAA", "TATATA", "TATAAG", "TATAAT"]


def rand_dna(n):
    return "".join(random.choices("ACGT", k=n))


def has_box(s):
    return any(b in s for b in BOXES)


def sample(label):
    while True:
        n = random.randint(16, 40)
        s = rand_dna(n)
        if label:
            p = random.randint(0, n - 6)
            s = s[:p] + random.choice(BOXES) + s[p + 6:]
        if has_box(s) == bool(label):
            return s


rows = {}
while len(rows) < args.train + args.test:
    y = random.randint(0, 1)
    rows[sample(y)] = y
rows = list(rows.items())
train, test = rows[:args.train], rows[args.train:]
print("train", len(train), "test", len(test), "with box", sum(y for _, y in rows) / len(rows))


def encode(batch):
    seqs = [[CLS] + [KMERS[s[i:i + 3]] for i in range(len(s) - 2)] for s, _ in batch]
    width = max(len(s) for s in seqs)
    x = torch.zeros(len(seqs), width, dtype=torch.long)
    for i, s in enumerate(seqs):
        x[i, :len(s)] = torch.tensor(s)
    return x, torch.tensor([y for _, y in batch])


class PromoterFormer(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(CLS + 1, args.d_model, padding_idx=0)
        pos = torch.arange(64).unsqueeze(1) * torch.exp(torch.arange(0, args.d_model, 2) * (-math.log(100.0) / args.d_model))
        self.register_buffer("pe", torch.stack([pos.sin(), pos.cos()], 2).flatten(1) * 0.3)
        self.local = nn.Conv1d(args.d_model, args.d_model, 4)
        layer = nn.TransformerEncoderLayer(args.d_model, args.heads, 48, dropout=0.1, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, args.layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(args.d_model)
        self.head = nn.Linear(args.d_model, 2)

    def forward(self, x):
        pad = x == 0
        h = self.tok(x) * math.sqrt(args.d_model)
        # four neighbouring 3-mers cover exactly one box
        near = self.local(nn.functional.pad(h.transpose(1, 2), (0, 3))).transpose(1, 2)
        h = h + torch.relu(near) + self.pe[:x.size(1)]
        h = self.encoder(h, src_key_padding_mask=pad)
        return self.head(self.norm(h[:, 0]))


def accuracy(model, data):
    model.eval()
    with torch.no_grad():
        return sum((model(x).argmax(1) == y).sum().item() for x, y in
                   (encode(data[i:i + 250]) for i in range(0, len(data), 250))) / len(data)


model = PromoterFormer()
print("parameters", sum(p.numel() for p in model.parameters()))
opt = torch.optim.AdamW(model.parameters(), lr=args.lr)
steps = args.epochs * math.ceil(len(train) / args.bs)
warm = 40
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / warm, max(0.02, (steps - s) / (steps - warm))))
for epoch in range(args.epochs):
    model.train()
    random.shuffle(train)
    total = 0
    for i in range(0, len(train), args.bs):
        x, y = encode(train[i:i + args.bs])
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        total += loss.item() * len(y)
    print(f"epoch {epoch + 1} loss {total / len(train):.4f} test acc {accuracy(model, test):.4f}")
print("train acc", round(accuracy(model, train), 4))
print("test acc", round(accuracy(model, test), 4))
