"""Review triage: flags unhappy customers from a handful of hand-labelled product reviews."""
import gzip
import logging
import os
import random
from pathlib import Path
from typing import Dict, List, Set, Tuple

import torch
import torch.nn as nn
import torch.nn.functional as F

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
log = logging.getLogger("triage")

DATA = Path(os.environ["WORDFIT_DATA"])
CONFIG = {
    "seed": 11,
    "labelled_per_class": 220,
    "eval_per_class": 450,
    "max_words": 30,
    "batch_size": 32,
    "epochs": 24,
    "lr": 5e-3,
}


def load_vectors(path: Path, needed: Set[str]) -> Tuple[Dict[str, int], torch.Tensor]:
    stoi = {"<pad>": 0, "<unk>": 1}
    rows: List[List[float]] = []
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        next(fh)  # word count and width
        for line in fh:
            word, values = line.rstrip().split(" ", 1)
            if word not in needed:
                continue
            stoi[word] = len(stoi)
            rows.append([float(v) for v in values.split()])
    table = torch.tensor(rows)
    return stoi, torch.cat([torch.zeros(1, table.size(1)), table.mean(0, keepdim=True), table])


def load_reviews() -> Tuple[List[str], List[str]]:
    out = []
    for name in ("pos", "neg"):
        text = (DATA / "sentiment" / "CR" / f"custrev.{name}").read_text(encoding="latin-1")
        out.append(sorted({l.strip().lower() for l in text.splitlines() if len(l.split()) >= 4}))
    return out[0], out[1]


class ReviewNet(nn.Module):
    def __init__(self, table: torch.Tensor) -> None:
        super().__init__()
        # fault:
        self.words = nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0)
        # mended:
        #self.words = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        # end
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(table.size(1), 2)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        keep = (ids != 0).unsqueeze(-1).float()
        pooled = (self.words(ids) * keep).sum(1) / keep.sum(1).clamp(min=1)
        return self.out(self.drop(pooled))


def encode(texts: List[str], stoi: Dict[str, int]) -> torch.Tensor:
    n = CONFIG["max_words"]
    ids = torch.zeros(len(texts), n, dtype=torch.long)
    for i, t in enumerate(texts):
        row = [stoi.get(w, 1) for w in t.split()[:n]]
        ids[i, : len(row)] = torch.tensor(row)
    return ids


@torch.no_grad()
def evaluate(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> Tuple[float, float]:
    model.eval()
    logits = model(x)
    return F.cross_entropy(logits, y).item(), (logits.argmax(1) == y).float().mean().item()


def main() -> None:
    random.seed(CONFIG["seed"])
    torch.manual_seed(CONFIG["seed"])
    pos, neg = load_reviews()
    needed = {w for t in pos + neg for w in t.split()}
    stoi, table = load_vectors(DATA / "vectors" / "word2vec.GoogleNews.300d.13598words.txt.gz", needed)
    random.shuffle(pos)
    random.shuffle(neg)
    k, m = CONFIG["labelled_per_class"], CONFIG["eval_per_class"]
    x_train = encode(pos[:k] + neg[:k], stoi)
    y_train = torch.tensor([1] * k + [0] * k)
    x_eval = encode(pos[k : k + m] + neg[k : k + m], stoi)
    y_eval = torch.tensor([1] * len(pos[k : k + m]) + [0] * len(neg[k : k + m]))

    model = ReviewNet(table)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=CONFIG["lr"])
    for epoch in range(CONFIG["epochs"]):
        model.train()
        order = torch.randperm(len(x_train))
        for start in range(0, len(order), CONFIG["batch_size"]):
            idx = order[start : start + CONFIG["batch_size"]]
            loss = F.cross_entropy(model(x_train[idx]), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if (epoch + 1) % 6 == 0:
            tr, ev = evaluate(model, x_train, y_train), evaluate(model, x_eval, y_eval)
            log.info("epoch %d train %.3f/%.3f eval %.3f/%.3f", epoch + 1, *tr, *ev)
    log.info("held-out accuracy %.3f", evaluate(model, x_eval, y_eval)[1])


if __name__ == "__main__":
    main()
