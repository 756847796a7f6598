"""How related are two words (MEN, people's judgements)? GloVe vectors, a small net on product and difference, a Trainer class around it."""
import gzip
import os
import random

import torch
from torch import nn

ROOT = os.environ.get("WORDFIT_DATA", "../shared/data")
random.seed(5)
torch.manual_seed(5)


def read_glove(name):
    with gzip.open(f"{ROOT}/vectors/{name}", "rt", encoding="utf-8") as f:
        for line in f:
            word, rest = line.split(" ", 1)
            yield word, rest


pairs = [line.split() for line in open(f"{ROOT}/wordsim/EN-MEN-TR-3k.txt", encoding="utf-8")]
wanted = {w for a, b, _ in pairs for w in (a, b)}
stoi, vectors = {}, []
for word, rest in read_glove("glove.6B.50d.top10361.txt.gz"):
    if word in wanted:
        stoi[word] = len(vectors)
        vectors.append(torch.tensor(list(map(float, rest.split()))))
rows = [(stoi[a], stoi[b], float(s) / 50) for a, b, s in pairs if a in stoi and b in stoi]
random.shuffle(rows)
cut = int(0.75 * len(rows))
train, dev = rows[:cut], rows[cut:]
print(len(train), "pairs to train on,", len(dev), "held out")


class Related(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.words = nn.Embedding(*table.shape)
        self.words.weight.data.copy_(table)
        self.words.weight.requires_grad = False
        self.net = nn.Sequential(nn.Linear(101, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 1))

    def forward(self, a, b):
        u, v = self.words(a), self.words(b)
        cos = nn.functional.cosine_similarity(u, v).unsqueeze(1)
        return self.net(torch.cat([u * v / 4, (u - v).abs(), cos], 1)).squeeze(1)


def fresh(module):
    # fault:
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    # mended:
    # if isinstance(module, nn.Linear):
    #     nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    # end


class Trainer:
    def __init__(self, model, lr=2e-3, batch=32):
        self.model = model.apply(fresh)
        self.opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=lr, weight_decay=1e-4)
        self.batch = batch

    def fit(self, rows, dev, epochs):
        loader = torch.utils.data.DataLoader(rows, self.batch, shuffle=True)
        for epoch in range(epochs):
            self.model.train()
            total = 0.0
            for a, b, s in loader:
                loss = nn.functional.mse_loss(self.model(a, b), s.float())
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                total += loss.item() / len(loader)
            print(f"epoch {epoch} loss {total:.3f} dev correlation {self.score(dev):.3f}")

    @torch.no_grad()
    def score(self, rows):
        self.model.eval()
        a, b, s = map(torch.tensor, zip(*rows))
        return torch.corrcoef(torch.stack([self.model(a, b), s]))[0, 1].item()


Trainer(Related(torch.stack(vectors))).fit(train, dev, 15)
