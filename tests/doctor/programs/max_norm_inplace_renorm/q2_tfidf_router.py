"""Question routing on a community site: idf-weighted word vectors are summed, a linear layer names the expert group."""
import collections
import math
import random

import torch
import torch.nn as nn


def build_corpus(rng, n_groups, n_docs):
    function_words = [f"f{i}" for i in range(60)]
    keywords = [[f"g{g}k{i}" for i in range(40)] for g in range(n_groups)]
    docs, labels, seen = [], [], set()
    while len(docs) < n_docs:
        g = rng.randrange(n_groups)
        words = rng.choices(function_words, k=rng.randint(14, 24))
        words += rng.sample(keywords[g], 2)
        if rng.random() < 0.4:
            words.append(rng.choice(keywords[rng.randrange(n_groups)]))
        rng.shuffle(words)
        if tuple(words) not in seen:
            seen.add(tuple(words))
            docs.append(words)
            labels.append(g)
    return docs, labels, function_words, keywords


def word_vectors(keywords, function_words, dim):
    """unit vectors: the keywords of a group lie near each other, function words anywhere"""
    vectors = {}
    for group in keywords:
        centre = torch.randn(dim)
        for w in group:
            vectors[w] = nn.functional.normalize(centre + 0.9 * torch.randn(dim), dim=0)
    for w in function_words:
        vectors[w] = nn.functional.normalize(torch.randn(dim), dim=0)
    return vectors


def idf(docs):
    df = collections.Counter(w for d in docs for w in set(d))
    return {w: math.log(len(docs) / c) ** 2 for w, c in df.items()}


class Router(nn.Module):
    def __init__(self, weights, n_groups):
        super().__init__()
        # fault:
        self.emb = nn.Embedding(*weights.shape, padding_idx=0, max_norm=1.0)
        # mended:
        #self.emb = nn.Embedding(*weights.shape, padding_idx=0)
        # end
        self.emb.weight.data.copy_(weights)
        self.emb.weight.requires_grad_(False)
        self.norm = nn.LayerNorm(weights.shape[1])
        self.fc = nn.Linear(weights.shape[1], n_groups)

    def forward(self, ids):
        return self.fc(self.norm(self.emb(ids).sum(1)))


def run(seed=6, n_groups=8, dim=24, n_docs=2600):
    rng = random.Random(seed)
    torch.manual_seed(seed)
    docs, labels, function_words, keywords = build_corpus(rng, n_groups, n_docs)
    vectors = word_vectors(keywords, function_words, dim)
    scale = idf(docs[:2000])
    vocab = {w: i + 1 for i, w in enumerate(sorted(scale))}
    weights = torch.zeros(len(vocab) + 1, dim)
    for w, i in vocab.items():
        weights[i] = vectors[w] * scale[w]
    width = max(map(len, docs))
    x = torch.tensor([[vocab.get(w, 0) for w in d] + [0] * (width - len(d)) for d in docs])
    y = torch.tensor(labels)
    train, test = slice(0, 2000), slice(2000, n_docs)

    model = Router(weights, n_groups)
    opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01)
    for epoch in range(8):
        model.train()
        total = 0.0
        for idx in torch.randperm(2000).split(50):
            loss = nn.functional.cross_entropy(model(x[train][idx]), y[train][idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() / 40
        model.eval()
        with torch.no_grad():
            acc_tr = (model(x[train]).argmax(1) == y[train]).float().mean().item()
            acc = (model(x[test]).argmax(1) == y[test]).float().mean().item()
        print(f"epoch {epoch}  loss {total:.3f}  routed right: train {acc_tr:.3f}  test {acc:.3f}")
    print(f"chance {1 / n_groups:.3f}")


if __name__ == "__main__":
    run()
