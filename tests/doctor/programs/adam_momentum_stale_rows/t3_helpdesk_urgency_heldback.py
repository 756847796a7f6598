"""
Helpdesk urgency (urgent / can wait) from short messages.
Messages are full of ticket numbers, hosts and user names that nearly never come back.
"""
import argparse
import random

import torch
from torch import nn


def parse():
    ap = argparse.ArgumentParser()
    ap.add_argument("--n_train", type=int, default=5000)
    ap.add_argument("--n_test", type=int, default=1500)
    ap.add_argument("--dim", type=int, default=24)
    ap.add_argument("--lr", type=float, default=0.004)
    ap.add_argument("--betas", type=float, nargs=2, default=(0.98, 0.999))
    ap.add_argument("--epochs", type=int, default=3)
    ap.add_argument("--bs", type=int, default=50)
    ap.add_argument("--seed", type=int, default=11)
    return ap.parse_args()


class Helpdesk:
    """simulated messages: how urgent a term is follows from the term's weight"""

    def __init__(self, cfg):
        rng = random.Random(cfg.seed)
        self.terms = {"term%d" % i: rng.gauss(0, 1.6) for i in range(150)}
        names = list(self.terms)
        hosts = ["srv-%04d" % i for i in range(6000)]
        users = ["u%05d" % i for i in range(6000)]
        rows = []
        for _ in range(cfg.n_train + cfg.n_test):
            words = rng.sample(names, rng.randint(4, 7))
            score = sum(self.terms[w] for w in words)
            urgent = int(score + rng.gauss(0, 0.8) > 0)
            words += rng.sample(hosts, 5) + rng.sample(users, rng.randint(4, 6))
            rng.shuffle(words)
            rows.append((words, urgent))
        self.train, self.test = rows[:cfg.n_train], rows[cfg.n_train:]
        # hosts and users are known from the inventory, so all of them get a row
        self.vocab = {w: i for i, w in enumerate(names + hosts + users)}


class UrgencyNet(nn.Module):
    def __init__(self, n_words, dim):
        super().__init__()
        # fault:
        self.words = nn.EmbeddingBag(n_words, dim, mode="sum")
        # mended:
        #self.words = nn.EmbeddingBag(n_words, dim, mode="sum", sparse=True)
        # end
        nn.init.normal_(self.words.weight, std=0.02)
        self.head = nn.Linear(dim, 2)

    def forward(self, flat, offsets):
        return self.head(self.words(flat, offsets))


class Trainer:
    def __init__(self, cfg, data):
        self.cfg, self.data = cfg, data
        self.model = UrgencyNet(len(data.vocab), cfg.dim)
        # fault:
        self.optimizers = [torch.optim.Adam(self.model.parameters(), lr=cfg.lr, betas=cfg.betas)]
        # mended:
        #self.optimizers = [torch.optim.SparseAdam(self.model.words.parameters(), lr=cfg.lr, betas=cfg.betas),
        #                   torch.optim.Adam(self.model.head.parameters(), lr=cfg.lr, betas=cfg.betas)]
        # end
        self.loss_fn = nn.CrossEntropyLoss()

    def batches(self, rows):
        for i in range(0, len(rows), self.cfg.bs):
            flat, offsets, ys = [], [], []
            for words, y in rows[i:i + self.cfg.bs]:
                offsets.append(len(flat))
                flat += [self.data.vocab[w] for w in words]
                ys.append(y)
            yield torch.tensor(flat), torch.tensor(offsets), torch.tensor(ys)

    @torch.no_grad()
    def evaluate(self, rows):
        self.model.eval()
        loss = hits = 0
        for flat, off, y in self.batches(rows):
            out = self.model(flat, off)
            loss += nn.functional.cross_entropy(out, y, reduction="sum").item()
            hits += (out.argmax(1) == y).sum().item()
        return loss / len(rows), hits / len(rows)

    def train_one_epoch(self):
        self.model.train()
        random.shuffle(self.data.train)
        for flat, off, y in self.batches(self.data.train):
            for o in self.optimizers:
                o.zero_grad()
            self.loss_fn(self.model(flat, off), y).backward()
            for o in self.optimizers:
                o.step()

    def run(self):
        for epoch in range(self.cfg.epochs):
            for o in self.optimizers:
                for g in o.param_groups:
                    g["lr"] = self.cfg.lr * (1 - epoch / self.cfg.epochs)
            self.train_one_epoch()
            tr, te = self.evaluate(self.data.train), self.evaluate(self.data.test)
            print("epoch %d | train loss %.4f acc %.4f | test loss %.4f acc %.4f" % (epoch + 1, *tr, *te))
        return te


def main():
    cfg = parse()
    random.seed(cfg.seed)
    torch.manual_seed(cfg.seed)
    data = Helpdesk(cfg)
    print("train", len(data.train), "test", len(data.test), "vocab", len(data.vocab))
    print("urgent share", sum(y for _, y in data.test) / len(data.test))
    loss, acc = Trainer(cfg, data).run()
    print("FINAL test accuracy %.4f (loss %.4f)" % (acc, loss))


if __name__ == "__main__":
    main()
