"""Map the GloVe space onto the Google News space and look words up across."""
import gzip
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List

import numpy as np
import torch
import torch.nn.functional as F

DATA = Path(os.environ["WORDFIT_DATA"]) / "vectors"


@dataclass
class Space:
    words: List[str]
    matrix: torch.Tensor
    index: Dict[str, int] = field(init=False)

    def __post_init__(self):
        self.index = {w: i for i, w in enumerate(self.words)}


def read_space(name, header, limit):
    words, rows = [], []
    with gzip.open(DATA / name, "rt", encoding="utf-8", newline="\n") as fh:
        if header:
            next(fh)
        for line in fh:
            w, rest = line.rstrip("\n").split(" ", 1)
            words.append(w)
            rows.append(np.fromstring(rest, sep=" ", dtype=np.float32))
            if len(words) >= limit:
                break
    m = torch.from_numpy(np.stack(rows))
    return Space(words, F.normalize(m - m.mean(0), dim=1))


class Mapper(torch.nn.Module):
    def __init__(self, source, width_out, hidden=256):
        super().__init__()
        self.register_buffer("source", source)
        d = source.shape[1]
        self.lin = torch.nn.Linear(d, width_out)
        self.up = torch.nn.Linear(d, hidden)
        self.down = torch.nn.Linear(hidden, width_out, bias=False)

    def forward(self, ids):
        v = F.embedding(ids, self.source)
        return self.lin(v) + self.down(F.gelu(2 * self.up(v)))


class Trainer:
    def __init__(self, model, targets, lr=3e-3, epochs=25, batch=128):
        self.model, self.targets = model, targets
        self.epochs, self.batch = epochs, batch
        self.opt = torch.optim.Adam(model.parameters(), lr=lr)
        self.sched = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, epochs)

    def objective(self, out, want):
        # fault:
        return F.cross_entropy(out, want)
        # mended:
        #return (1 - F.cosine_similarity(out, want, dim=-1)).mean()
        # end

    def fit(self, src, dst, report):
        for epoch in range(self.epochs):
            self.model.train()
            total = 0.0
            for b in torch.randperm(len(src)).split(self.batch):
                loss = self.objective(self.model(src[b]), self.targets[dst[b]])
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                total += loss.item() * len(b)
            self.sched.step()
            if epoch % 5 == 4:
                print(f"epoch {epoch + 1:2d} loss {total / len(src):.4f} {report()}")


@torch.no_grad()
def retrieval(model, src, dst, targets, k=10):
    model.eval()
    sim = F.normalize(model(src), dim=1) @ targets[dst].T
    gold = sim.diagonal()[:, None]
    rank = (sim > gold).sum(1)
    return (rank < 1).float().mean().item(), (rank < k).float().mean().item(), gold.mean().item()


def main():
    torch.manual_seed(21)
    glove = read_space("glove.6B.50d.top10361.txt.gz", header=False, limit=6000)
    news = read_space("word2vec.GoogleNews.300d.13598words.txt.gz", header=True, limit=7000)
    shared = [w for w in glove.words if w in news.index and w.isalpha()]
    pick = torch.randperm(len(shared))
    src = torch.tensor([glove.index[w] for w in shared])[pick]
    dst = torch.tensor([news.index[w] for w in shared])[pick]
    held = 500
    print(f"{len(shared)} shared words, {held} held out, chance@10 {10 / held:.3f}")
    model = Mapper(glove.matrix, news.matrix.shape[1])
    trainer = Trainer(model, news.matrix)

    def report():
        a = retrieval(model, src[held:2 * held], dst[held:2 * held], news.matrix)
        b = retrieval(model, src[:held], dst[:held], news.matrix)
        return "train @1 %.3f @10 %.3f cos %.3f | held out @1 %.3f @10 %.3f cos %.3f" % (*a, *b)

    trainer.fit(src[held:], dst[held:], report)


if __name__ == "__main__":
    main()
