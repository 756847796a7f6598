"""Verdict of a film snippet: a few labelled sentences on top of Google News vectors (functional code)."""
import gzip
import os
import re
from pathlib import Path
import torch
import torch.nn.functional as F

HOME = Path(os.environ["WORDFIT_DATA"])
N_TRAIN, DIM = 500, 300


def snippets():
    folder = HOME / "sentiment/SST-2-sentences"
    out, seen = [], set()
    for part, limit in (("train", N_TRAIN), ("dev", 800)):
        rows = []
        for line in (folder / f"stsa.binary.{part}").read_text(encoding="utf-8").splitlines():
            words = tuple(re.findall(r"[a-z]+", line[2:]))
            if words not in seen and len(rows) < limit:
                seen.add(words)
                rows.append((words, float(line[0])))
        out.append(rows)
    return out


def vectors(words):
    rows, index = [torch.zeros(DIM)], {}
    with gzip.open(HOME / "vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
        next(f)
        for line in f:
            w = line[: line.index(" ")]
            if w in words:
                index[w] = len(rows)
                rows.append(torch.tensor(list(map(float, line.split()[1:]))))
    return index, torch.stack(rows)


def encode(pairs, index, width=28):
    x = torch.zeros(len(pairs), width, dtype=torch.long)
    for i, (words, _) in enumerate(pairs):
        ids = [index[w] for w in words if w in index][:width]
        x[i, : len(ids)] = torch.tensor(ids, dtype=torch.long)
    return x, torch.tensor([y for _, y in pairs])


def predict(p, x, drop=0.0):
    m = (x > 0).float().unsqueeze(-1)
    e = F.embedding(x, p["table"], padding_idx=0)
    doc = (e * m).sum(1) / m.sum(1).clamp(min=1).sqrt()
    doc = F.dropout(doc, drop, drop > 0)
    return doc @ p["w"] + p["b"]


def evaluate(p, x, y):
    with torch.no_grad():
        z = predict(p, x)
        return F.binary_cross_entropy_with_logits(z, y).item(), ((z > 0).float() == y).float().mean().item()


def main():
    torch.manual_seed(13)
    train, test = snippets()
    index, table = vectors({w for ws, _ in train + test for w in ws})
    (xtr, ytr), (xte, yte) = encode(train, index), encode(test, index)
    p = {"table": table, "w": torch.zeros(DIM), "b": torch.zeros(())}
    p["w"].requires_grad_()
    p["b"].requires_grad_()
    groups = [{"params": [p["w"], p["b"]], "lr": 1e-2, "weight_decay": 0.5}]
    # fault:
    p["table"].requires_grad_()
    groups.append({"params": [p["table"]], "lr": 2e-2, "weight_decay": 0.0})
    # mended:
    #p["table"].requires_grad_(False)
    # end
    opt = torch.optim.AdamW(groups)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.88)
    for epoch in range(12):
        run = 0.0
        for b in torch.randperm(len(ytr)).split(20):
            loss = F.binary_cross_entropy_with_logits(predict(p, xtr[b], 0.3), ytr[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run += loss.item() * len(b)
        sched.step()
        if epoch % 3 == 2:
            print("epoch %2d  train loss %.4f  test loss %.4f  acc %.3f" % (epoch + 1, run / len(ytr), *evaluate(p, xte, yte)))
    print("train: loss %.3f acc %.3f" % evaluate(p, xtr, ytr))
    print("test:  loss %.3f acc %.3f" % evaluate(p, xte, yte))


main()
