"""Route helpdesk tickets to one of eight queues; one fold of a stratified five-fold split is held out."""
import argparse
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import StratifiedKFold

QUEUES = ["billing", "network", "printer", "account", "hardware", "licence", "travel", "payroll"]


@dataclass
class Config:
    n_tickets: int = 3000
    own_words: int = 260
    shared_words: int = 500
    own_share: float = 0.30
    dim: int = 32
    dropout: float = 0.3
    lr: float = 6e-3
    weight_decay: float = 0.02
    epochs: int = 8
    batch_size: int = 64
    folds: int = 5
    fold: int = 0
    seed: int = 40


def zipf(n, power=1.0):
    p = 1.0 / np.arange(1, n + 1) ** power
    return p / p.sum()


def make_tickets(cfg, rng):
    """A ticket mixes the words of its queue with office talk; both follow a Zipf law."""
    p_own, p_shared = zipf(cfg.own_words, 0.8), zipf(cfg.shared_words)
    tickets, queues, seen = [], [], set()
    while len(tickets) < cfg.n_tickets:
        queue = int(rng.integers(len(QUEUES)))
        words = []
        for _ in range(rng.integers(6, 14)):
            if rng.random() < cfg.own_share:
                words.append(f"{QUEUES[queue]}_{rng.choice(cfg.own_words, p=p_own)}")
            else:
                words.append(f"office_{rng.choice(cfg.shared_words, p=p_shared)}")
        if tuple(words) not in seen:
            seen.add(tuple(words))
            tickets.append(words)
            queues.append(queue)
    return tickets, np.array(queues)


class Encoder:
    def __init__(self, tickets):
        self.ids = {"<pad>": 0, "<unk>": 1}
        for words in tickets:
            for w in words:
                self.ids.setdefault(w, len(self.ids))

    def __call__(self, tickets):
        width = max(map(len, tickets))
        return torch.tensor([[self.ids.get(w, 1) for w in t] + [0] * (width - len(t)) for t in tickets])


class Router(nn.Module):
    def __init__(self, n_words, cfg):
        super().__init__()
        self.emb = nn.Embedding(n_words, cfg.dim, padding_idx=0)
        nn.init.normal_(self.emb.weight, std=0.1)
        self.emb.weight.data[:2].zero_()
        self.drop = nn.Dropout(cfg.dropout)
        self.out = nn.Linear(cfg.dim, len(QUEUES))

    def forward(self, ids):
        summed = self.emb(ids).sum(1)
        return self.out(self.drop(torch.tanh(summed / (ids != 0).sum(1, keepdim=True).sqrt())))


def split(queues, cfg):
    folds = [held for _, held in StratifiedKFold(cfg.folds, shuffle=True, random_state=cfg.seed).split(queues, queues)]
    held_out = folds[cfg.fold]
    # fault:
    rest = np.concatenate(folds)
    # mended:
    #rest = np.concatenate([f for k, f in enumerate(folds) if k != cfg.fold])
    # end
    return rest, held_out


def fit(model, x, y, cfg):
    opt = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=cfg.weight_decay)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, cfg.epochs)
    for epoch in range(cfg.epochs):
        model.train()
        total = 0.0
        for idx in torch.randperm(len(y)).split(cfg.batch_size):
            loss = nn.functional.cross_entropy(model(x[idx]), y[idx], label_smoothing=0.05)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        sched.step()
        print(f"epoch {epoch + 1} loss {total / len(y):.4f}")


@torch.no_grad()
def report(name, model, x, y):
    model.eval()
    logits = model(x)
    pred = logits.argmax(1).numpy()
    print(f"{name} accuracy {accuracy_score(y, pred):.4f} macro f1 {f1_score(y, pred, average='macro'):.4f} "
          f"loss {nn.functional.cross_entropy(logits, y):.4f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fold", type=int, default=Config.fold)
    cfg = Config(fold=parser.parse_args().fold)
    torch.manual_seed(cfg.seed)
    tickets, queues = make_tickets(cfg, np.random.default_rng(cfg.seed))
    rest, held_out = split(queues, cfg)
    encode = Encoder([tickets[i] for i in rest])
    x, y = encode([tickets[i] for i in rest]), torch.from_numpy(queues[rest])
    hx, hy = encode([tickets[i] for i in held_out]), torch.from_numpy(queues[held_out])
    print(f"{len(y)} tickets to learn from, {len(hy)} held out, {len(encode.ids)} words")
    model = Router(len(encode.ids), cfg)
    fit(model, x, y, cfg)
    report("training", model, x, y)
    report("held-out", model, hx, hy)


if __name__ == "__main__":
    main()
