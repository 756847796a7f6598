"""Which community wrote it?  Communities use everyday words in senses of their own, so general-purpose
vectors are only the start: we fine-tune GloVe on the posts (small rate for the vectors, larger for the head)."""
import gzip
import os
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

DATA = os.environ["WORDFIT_DATA"]


@dataclass
class Config:
    n_words: int = 500
    n_communities: int = 8
    post_len: int = 8
    n_train: int = 6000
    n_dev: int = 800
    emb_lr: float = 5e-3
    head_lr: float = 1e-2
    epochs: int = 7
    seed: int = 5


def load_vectors(path, n):
    words, vecs = [], []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            parts = line.rstrip().split(" ")
            if parts[0].isalpha() and len(parts[0]) > 3:
                words.append(parts[0])
                vecs.append([float(v) for v in parts[1:]])
            if len(words) == n:
                break
    return words, torch.tensor(vecs)


def write_posts(cfg, rng, usage, n):
    who = rng.integers(cfg.n_communities, size=n)
    posts = np.stack([rng.choice(cfg.n_words, size=cfg.post_len, p=usage[c]) for c in who])
    return torch.from_numpy(posts), torch.from_numpy(who)


class PostClassifier(nn.Module):
    def __init__(self, vectors, n_out):
        super().__init__()
        # fault:
        self.words = nn.Embedding.from_pretrained(vectors)
        # mended:
        #self.words = nn.Embedding.from_pretrained(vectors, freeze=False)
        # end
        self.head = nn.Linear(vectors.size(1), n_out)

    def forward(self, posts):
        return self.head(self.words(posts).mean(dim=1))


def evaluate(model, loader):
    model.eval()
    hits = total = loss = 0
    with torch.no_grad():
        for posts, who in loader:
            logits = model(posts)
            loss += nn.functional.cross_entropy(logits, who, reduction="sum").item()
            hits += (logits.argmax(1) == who).sum().item()
            total += len(who)
    return loss / total, hits / total


def main(cfg):
    torch.manual_seed(cfg.seed)
    rng = np.random.default_rng(cfg.seed)
    words, vectors = load_vectors(os.path.join(DATA, "vectors/glove.twitter.27B.25d.common11925.txt.gz"), cfg.n_words)
    usage = rng.dirichlet(np.full(cfg.n_words, 0.5), size=cfg.n_communities)

    train = TensorDataset(*write_posts(cfg, rng, usage, cfg.n_train))
    dev = TensorDataset(*write_posts(cfg, rng, usage, cfg.n_dev))
    loader = DataLoader(train, batch_size=64, shuffle=True)
    dev_loader = DataLoader(dev, batch_size=400)

    model = PostClassifier(vectors, cfg.n_communities)
    optimizer = torch.optim.Adam([
        {"params": model.words.parameters(), "lr": cfg.emb_lr},
        {"params": model.head.parameters(), "lr": cfg.head_lr},
    ])
    example = rng.choice(cfg.n_words, size=cfg.post_len, p=usage[0])
    print("a post of community 0:", " ".join(words[i] for i in example))

    for epoch in range(cfg.epochs):
        model.train()
        running = 0.0
        for posts, who in loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(posts), who)
            loss.backward()
            optimizer.step()
            running += loss.item()
        dl, da = evaluate(model, dev_loader)
        print(f"epoch {epoch + 1}: fine-tuning loss {running / len(loader):.3f}  dev loss {dl:.3f}  dev accuracy {da:.3f}")
    print("train accuracy %.3f" % evaluate(model, loader)[1])


if __name__ == "__main__":
    main(Config())
