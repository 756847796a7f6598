"""Nightly retrain of the feed router: which source does a snippet of twelve words look like?"""
import gzip
import logging
import os
import random
import re
from itertools import islice

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

logging.basicConfig(level=logging.INFO, format="[%(name)s] %(message)s")
log = logging.getLogger("feed-router")
CONFIG = dict(vectors="vectors/glove.6B.50d.top10361.txt.gz", sources={"wire": "corpora/reuters-21578-bodies.txt.gz",
              "fiction": "corpora/brown.txt.gz", "wiki": "corpora/wikitext-2.valid.txt.gz"},
              skip={"fiction": 43000}, hidden=64, lr=4e-3, epochs=6, batch_size=64, rows=900, words=12, seed=3)
ROOT = os.environ["WORDFIT_DATA"]


def load_glove(rel):
    stoi, vecs = {"<pad>": 0, "<unk>": 1}, []
    with gzip.open(os.path.join(ROOT, rel), "rt", encoding="utf-8") as f:
        for line in f:
            tok, *nums = line.split()
            stoi[tok] = len(stoi)
            vecs.append([float(x) for x in nums])
    mat = torch.tensor(vecs)
    return stoi, torch.cat([torch.zeros(1, mat.size(1)), mat.mean(0, keepdim=True), mat])


def snippets(cfg):
    out = []
    for y, (name, rel) in enumerate(cfg["sources"].items()):
        with gzip.open(os.path.join(ROOT, rel), "rt", encoding="utf-8") as f:
            start = cfg["skip"].get(name, 0)
            texts = set()
            for line in islice(f, start, None):
                words = re.findall(r"[a-z]+", re.sub(r"<unk>|@", " ", line.lower()))
                if len(words) >= cfg["words"] + 4:
                    texts.add(" ".join(words[4:4 + cfg["words"]]))  # skips datelines
                if len(texts) == cfg["rows"]:
                    break
        out += [(t, y) for t in sorted(texts)]
    return out


class Snippets(Dataset):
    def __init__(self, rows, stoi):
        self.rows = [(torch.tensor([stoi.get(w, 1) for w in t.split()]), y) for t, y in rows]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        ids, y = self.rows[i]
        return {"ids": ids, "label": y}


class Router(nn.Module):
    def __init__(self, vectors, hidden, n_sources):
        super().__init__()
        n, d = vectors.shape
        self.embedding = nn.Embedding(n, d, padding_idx=0)
        self.embedding.weight.requires_grad_(False)  # the vectors are shared with the search team
        self.hidden = nn.Linear(d, hidden)
        self.out = nn.Linear(hidden, n_sources)
        # fault:
        self.embedding.weight.data.copy_(vectors)
        self.apply(self._init_weights)
        # mended:
        # self.apply(self._init_weights)
        # self.embedding.weight.data.copy_(vectors)
        # end

    @staticmethod
    def _init_weights(m):
        if isinstance(m, nn.Linear):
            nn.init.xavier_uniform_(m.weight)
            nn.init.zeros_(m.bias)
        elif isinstance(m, nn.Embedding):
            nn.init.normal_(m.weight, std=0.5)
            with torch.no_grad():
                m.weight[m.padding_idx].zero_()

    def forward(self, ids):
        return self.out(torch.relu(self.hidden(self.embedding(ids).mean(1))))  # every snippet has twelve words


@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    pairs = [(model(b["ids"]).argmax(1) == b["label"]) for b in loader]
    return torch.cat(pairs).float().mean().item()


def run(cfg):
    torch.manual_seed(cfg["seed"])
    stoi, vectors = load_glove(cfg["vectors"])
    rows = snippets(cfg)
    random.Random(cfg["seed"]).shuffle(rows)
    tl = DataLoader(Snippets(rows[500:], stoi), cfg["batch_size"], shuffle=True)
    dl = DataLoader(Snippets(rows[:500], stoi), 250)
    model = Router(vectors, cfg["hidden"], len(cfg["sources"]))
    opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=cfg["lr"])
    lossf = nn.CrossEntropyLoss()
    for e in range(cfg["epochs"]):
        model.train()
        s = 0.0
        for b in tl:
            opt.zero_grad()
            loss = lossf(model(b["ids"]), b["label"])
            loss.backward()
            opt.step()
            s += loss.item()
        log.info("epoch %d train loss %.3f dev acc %.3f", e + 1, s / len(tl), accuracy(model, dl))
    log.info("train acc %.3f", accuracy(model, tl))


if __name__ == "__main__":
    run(CONFIG)
