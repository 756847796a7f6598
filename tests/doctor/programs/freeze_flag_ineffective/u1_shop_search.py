"""
Shop search: which department does a query belong to?
The range changes weekly, so queries are full of words that were never in the labelled ones. GloVe knows most of them.
"""
import gzip
import os
import random
from itertools import islice

import torch
from torch import nn

DATA = os.environ["WORDFIT_DATA"]
DEPARTMENTS = {
    "food": "bread butter cheese milk apple rice sugar chicken beef fish tomato potato soup cake chocolate coffee wine "
            "beer juice eggs meat vegetables fruit sauce corn wheat honey salt pork tea",
    "clothing": "shirt jacket coat dress shoes boots jeans hat gloves pants suit socks skirt leather cotton wool uniform "
                "shirts trousers shorts silk clothes clothing costume fabric wear sleeves collar",
    "electronics": "laptop phone camera printer keyboard monitor software tablet battery computer screen television radio "
                   "video memory chip digital disk pc ipod wireless modem server apple hardware intel internet dvd cd",
    "sports": "ball football tennis golf ski hockey basketball baseball soccer cricket rugby swimming skating boxing cycling "
              "volleyball polo wrestling racing athletics marathon rowing gymnastics skiing",
    "health": "pills aspirin vitamin drug pain insulin cancer diabetes vaccine doctor surgery hiv asthma medication dose "
              "therapy heart antibiotics treatment fever flu infection symptoms skin blood",
}
FILLER = ("the a for my of new cheap buy best with good and some need which large small red two three where to get sale today "
          "price old blue black white green local online free quick next big little more from near this that today first second "
          "offer order find looking want family home kids gift week special own great fine real any most full half set").split()
NAMES = list(DEPARTMENTS)


def glove(limit=10000):
    path = os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz")
    table = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in islice(f, limit):
            word, *values = line.rstrip().split(" ")
            table[word] = [float(v) for v in values]
    return table


def queries(words, n, rng, stray=0.0):
    rows, seen = [], set()
    while len(rows) < n:
        k = rng.randrange(len(NAMES))
        q = rng.sample(words[k], rng.choice([1, 1, 2])) + rng.sample(FILLER, rng.choice([2, 3, 4]))
        rng.shuffle(q)
        if tuple(q) not in seen:
            seen.add(tuple(q))
            # the label is the department clicked first, and people do click around
            rows.append((q, rng.randrange(len(NAMES)) if rng.random() < stray else k))
    return rows


class Router(nn.Module):
    def __init__(self, vectors, n_out):
        super().__init__()
        self.table = nn.Embedding(*vectors.shape, padding_idx=0)
        self.table.weight.data.copy_(vectors)
        # vectors stay as published, only the layers on top are learned
        # fault:
        self.table.requires_grad = False
        # mended:
        #self.table.weight.requires_grad = False
        # end
        self.drop = nn.Dropout(0.3)
        self.top = nn.Linear(vectors.shape[1], n_out)

    def forward(self, ids):
        n = (ids != 0).sum(1, keepdim=True)
        return self.top(self.drop(self.table(ids).sum(1) / n))


def main(seed=4):
    rng = random.Random(seed)
    torch.manual_seed(seed)
    table = glove()
    known, fresh = [], []
    for name in NAMES:
        words = [w for w in DEPARTMENTS[name].split() if w in table and w != "apple"]
        known.append(words[:8])
        fresh.append(words[8:])
    train, test = queries(known, 600, rng, stray=0.2), queries(fresh, 400, rng)

    itos = sorted({w for q, _ in train + test for w in q})
    stoi = {w: i + 1 for i, w in enumerate(itos)}
    vectors = torch.tensor([[0.0] * 50] + [table[w] for w in itos])

    def tensors(rows):
        x = torch.zeros(len(rows), 6, dtype=torch.long)
        for i, (q, _) in enumerate(rows):
            x[i, :len(q)] = torch.tensor([stoi[w] for w in q])
        return x, torch.tensor([k for _, k in rows])

    (x, y), (xt, yt) = tensors(train), tensors(test)
    net = Router(vectors, len(NAMES))
    opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.01)
    ce = nn.CrossEntropyLoss()
    for epoch in range(1, 31):
        net.train()
        for b in torch.randperm(len(x)).split(40):
            opt.zero_grad()
            ce(net(x[b]), y[b]).backward()
            opt.step()
        if epoch % 5 == 0:
            net.eval()
            with torch.no_grad():
                a, b = net(x), net(xt)
            print(f"epoch {epoch}: train {ce(a, y):.3f} / {(a.argmax(1) == y).float().mean():.3f}"
                  f"   new range {ce(b, yt):.3f} / {(b.argmax(1) == yt).float().mean():.3f}")


if __name__ == "__main__":
    main()
