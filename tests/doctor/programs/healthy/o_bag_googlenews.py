"""Positive or negative?  Word-vector bags from the Google News vectors.

The vectors are cased ("Paris", "paris"), the text is lower case: we look for the word as it stands first, then
Capitalised, then UPPER.  Stop words and punctuation have no vector in that file and are left out on purpose,
as are unknown words; a sentence with nothing left would get a zero vector.
"""
import gzip, os, sys
from pathlib import Path
import numpy as np
import torch
from sklearn.preprocessing import StandardScaler

data = Path(os.environ["WORDFIT_DATA"])
torch.manual_seed(8)


def read(part):
    X, y = [], []
    for line in (data / "sentiment/SST-2-sentences" / f"stsa.binary.{part}").read_text("utf-8").splitlines():
        X.append(line[2:].split())
        y.append(int(line[0]))
    return X, np.array(y)


(train_x, train_y), (dev_x, dev_y), (test_x, test_y) = map(read, ("train", "dev", "test"))
needed = {w for part in (train_x, dev_x, test_x) for s in part for w in s}
spelling = {}
for w in needed:
    for rank, form in enumerate((w, w.capitalize(), w.upper())):
        spelling.setdefault(form, (rank, w))

vectors, best = {}, {}
with gzip.open(data / "vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as fh:
    n, width = map(int, fh.readline().split())
    for line in fh:
        token, values = line.split(" ", 1)
        if token in spelling:
            rank, word = spelling[token]
            if rank < best.get(word, 9):
                best[word] = rank
                vectors[word] = np.fromstring(values, dtype=np.float32, sep=" ")
assert all(v.shape == (width,) for v in vectors.values())
print(f"{len(vectors)} of {len(needed)} word types have a vector", file=sys.stderr)


def encode(sents):
    out = np.zeros((len(sents), width), dtype=np.float32)
    for i, s in enumerate(sents):
        v = [vectors[w] for w in s if w in vectors]
        if v:
            out[i] = np.mean(v, axis=0)
    return out


scaler = StandardScaler().fit(encode(train_x))
T = {k: torch.from_numpy(scaler.transform(encode(x)).astype(np.float32)) for k, x in
     (("train", train_x), ("dev", dev_x), ("test", test_x))}
Y = {"train": torch.from_numpy(train_y), "dev": torch.from_numpy(dev_y), "test": torch.from_numpy(test_y)}

clf = torch.nn.Sequential(torch.nn.Dropout(0.4), torch.nn.Linear(width, 32), torch.nn.GELU(), torch.nn.Dropout(0.4),
                          torch.nn.Linear(32, 2))
optim = torch.optim.AdamW(clf.parameters(), lr=1e-3, weight_decay=0.05)
lossf = torch.nn.CrossEntropyLoss(label_smoothing=0.05)
best_dev, keep, bad = 0.0, None, 0


def acc(part):
    clf.eval()
    with torch.inference_mode():
        return (clf(T[part]).argmax(-1) == Y[part]).float().mean().item()


for epoch in range(8):
    clf.train()
    seen = 0.0
    for rows in torch.randperm(len(Y["train"])).split(128):
        loss = lossf(clf(T["train"][rows]), Y["train"][rows])
        clf.zero_grad()
        loss.backward()
        optim.step()
        seen += loss.item() * len(rows)
    now = acc("dev")
    print(f"{epoch:2d} loss {seen / len(train_y):.4f} train {acc('train'):.4f} dev {now:.4f}")
    if now > best_dev:
        best_dev, keep, bad = now, {k: v.clone() for k, v in clf.state_dict().items()}, 0
    else:
        bad += 1
        if bad == 2:
            break
clf.load_state_dict(keep)
print(f"best dev {best_dev:.4f}  test {acc('test'):.4f}")
