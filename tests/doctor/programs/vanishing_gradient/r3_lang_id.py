import os, sys, random, zlib
import argparse
import torch
from torch import nn

# language id for tweets, hashed character trigrams -> mean of embeddings -> deep tower
ap = argparse.ArgumentParser()
ap.add_argument("--langs", nargs="+", default=["english", "french", "german", "italian", "spanish"])
ap.add_argument("--buckets", type=int, default=3000)
ap.add_argument("--dim", type=int, default=32)
ap.add_argument("--depth", type=int, default=8)
ap.add_argument("--width", type=int, default=64)
ap.add_argument("--lr", type=float, default=2e-3)
ap.add_argument("--epochs", type=int, default=5)
ap.add_argument("--batch_size", type=int, default=64)
ap.add_argument("--per_lang", type=int, default=1500)
ap.add_argument("--seed", type=int, default=0)
args = ap.parse_args()
print("args:", vars(args))
torch.manual_seed(args.seed)
random.seed(args.seed)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")


def clean(line):
    toks = [t for t in line.lower().split() if not t.startswith(("@", "http", "#"))]
    return " ".join(toks)


def trigrams(text):
    text = f" {text} "
    return [zlib.crc32(text[i:i + 3].encode("utf8")) % args.buckets for i in range(len(text) - 2)][:80]


def read_split(split, skip=()):
    out, texts = [], set()
    for y, lang in enumerate(args.langs):
        n = 0
        with open(os.path.join(ROOT, lang, f"{split}_text.txt"), encoding="utf8") as f:
            for line in f:
                text = clean(line)
                if len(text) < 15 or text in texts or text in skip or n >= args.per_lang:
                    continue
                texts.add(text)
                n += 1
                out.append((trigrams(text), y))
    return out, texts


train, train_texts = read_split("train")
test, _ = read_split("val", skip=train_texts)
print(f"train {len(train)} test {len(test)} tweets, {len(args.langs)} languages")


def batches(rows, shuffle):
    rows = list(rows)
    if shuffle:
        random.shuffle(rows)
    for i in range(0, len(rows), args.batch_size):
        part = rows[i:i + args.batch_size]
        flat = torch.tensor([g for r, _ in part for g in r])
        offsets, pos = [], 0
        for r, _ in part:
            offsets.append(pos)
            pos += len(r)
        yield flat, torch.tensor(offsets), torch.tensor([y for _, y in part])


class Tower(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.bag = nn.EmbeddingBag(args.buckets, args.dim, mode="mean")
        layers, d = [], args.dim
        for _ in range(args.depth):
            # fault:
            layers += [nn.Linear(d, args.width), nn.Sigmoid()]
            # mended:
            #layers += [nn.Linear(d, args.width), nn.LayerNorm(args.width), nn.ReLU()]
            # end
            d = args.width
        self.tower = nn.Sequential(*layers)
        self.head = nn.Linear(d, n_classes)

    def forward(self, flat, offsets):
        return self.head(self.tower(self.bag(flat, offsets)))


model = Tower(len(args.langs))
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
criterion = nn.CrossEntropyLoss()
print("parameters:", sum(p.numel() for p in model.parameters()))


def evaluate():
    model.eval()
    loss, hits = 0.0, 0
    with torch.no_grad():
        for flat, offsets, y in batches(test, False):
            out = model(flat, offsets)
            loss += criterion(out, y).item() * len(y)
            hits += (out.argmax(1) == y).sum().item()
    return loss / len(test), hits / len(test)


step = 0
for epoch in range(args.epochs):
    model.train()
    running, n, hits = 0.0, 0, 0
    for flat, offsets, y in batches(train, True):
        out = model(flat, offsets)
        loss = criterion(out, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item() * len(y)
        hits += (out.argmax(1) == y).sum().item()
        n += len(y)
        step += 1
    test_loss, test_acc = evaluate()
    print(f"epoch {epoch} step {step} train loss {running / n:.3f} acc {hits / n:.3f} "
          f"test loss {test_loss:.3f} acc {test_acc:.3f}")
print("done, test accuracy %.3f, chance %.3f" % (test_acc, 1 / len(args.langs)))
