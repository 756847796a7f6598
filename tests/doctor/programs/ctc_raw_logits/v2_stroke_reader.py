"""Read short words from a noisy pen trace (toy handwriting, one feature vector per frame)."""
import dataclasses
import random

import numpy as np
import torch
from torch import nn


@dataclasses.dataclass
class Config:
    letters: str = "aeiklmnorst"
    feat: int = 10
    hidden: int = 64
    n_train: int = 1600
    n_test: int = 300
    batch: int = 40
    epochs: int = 5
    lr: float = 4e-3
    seed: int = 5


class PenTraces:
    """Every letter is drawn in 2 to 4 frames around its prototype, with a lift of the pen between letters now and then."""

    def __init__(self, cfg):
        self.cfg = cfg
        self.rng = np.random.default_rng(cfg.seed)
        self.proto = self.rng.normal(0, 1.2, (len(cfg.letters) + 1, cfg.feat))

    def word(self):
        n = int(self.rng.integers(3, 7))
        return "".join(self.rng.choice(list(self.cfg.letters), n))

    def draw(self, word):
        frames = []
        for ch in word:
            k = self.cfg.letters.index(ch) + 1
            frames += [self.proto[k]] * int(self.rng.integers(2, 5))
            frames += [self.proto[0]] * int(self.rng.integers(1, 3))
        trace = np.stack(frames)
        return torch.tensor(trace + self.rng.normal(0, 0.6, trace.shape), dtype=torch.float32)

    def make(self, n):
        words = [self.word() for _ in range(n)]
        return [(self.draw(w), w) for w in words]


class Reader(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.front = nn.Conv1d(cfg.feat, cfg.hidden, 3, padding=1)
        self.mid = nn.Conv1d(cfg.hidden, cfg.hidden, 3, padding=1)
        self.out = nn.Linear(cfg.hidden, len(cfg.letters) + 1)

    def forward(self, x):                       # (B, T, F) -> (T, B, C)
        h = torch.relu(self.front(x.transpose(1, 2)))
        h = torch.relu(self.mid(h))
        return self.out(h.permute(2, 0, 1))


class Trainer:
    def __init__(self, cfg):
        torch.manual_seed(cfg.seed)
        random.seed(cfg.seed)
        data = PenTraces(cfg)
        self.cfg, self.train, self.test = cfg, data.make(cfg.n_train), data.make(cfg.n_test)
        self.net = Reader(cfg)
        self.ctc = nn.CTCLoss(blank=0)
        self.opt = torch.optim.Adam(self.net.parameters(), lr=cfg.lr)

    def batches(self, rows, shuffle):
        order = list(range(len(rows)))
        if shuffle:
            random.shuffle(order)
        for i in range(0, len(order), self.cfg.batch):
            part = [rows[j] for j in order[i:i + self.cfg.batch]]
            lens = torch.tensor([len(t) for t, _ in part])
            x = nn.utils.rnn.pad_sequence([t for t, _ in part], batch_first=True)
            y = torch.tensor([self.cfg.letters.index(c) + 1 for _, w in part for c in w])
            yield x, lens, y, torch.tensor([len(w) for _, w in part]), [w for _, w in part]

    def loss_on(self, x, lens, y, ylens):
        scores = self.net(x)
        # fault:
        return self.ctc(scores, y, lens, ylens)
        # mended:
        # return self.ctc(scores.log_softmax(-1), y, lens, ylens)
        # end

    def read(self, x, lens):
        best = self.net(x).argmax(-1).t()
        for row, n in zip(best, lens):
            path = torch.unique_consecutive(row[:n]).tolist()
            yield "".join(self.cfg.letters[k - 1] for k in path if k)

    def evaluate(self):
        self.net.eval()
        right = 0
        with torch.no_grad():
            for x, lens, _, _, words in self.batches(self.test, False):
                right += sum(a == b for a, b in zip(self.read(x, lens), words))
        self.net.train()
        return right / len(self.test)

    def fit(self):
        for epoch in range(self.cfg.epochs):
            total = []
            for x, lens, y, ylens, _ in self.batches(self.train, True):
                loss = self.loss_on(x, lens, y, ylens)
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                total.append(loss.item())
            print(f"epoch {epoch}: loss {np.mean(total):.3f}, words read right {self.evaluate():.3f}")


Trainer(Config()).fit()
