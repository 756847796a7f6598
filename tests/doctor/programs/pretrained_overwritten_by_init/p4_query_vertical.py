"""Route short search queries to a vertical.  The words of new queries are often not in the training log,
so the model leans on GloVe for them."""
import gzip
import os
import random
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F

VERTICALS = {
    "sports": "football soccer basketball baseball hockey tennis golf rugby cricket coach league championship team player goal striker playoff stadium tournament season match boxing olympic racing cup",
    "food": "bread cheese butter chicken soup salad rice sugar salt milk meat beef pork fruit vegetables sauce garlic tomato chocolate coffee wine cooking juice potatoes oil",
    "health": "doctor hospital patient disease cancer surgery treatment drug symptoms virus infection medicine nurse therapy clinic blood heart diabetes vaccine medical cure pain flu physician illness",
    "money": "bank loan credit stock market investment tax profit interest mortgage shares investors fund bonds debt insurance cash currency payment price dollar finance budget savings revenue",
    "travel": "hotel airport flight airline tourist beach island resort train bus passengers ferry travel journey visit visa vacation cruise tour trip destination luggage boat airlines terminal",
    "computing": "software computer internet server laptop microsoft google windows linux data web network database browser programming hardware memory processor email users interface desktop download digital files",
}
NAMES = list(VERTICALS)


@dataclass
class Config:
    glove: str = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
    hidden: int = 32
    dropout: float = 0.2
    lr: float = 3e-3
    embedding_lr: float = 1e-4
    epochs: int = 5
    batch_size: int = 50
    initializer_range: float = 0.05
    seed: int = 1234


class Vectors:
    def __init__(self, path):
        self.itos, rows = ["<pad>"], []
        with gzip.open(path, "rt", encoding="utf8") as fh:
            for line in fh:
                word, *values = line.rstrip("\n").split(" ")
                self.itos.append(word)
                rows.append([float(v) for v in values])
        self.stoi = {w: i for i, w in enumerate(self.itos)}
        self.matrix = torch.tensor([[0.0] * len(rows[0])] + rows)


class QueryModel(nn.Module):
    def __init__(self, cfg, vectors, n_out):
        super().__init__()
        self.cfg = cfg
        n, d = vectors.matrix.shape
        self.word_embeddings = nn.Embedding(n, d, padding_idx=0)
        self.dense = nn.Linear(d, cfg.hidden)
        self.dropout = nn.Dropout(cfg.dropout)
        self.classifier = nn.Linear(cfg.hidden, n_out)
        # fault:
        self.word_embeddings.weight.data.copy_(vectors.matrix)
        self.apply(self._init_weights)
        # mended:
        #self.apply(self._init_weights)
        #self.word_embeddings.weight.data.copy_(vectors.matrix)
        # end

    def _init_weights(self, module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            module.weight.data.normal_(0.0, self.cfg.initializer_range)
            if isinstance(module, nn.Embedding) and module.padding_idx is not None:
                module.weight.data[module.padding_idx].zero_()
            if isinstance(module, nn.Linear):
                module.bias.data.zero_()

    def forward(self, ids):
        mask = ids.ne(0).unsqueeze(-1)
        e = self.word_embeddings(ids)
        mean = (e * mask).sum(1) / mask.sum(1)
        return self.classifier(self.dropout(torch.tanh(self.dense(mean))))


def make_queries(pools, n, rng, stoi):
    general = "best cheap new for the in how to buy near and with online about good my".split()
    queries, seen = [], set()
    while len(queries) < n:
        label = rng.randrange(len(NAMES))
        words = rng.sample(pools[NAMES[label]], rng.randint(2, 3)) + rng.sample(general, rng.randint(0, 3))
        rng.shuffle(words)
        text = " ".join(words)
        if text not in seen:
            seen.add(text)
            queries.append(([stoi[w] for w in words], label))
    return queries


def batches(rows, size, shuffle=None):
    rows = list(rows)
    if shuffle:
        shuffle.shuffle(rows)
    for i in range(0, len(rows), size):
        part = rows[i:i + size]
        width = max(len(r) for r, _ in part)
        yield torch.tensor([r + [0] * (width - len(r)) for r, _ in part]), torch.tensor([y for _, y in part])


def accuracy(model, rows):
    model.eval()
    right = 0
    with torch.no_grad():
        for x, y in batches(rows, 250):
            right += model(x).argmax(1).eq(y).sum().item()
    return right / len(rows)


def main(cfg=Config()):
    rng = random.Random(cfg.seed)
    torch.manual_seed(cfg.seed)
    vectors = Vectors(cfg.glove)
    logged, fresh = {}, {}
    for name, words in VERTICALS.items():
        words = [w for w in words.split() if w in vectors.stoi]
        rng.shuffle(words)
        logged[name], fresh[name] = words[:len(words) * 2 // 3], words[len(words) * 2 // 3:]
    train = make_queries(logged, 1500, rng, vectors.stoi)
    test = make_queries(fresh, 400, rng, vectors.stoi)
    model = QueryModel(cfg, vectors, len(NAMES))
    table = list(model.word_embeddings.parameters())
    rest = [p for n, p in model.named_parameters() if not n.startswith("word_embeddings")]
    opt = torch.optim.Adam([{"params": table, "lr": cfg.embedding_lr}, {"params": rest, "lr": cfg.lr}])
    for epoch in range(cfg.epochs):
        model.train()
        losses = []
        for x, y in batches(train, cfg.batch_size, rng):
            loss = F.cross_entropy(model(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        print("epoch", epoch, "loss %.4f" % (sum(losses) / len(losses)), "train acc %.3f" % accuracy(model, train),
              "fresh-word queries acc %.3f" % accuracy(model, test))


if __name__ == "__main__":
    main()
