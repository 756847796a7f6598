import gzip, os, random, re
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


"""From which holding of the media archive does a loose line come?"""


class Config:
    data = Path(os.environ["WORDFIT_DATA"])
    dim = 50
    max_len = 14
    sources = ["imdb-unsup-25k.txt.gz", "enwiki-2018-sample.txt.gz", "reuters-21578-bodies.txt.gz", "brown.txt.gz"]
    lines = 1500          # of each source
    batch = 64
    epochs = 14
    seed = 77


class Vocabulary:
    def __init__(self, texts):
        self.words = ["<pad>"] + sorted({w for t in texts for w in t})
        self.index = {w: i for i, w in enumerate(self.words)}

    def __len__(self):
        return len(self.words)

    def encode(self, text, width):
        row = [self.index[w] for w in text if w in self.index][:width]
        return row + [0] * (width - len(row))


def load_lines(cfg):
    """Pieces of fourteen words from each source."""
    unique = {}
    for label, name in enumerate(cfg.sources):
        taken = 0
        with gzip.open(cfg.data / "corpora" / name, "rt", encoding="utf-8") as f:
            for line in f:
                words = re.findall(r"[a-z]+|[0-9]+", line.replace("<br />", " ").lower())
                if len(words) < cfg.max_len:
                    continue
                unique.setdefault(tuple(words[:cfg.max_len]), label)
                taken += 1
                if taken == cfg.lines:
                    break
    return list(unique.items())


def glove_matrix(cfg, vocab):
    """Unit-length GloVe vectors; what GloVe lacks gets a random vector of its own."""
    rng = np.random.default_rng(cfg.seed)
    found = {}
    with gzip.open(cfg.data / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            word, _, values = line.partition(" ")
            if word in vocab.index:
                v = np.array(values.split(), dtype=np.float32)
                found[word] = v / np.linalg.norm(v)
    # fault:
    matrix = rng.normal(0, 1, (len(vocab), cfg.dim)).astype(np.float32)
    # mended:
    #matrix = rng.normal(0, cfg.dim ** -0.5, (len(vocab), cfg.dim)).astype(np.float32)
    # end
    for word, v in found.items():
        matrix[vocab.index[word]] = v
    matrix[0] = 0
    print(f"{len(found)} of {len(vocab)} words have a vector")
    return torch.from_numpy(matrix)


class LineNet(nn.Module):
    def __init__(self, matrix, hidden=64):
        super().__init__()
        # the vectors stay as they are
        self.emb = nn.Embedding.from_pretrained(matrix, freeze=True, padding_idx=0)
        self.fc1 = nn.Linear(matrix.size(1), hidden)
        self.drop = nn.Dropout(0.3)
        self.fc2 = nn.Linear(hidden, 4)

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True).clamp(min=1)
        pooled = self.emb(x).sum(1) / n.sqrt()
        return self.fc2(self.drop(F.relu(self.fc1(pooled))))


class Trainer:
    def __init__(self, cfg, model, train, valid):
        self.cfg, self.model, self.train, self.valid = cfg, model, train, valid
        self.opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)

    def evaluate(self, xy):
        self.model.eval()
        with torch.no_grad():
            out = self.model(xy[0])
        return F.cross_entropy(out, xy[1]).item(), (out.argmax(1) == xy[1]).float().mean().item()

    def fit(self):
        x, y = self.train
        for epoch in range(self.cfg.epochs):
            self.model.train()
            for pick in torch.randperm(len(x)).split(self.cfg.batch):
                loss = F.cross_entropy(self.model(x[pick]), y[pick])
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
            if epoch % 2 == 1:
                print(epoch + 1, "train %.3f %.3f" % self.evaluate(self.train), "valid %.3f %.3f" % self.evaluate(self.valid))


if __name__ == "__main__":
    cfg = Config()
    random.seed(cfg.seed)
    torch.manual_seed(cfg.seed)
    rows = load_lines(cfg)
    random.shuffle(rows)
    vocab = Vocabulary([t for t, _ in rows])
    x = torch.tensor([vocab.encode(t, cfg.max_len) for t, _ in rows])
    y = torch.tensor([l for _, l in rows])
    cut = len(rows) - 1200
    trainer = Trainer(cfg, LineNet(glove_matrix(cfg, vocab)), (x[:cut], y[:cut]), (x[cut:], y[cut:]))
    trainer.fit()
    print("final valid accuracy %.3f" % trainer.evaluate(trainer.valid)[1])
