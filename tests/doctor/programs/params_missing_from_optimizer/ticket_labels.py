#!/usr/bin/env python
"""Multi-label tagging of support tickets (component labels)."""
import argparse
import logging
import math
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
log = logging.getLogger("tickets")

COMPONENTS = ["billing", "search", "mobile", "export", "login", "api"]
SYL = "ba ko re li mu ta ne so vi du pa zo gri stel fra wen".split()


def make_words(n, rnd):
    seen = set()
    while len(seen) < n:
        seen.add("".join(rnd.choice(SYL) for _ in range(rnd.randint(2, 4))))
    return sorted(seen, key=lambda w: rnd.random())


class TicketData(Dataset):
    def __init__(self, n, topic_words, filler, seed):
        rnd = random.Random(seed)
        self.rows = []
        for _ in range(n):
            labels = rnd.sample(range(len(COMPONENTS)), rnd.choice([1, 1, 2, 3]))
            words = []
            for k in labels:
                words += rnd.choices(topic_words[k], k=rnd.randint(1, 2))
            words += rnd.choices(filler, k=rnd.randint(5, 9))
            rnd.shuffle(words)
            target = [1.0 if k in labels else 0.0 for k in range(len(COMPONENTS))]
            self.rows.append((words, target))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


class Collator:
    def __init__(self, vocab):
        self.vocab = vocab

    def __call__(self, rows):
        ids = [[self.vocab.get(w, 1) for w in words] for words, _ in rows]
        width = max(map(len, ids))
        return {
            "input_ids": torch.tensor([i + [0] * (width - len(i)) for i in ids]),
            "attention_mask": torch.tensor([[1] * len(i) + [0] * (width - len(i)) for i in ids]),
            "labels": torch.tensor([t for _, t in rows]),
        }


class LabelAttention(nn.Module):
    """One query per label over the words of the ticket."""

    def __init__(self, vocab_size, dim, n_labels):
        super().__init__()
        self.token_emb = nn.Embedding(vocab_size, dim, padding_idx=0)
        self.norm = nn.LayerNorm(dim)
        self.key = nn.Linear(dim, dim)
        self.query = nn.Linear(dim, n_labels, bias=False)
        self.out = nn.Linear(dim, n_labels)

    def forward(self, input_ids, attention_mask):
        x = self.norm(self.token_emb(input_ids))
        scores = self.query(torch.tanh(self.key(x)))                               # B T L
        scores = scores.masked_fill(attention_mask.unsqueeze(-1) == 0, -1e4)
        pooled = torch.einsum("btl,btd->bld", scores.softmax(1), x)
        return (pooled * self.out.weight).sum(-1) / math.sqrt(x.size(-1)) * 4 + self.out.bias


def param_groups(model, weight_decay):
    decay, no_decay = [], []
    for name, p in model.named_parameters():
        # fault:
        if name.endswith("weight") and "norm" not in name and "emb" not in name:
            decay.append(p)
        elif name.endswith("bias"):
            no_decay.append(p)
        # mended:
        # if name.endswith("weight") and "norm" not in name and "emb" not in name:
        #     decay.append(p)
        # else:
        #     no_decay.append(p)
        # end
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.0}]


def micro_f1(model, loader):
    model.eval()
    tp = fp = fn = 0
    with torch.no_grad():
        for b in loader:
            pred = model(b["input_ids"], b["attention_mask"]) > 0
            gold = b["labels"] > 0.5
            tp += (pred & gold).sum().item()
            fp += (pred & ~gold).sum().item()
            fn += (~pred & gold).sum().item()
    return 2 * tp / max(1, 2 * tp + fp + fn)


def main(argv=None):
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=8)
    ap.add_argument("--batch-size", type=int, default=32)
    ap.add_argument("--lr", type=float, default=5e-3)
    ap.add_argument("--dim", type=int, default=20)
    ap.add_argument("--weight-decay", type=float, default=0.01)
    args = ap.parse_args(argv)
    torch.manual_seed(0)

    words = make_words(620, random.Random(1))
    topic_words = [words[i * 40:(i + 1) * 40] for i in range(len(COMPONENTS))]
    filler = words[240:]
    train = TicketData(4000, topic_words, filler, seed=2)
    dev = TicketData(800, topic_words, filler, seed=3)
    vocab = {w: i + 2 for i, w in enumerate(sorted({w for ws, _ in train.rows for w in ws}))}
    col = Collator(vocab)
    train_dl = DataLoader(train, args.batch_size, shuffle=True, collate_fn=col)
    dev_dl = DataLoader(dev, 200, collate_fn=col)

    model = LabelAttention(len(vocab) + 2, args.dim, len(COMPONENTS))
    optimizer = torch.optim.AdamW(param_groups(model, args.weight_decay), lr=args.lr)
    total = args.epochs * len(train_dl)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: max(0.05, 1 - s / total))
    criterion = nn.BCEWithLogitsLoss()
    log.info("%d tickets, %d words, %d steps", len(train), len(vocab), total)

    for epoch in range(args.epochs):
        model.train()
        running = 0.0
        for b in train_dl:
            loss = criterion(model(b["input_ids"], b["attention_mask"]), b["labels"])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            scheduler.step()
            running += loss.item()
        print(f"epoch {epoch} loss {running / len(train_dl):.4f} dev micro-F1 {micro_f1(model, dev_dl):.4f}")


if __name__ == "__main__":
    main([])
