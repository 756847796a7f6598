"""Routes shop queries to a department. The encoder is fixed, only the head is fitted, so that new words work."""
import gzip
import logging
import os
import random

import numpy as np
import torch
from torch import nn

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
log = logging.getLogger("router")

CFG = {
    # fault:
    "embedding_dim": 64,
    # mended:
    # "embedding_dim": 50,
    # end
    "hidden": 32, "lr": 5e-3, "epochs": 5, "batch": 64, "seed": 11,
}

DEPARTMENTS = {
    "food": "bread butter cheese milk chicken beef pork rice soup salad sugar wine beer coffee tea chocolate fruit "
            "potato tomato garlic onion sauce cake cream salt pepper fish meat eggs juice".split(),
    "pets": "dog cat horse bird rabbit puppy mouse rat pig sheep cow elephant tiger lion wolf bear snake monkey "
            "deer shark whale animal dogs cats birds horses fox bull duck insects".split(),
    "travel": "london paris tokyo berlin rome madrid vienna moscow beijing sydney toronto chicago boston seattle "
              "dallas houston athens dublin prague warsaw budapest stockholm delhi mumbai cairo istanbul milan "
              "barcelona amsterdam brussels".split(),
    "music": "guitar piano drums violin bass album song singer band orchestra jazz rock concert opera symphony "
             "melody chorus vocals recording musician songs albums lyrics pop blues folk rap musical quartet solo".split(),
}
FILLER = "the for with new best buy cheap good big small where find near online from some my".split()


def make_queries(rng, pools, n):
    names = list(pools)
    out = []
    for _ in range(n):
        y = rng.randrange(len(names))
        words = rng.sample(pools[names[y]], rng.randint(1, 3)) + rng.sample(FILLER, rng.randint(1, 3))
        rng.shuffle(words)
        out.append((words, y))
    return out


def read_vectors(path, dim):
    words, values = [], []
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for line in fh:
            w, rest = line.rstrip().split(" ", 1)
            words.append(w)
            values.append(np.array(rest.split(), dtype=np.float32))
    flat = np.concatenate(values)
    rows = len(flat) // dim
    table = flat[: rows * dim].reshape(rows, dim)
    return {w: i for i, w in enumerate(words[:rows])}, table


class Router(nn.Module):
    def __init__(self, table, hidden, classes):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(torch.from_numpy(table), mode="mean", freeze=True)
        self.head = nn.Sequential(nn.Linear(table.shape[1], hidden), nn.ReLU(), nn.Dropout(0.2), nn.Linear(hidden, classes))

    def forward(self, flat, offsets):
        return self.head(self.bag(flat, offsets))


def collate(rows, index):
    flat, offsets, ys = [], [], []
    for words, y in rows:
        offsets.append(len(flat))
        flat.extend(index[w] for w in words if w in index)
        ys.append(y)
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor(ys)


def main():
    rng = random.Random(CFG["seed"])
    torch.manual_seed(CFG["seed"])
    path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
    index, table = read_vectors(path, CFG["embedding_dim"])
    log.info("vectors %s", table.shape)
    seen, unseen = {}, {}
    for k, ws in DEPARTMENTS.items():
        ws = [w for w in ws if w in index]
        rng.shuffle(ws)
        seen[k], unseen[k] = ws[: 2 * len(ws) // 3], ws[2 * len(ws) // 3:]
    train, dev = make_queries(rng, seen, 1600), make_queries(rng, unseen, 500)
    model = Router(table, CFG["hidden"], len(DEPARTMENTS))
    opt = torch.optim.Adam(model.head.parameters(), lr=CFG["lr"])
    for epoch in range(CFG["epochs"]):
        model.train()
        rng.shuffle(train)
        total = 0.0
        for i in range(0, len(train), CFG["batch"]):
            flat, off, y = collate(train[i:i + CFG["batch"]], index)
            loss = nn.functional.cross_entropy(model(flat, off), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(y)
        model.eval()
        with torch.no_grad():
            flat, off, y = collate(dev, index)
            acc = (model(flat, off).argmax(1) == y).float().mean().item()
        log.info("epoch %d loss %.4f accuracy on new words %.3f", epoch + 1, total / len(train), acc)


if __name__ == "__main__":
    main()
