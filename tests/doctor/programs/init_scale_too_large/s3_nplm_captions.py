"""Neural probabilistic language model (Bengio 2003) on image captions, assignment 2."""
import gzip
import math
import os
import re
from collections import Counter
from dataclasses import dataclass

import torch
import torch.nn as nn


@dataclass
class Config:
    context: int = 3
    dim: int = 32
    hidden: int = 64
    vocab: int = 500
    captions: int = 3500
    epochs: int = 7
    batch: int = 256
    lr: float = 3e-3
    seed: int = 1


class CaptionData:
    def __init__(self, cfg):
        self.cfg = cfg
        base = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
        train = self.read(os.path.join(base, "train.en.gz"), cfg.captions)
        seen = {" ".join(t) for t in train}
        valid = [t for t in self.read(os.path.join(base, "val.en.gz"), 1000) if " ".join(t) not in seen]
        counts = Counter(w for t in train for w in t)
        self.itos = ["<s>", "</s>", "<unk>"] + [w for w, _ in counts.most_common(cfg.vocab - 3)]
        self.stoi = {w: i for i, w in enumerate(self.itos)}
        self.train, self.valid = self.windows(train), self.windows(valid)
        print("vocabulary", len(self.itos), "train windows", len(self.train[1]), "valid windows", len(self.valid[1]))

    @staticmethod
    def read(path, n):
        with gzip.open(path, "rt", encoding="utf-8") as f:
            return [re.findall(r"[a-z]+|,", next(f).lower()) for _ in range(n)]

    def windows(self, texts):
        xs, ys = [], []
        for t in texts:
            ids = [0] * self.cfg.context + [self.stoi.get(w, 2) for w in t] + [1]
            for k in range(self.cfg.context, len(ids)):
                xs.append(ids[k - self.cfg.context:k])
                ys.append(ids[k])
        return torch.tensor(xs), torch.tensor(ys)


class NPLM(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.C = nn.Embedding(cfg.vocab, cfg.dim)
        self.H = nn.Linear(cfg.context * cfg.dim, cfg.hidden)
        self.U = nn.Linear(cfg.hidden, cfg.vocab)
        self.drop = nn.Dropout(0.1)
        self.apply(self.init_weights)

    def init_weights(self, m):
        if isinstance(m, (nn.Linear, nn.Embedding)):
            # fault:
            nn.init.normal_(m.weight, mean=0.0, std=1.0)
            # mended:
            #nn.init.normal_(m.weight, mean=0.0, std=0.1)
            # end
        if isinstance(m, nn.Linear):
            nn.init.zeros_(m.bias)

    def forward(self, x):
        e = self.C(x).flatten(1)
        return self.U(self.drop(torch.tanh(self.H(e))))


class Trainer:
    def __init__(self, cfg, data):
        torch.manual_seed(cfg.seed)
        self.cfg, self.data = cfg, data
        self.model = NPLM(cfg)
        self.loss = nn.CrossEntropyLoss()
        self.opt = torch.optim.Adam(self.model.parameters(), lr=cfg.lr)
        self.sched = torch.optim.lr_scheduler.LambdaLR(self.opt, lambda e: 1 - 0.95 * e / cfg.epochs)

    def evaluate(self, split):
        self.model.eval()
        X, Y = split
        total, right = 0.0, 0
        with torch.no_grad():
            for x, y in zip(X.split(4096), Y.split(4096)):
                out = self.model(x)
                total += self.loss(out, y).item() * len(y)
                right += (out.argmax(1) == y).sum().item()
        return math.exp(min(20, total / len(Y))), right / len(Y)

    def run(self):
        X, Y = self.data.train
        for epoch in range(self.cfg.epochs):
            self.model.train()
            total = 0.0
            for idx in torch.randperm(len(Y)).split(self.cfg.batch):
                self.opt.zero_grad()
                loss = self.loss(self.model(X[idx]), Y[idx])
                loss.backward()
                self.opt.step()
                total += loss.item() * len(idx)
            self.sched.step()
            ppl, acc = self.evaluate(self.data.valid)
            print(f"epoch {epoch + 1} train loss {total / len(Y):.3f} valid ppl {ppl:.1f} valid acc {acc:.3f}")
        print("train ppl %.1f acc %.3f" % self.evaluate(self.data.train))
        return ppl

    def sample(self, n=3):
        self.model.eval()
        for _ in range(n):
            ids = [0] * self.cfg.context
            while len(ids) < 18 and ids[-1] != 1:
                with torch.no_grad():
                    probs = self.model(torch.tensor([ids[-self.cfg.context:]])).softmax(-1)[0]
                ids.append(torch.multinomial(probs, 1).item())
            print("  >", " ".join(self.data.itos[i] for i in ids[self.cfg.context:]))


if __name__ == "__main__":
    cfg = Config()
    print(cfg)
    data = CaptionData(cfg)
    unigram = torch.bincount(data.train[1], minlength=cfg.vocab).float().add(1)
    base = math.exp(-(unigram / unigram.sum()).log()[data.valid[1]].mean().item())
    print(f"unigram ppl {base:.1f}")
    trainer = Trainer(cfg, data)
    final = trainer.run()
    trainer.sample()
    print(f"validation perplexity: {final:.2f}")
