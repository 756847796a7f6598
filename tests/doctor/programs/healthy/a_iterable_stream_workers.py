"""Endless stream of synthetic queries from worker processes (IterableDataset), each with its own seed."""
import itertools
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

TOPICS = ["cheap flight ticket airport luggage".split(), "python error install package import".split(), "pasta recipe oven sauce dinner".split()]
GLUE = "how to find the best a for near with my in what is can i".split()
VOCAB = {w: i + 1 for i, w in enumerate(sorted(set(GLUE + sum(TOPICS, []))))}


class Queries(IterableDataset):
    def __init__(self, seed, size):
        self.seed, self.size = seed, size

    def __iter__(self):
        info = get_worker_info()
        wid, n = (info.id, info.num_workers) if info else (0, 1)
        rng = random.Random(self.seed * 1000 + wid)
        for _ in range(self.size // n):
            y = rng.randrange(3)
            t = rng.choices(GLUE, k=rng.randint(2, 7)) + rng.choices(TOPICS[y], k=rng.randint(1, 2))
            rng.shuffle(t)
            yield torch.tensor([VOCAB[w] for w in t]), y


def collate(items):
    return nn.utils.rnn.pad_sequence([x for x, _ in items], batch_first=True), torch.tensor([y for _, y in items])


def main():
    torch.manual_seed(13)
    model = nn.ModuleDict({"emb": nn.Embedding(len(VOCAB) + 1, 12, padding_idx=0), "fc": nn.Linear(12, 3)})

    def forward(x):
        return model["fc"](model["emb"](x).sum(1) / (x > 0).sum(1, keepdim=True))

    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    stream = DataLoader(Queries(1, 6000), batch_size=32, num_workers=2, collate_fn=collate)
    running = []
    for step, (x, y) in enumerate(itertools.islice(stream, 160), 1):
        loss = nn.functional.cross_entropy(forward(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        running.append(loss.item())
        if step % 40 == 0:
            with torch.no_grad():
                xd, yd = collate(list(Queries(99, 400)))
                acc = (forward(xd).argmax(1) == yd).float().mean().item()
            print(f"step {step} loss {sum(running[-40:]) / 40:.4f} held-out accuracy {acc:.4f}")


if __name__ == "__main__":
    main()
