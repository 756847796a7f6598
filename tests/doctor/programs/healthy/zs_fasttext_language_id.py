# A small re-write of `fasttext supervised` for language identification.
# Same recipe as the C++ tool: hashed character n-grams, mean of the bag, one linear layer,
# plain SGD with a learning rate that falls linearly to zero, sparse updates.
import gzip, os, random, time
import torch
import torch.nn as nn
import zlib

ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
BUCKETS, DIM, LR, EPOCHS, BATCH = 1 << 14, 12, 4.0, 4, 16

random.seed(3)
torch.manual_seed(3)


def head(path, n):
    with gzip.open(path, "rt", encoding="utf-8") as f:
        return [next(f).strip() for _ in range(n)]


def ngrams(text, lo=2, hi=4):
    ids = []
    for w in text.lower().split():
        w = "<" + w + ">"
        for n in range(lo, hi + 1):
            for i in range(len(w) - n + 1):
                ids.append(zlib.crc32(w[i:i + n].encode("utf-8")) % BUCKETS)
    return ids


def load(split, n, words):
    rows = set()
    for y, lang in enumerate(LANGS):
        for line in head(f"{ROOT}/{split}.{lang}.gz", n):
            piece = " ".join(line.split()[:words])       # short pieces, or else it is too easy
            if piece:
                rows.add((piece, y))
    return sorted(rows)


def collate(rows):
    flat, offsets = [], []
    for ids, _ in rows:
        offsets.append(len(flat))
        flat += ids
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor([y for _, y in rows])


train = load("train", 800, 4)
seen = {t for t, _ in train}
test = [r for r in load("val", 300, 4) if r[0] not in seen]
train = [(ngrams(t), y) for t, y in train]
test = [(ngrams(t), y) for t, y in test]
print(f"{len(train)} training pieces, {len(test)} test pieces")

bag = nn.EmbeddingBag(BUCKETS, DIM, mode="mean", sparse=True)
nn.init.uniform_(bag.weight, -1.0 / DIM, 1.0 / DIM)
out = nn.Linear(DIM, len(LANGS))
sgd_in = torch.optim.SGD(bag.parameters(), lr=LR)
sgd_out = torch.optim.SGD(out.parameters(), lr=LR / 10)


def accuracy(rows):
    flat, off, y = collate(rows)
    with torch.no_grad():
        return (out(bag(flat, off)).argmax(1) == y).float().mean().item()


total = EPOCHS * ((len(train) + BATCH - 1) // BATCH)
step = 0
t0 = time.time()
for epoch in range(EPOCHS):
    random.shuffle(train)
    loss_sum = 0.0
    for i in range(0, len(train), BATCH):
        left = 1 - step / total
        sgd_in.param_groups[0]["lr"] = LR * left
        sgd_out.param_groups[0]["lr"] = LR / 10 * left
        flat, off, y = collate(train[i:i + BATCH])
        loss = nn.functional.cross_entropy(out(bag(flat, off)), y)
        sgd_in.zero_grad()
        sgd_out.zero_grad()
        loss.backward()
        sgd_in.step()
        sgd_out.step()
        loss_sum += loss.item() * len(y)
        step += 1
    print(f"epoch {epoch + 1}  avg.loss {loss_sum / len(train):.4f}  lr {LR * left:.3f}")
print(f"P@1 train {accuracy(train):.3f}   P@1 test {accuracy(test):.3f}   N {len(test)}")
