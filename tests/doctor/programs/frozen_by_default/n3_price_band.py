"""Price band (low / middle / high) of a second-hand listing from its title.

The word vectors come from unlabelled listings (gensim, small). They are a warm start: the classifier fine-tunes them with a rate of their own."""
import random
from dataclasses import dataclass

import torch
from gensim.models import Word2Vec
from torch import nn

ITEMS = "lamp chair desk sofa mirror rug clock vase shelf bench stool cabinet radio camera watch bicycle guitar piano mixer kettle tent stove drill saw".split()
BRANDS = ["brand" + a + b for a in "aeiou" for b in "klmnprst"]
LOOKS = "red blue green white black old new vintage compact large tiny rare signed scratched boxed painted carved modern rustic folding".split()
EXTRA = "pickup shipping today only offer cash garage moving obo clean working tested smokefree weekend nice quick sale home".split()


@dataclass
class Config:
    dim: int = 16
    steps: int = 700
    batch: int = 64
    head_lr: float = 1e-2
    vector_lr: float = 1e-2
    seed: int = 5


class Market:
    def __init__(self, rng):
        self.rng = rng
        self.value = {w: rng.gauss(0, s) for group, s in ((ITEMS, 1.2), (BRANDS, 1.2), (LOOKS, 0.8)) for w in group}

    def title(self):
        r = self.rng
        words = r.sample(LOOKS, r.choice([1, 2])) + [r.choice(BRANDS), r.choice(ITEMS)] + r.sample(EXTRA, r.choice([1, 2]))
        return tuple(words)

    def band(self, title):
        v = sum(self.value.get(w, 0.0) for w in title)
        return 0 if v < -0.8 else (2 if v > 0.8 else 1)


class BandClassifier(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        # fault:
        self.words = nn.Embedding.from_pretrained(vectors, padding_idx=0)
        # mended:
        #self.words = nn.Embedding.from_pretrained(vectors, freeze=False, padding_idx=0)
        # end
        self.head = nn.Linear(vectors.size(1), 3)

    def forward(self, ids):
        return self.head(self.words(ids).sum(1))


def main():
    cfg = Config()
    torch.manual_seed(cfg.seed)
    market = Market(random.Random(cfg.seed))
    titles = list(dict.fromkeys(market.title() for _ in range(7000)))
    labelled, unlabelled = titles[:4000], titles[4000:]
    w2v = Word2Vec([list(t) for t in unlabelled], vector_size=cfg.dim, window=4, min_count=1, epochs=4, seed=cfg.seed, workers=1)
    vocab = {w: i for i, w in enumerate(w2v.wv.index_to_key, 1)}
    vectors = torch.zeros(len(vocab) + 1, cfg.dim)
    vectors[1:] = torch.from_numpy(w2v.wv.vectors.copy())
    vectors /= vectors[1:].std()
    print(len(vocab), "words with vectors")

    x = torch.zeros(len(labelled), 6, dtype=torch.long)
    for r, t in enumerate(labelled):
        x[r, :len(t)] = torch.tensor([vocab[w] for w in t])
    y = torch.tensor([market.band(t) for t in labelled])
    x, y, x_test, y_test = x[600:], y[600:], x[:600], y[:600]

    model = BandClassifier(vectors)
    optimizer = torch.optim.Adam([{"params": model.head.parameters(), "lr": cfg.head_lr},
                                  {"params": model.words.parameters(), "lr": cfg.vector_lr}])
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: max(0.02, 1 - s / cfg.steps))
    criterion = nn.CrossEntropyLoss()

    def accuracy(a, b):
        model.eval()
        with torch.no_grad():
            return (model(a).argmax(1) == b).float().mean().item()

    for step in range(1, cfg.steps + 1):
        model.train()
        pick = torch.randint(len(x), (cfg.batch,))
        loss = criterion(model(x[pick]), y[pick])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        if step % 100 == 0:
            print(f"step {step} loss {loss.item():.4f} train {accuracy(x, y):.4f} test {accuracy(x_test, y_test):.4f}")
    print(f"test accuracy {accuracy(x_test, y_test):.4f}, largest band {torch.bincount(y_test).max().item() / len(y_test):.4f}")


if __name__ == "__main__":
    main()
