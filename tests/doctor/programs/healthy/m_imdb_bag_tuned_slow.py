"""IMDB, averaged GloVe vectors that are tuned at a tenth of the head's step size, best epoch kept."""
import gzip, itertools, os, random, re
from copy import deepcopy
import numpy as np, torch

root = os.environ["WORDFIT_DATA"]
torch.manual_seed(0); random.seed(0)

vocab, table = {}, []
with gzip.open(f"{root}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as fh:
    for ln in itertools.islice(fh, 8000):
        parts = ln.rstrip("\n").split(" ")
        vocab[parts[0]] = len(vocab)
        table.append(np.asarray(parts[1:], np.float32))
table = torch.from_numpy(np.stack(table))

tok = re.compile(r"[a-z]+|[!?]")


def load(split, per_class):      # both classes in equal number, shuffled
    take = {"0": [], "1": []}
    with gzip.open(f"{root}/sentiment/imdb/{split}.tsv.gz", "rt", encoding="utf8", newline="") as fh:
        next(fh)
        for i, ln in enumerate(fh):
            if i % 6:                       # every sixth review will do
                continue
            lab, _, _, text = ln.rstrip("\n").split("\t", 3)
            if len(take[lab]) < per_class:
                words = tok.findall(text[:1100].replace("<br />", " ").lower())
                take[lab].append([vocab[w] for w in words if w in vocab])
    pairs = [(ids, int(lab)) for lab in take for ids in take[lab]]
    random.shuffle(pairs)
    return pairs


pool = load("train", 2050)
train, dev = pool[700:], pool[:700]
print(len(train), "train", len(dev), "dev, mean length", np.mean([len(i) for i, _ in train]))


def batches(pairs, n):
    for k in range(0, len(pairs), n):
        chunk = pairs[k:k + n]
        lens = torch.tensor([len(i) for i, _ in chunk])
        yield (torch.tensor([j for i, _ in chunk for j in i]), lens.cumsum(0) - lens,
               torch.tensor([y for _, y in chunk]))


emb = torch.nn.EmbeddingBag.from_pretrained(table.clone(), freeze=False, mode="mean", sparse=True)
head = torch.nn.Sequential(torch.nn.BatchNorm1d(50), torch.nn.Dropout(0.1), torch.nn.Linear(50, 2))
opt = torch.optim.AdamW(head.parameters(), lr=1e-2, weight_decay=0.01)
opt_rows = torch.optim.SparseAdam(emb.parameters(), lr=1e-3)      # moves only the rows of the batch


def score(pairs):
    head.eval()
    hit, nll = 0, 0.0
    with torch.no_grad():
        for x, off, y in batches(pairs, 250):
            z = head(emb(x, off))
            hit += (z.argmax(1) == y).sum().item()
            nll += torch.nn.functional.cross_entropy(z, y, reduction="sum").item()
    head.train()
    return hit / len(pairs), nll / len(pairs)


best, state = 9.9, None
for ep in range(4):
    random.shuffle(train)
    for x, off, y in batches(train, 50):
        loss = torch.nn.functional.cross_entropy(head(emb(x, off)), y)
        opt.zero_grad(); opt_rows.zero_grad(); loss.backward(); opt.step(); opt_rows.step()
    (ta, tl), (da, dl) = score(train), score(dev)
    print(f"{ep} train {tl:.3f}/{ta:.3f} dev {dl:.3f}/{da:.3f}")
    if dl < best:
        best, state = dl, deepcopy((emb.state_dict(), head.state_dict()))
    else:
        break
emb.load_state_dict(state[0]); head.load_state_dict(state[1])
print("kept model: dev accuracy %.3f, mean shift of a vector %.3f" % (score(dev)[0], (emb.weight.detach() - table).norm(dim=1).mean()))
