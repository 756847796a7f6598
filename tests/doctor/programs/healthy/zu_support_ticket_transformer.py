#!/usr/bin/env python
"""Route support tickets to one of four teams with a small Transformer encoder (text is generated)."""
import argparse
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

TEAM = {
    "billing": "invoice refund charged payment card price receipt subscription".split(),
    "login": "password locked account username code verify signin reset".split(),
    "delivery": "parcel courier late address package shipped lost tracking".split(),
    "bug": "crash error freeze screen button version slow install".split(),
}
COMMON = "the my i is a to please help again since yesterday have was not with your it and on for".split()


def ticket(rng):
    y = rng.randrange(len(TEAM))
    names = list(TEAM)
    words = [rng.choice(COMMON) for _ in range(rng.randint(4, 11))]
    for _ in range(rng.randint(2, 4)):
        words.insert(rng.randrange(len(words) + 1), rng.choice(TEAM[names[y]]))
    if rng.random() < 0.4:
        words.insert(rng.randrange(len(words) + 1), rng.choice(TEAM[rng.choice(names)]))
    return words, y


class TicketFormer(nn.Module):
    def __init__(self, vocab, dim, heads, classes, max_len):
        super().__init__()
        self.tok = nn.Embedding(vocab, dim, padding_idx=0)
        self.pos = nn.Parameter(torch.randn(max_len, dim) * 0.02)
        layer = nn.TransformerEncoderLayer(dim, heads, 2 * dim, dropout=0.1, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1, norm=nn.LayerNorm(dim), enable_nested_tensor=False)
        self.head = nn.Linear(dim, classes)

    def forward(self, ids):
        h = self.tok(ids) + self.pos[: ids.size(1)]
        h = self.encoder(h, src_key_padding_mask=ids.eq(0))
        return self.head(h[:, 0])                       # the [CLS] place


def main(argv=()):
    parser = argparse.ArgumentParser()
    parser.add_argument("--dim", type=int, default=32)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=77)
    args = parser.parse_args(list(argv))
    rng = random.Random(args.seed)
    torch.manual_seed(args.seed)

    stoi = {w: i for i, w in enumerate(["[PAD]", "[CLS]"] + COMMON + sum(TEAM.values(), []))}
    max_len = 17

    def dataset(n):
        x, y = torch.zeros(n, max_len, dtype=torch.long), torch.zeros(n, dtype=torch.long)
        for i in range(n):
            words, y[i] = ticket(rng)
            x[i, : len(words) + 1] = torch.tensor([1] + [stoi[w] for w in words])
        return TensorDataset(x, y)

    train, valid = dataset(2000), dataset(500)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = TicketFormer(len(stoi), args.dim, args.heads, len(TEAM), max_len).to(device)
    optim = torch.optim.AdamW(model.parameters(), lr=args.lr)
    loader = DataLoader(train, batch_size=40, shuffle=True)
    total = args.epochs * len(loader)
    warmup = torch.optim.lr_scheduler.LambdaLR(optim, lambda s: min((s + 1) / 20, 1 - s / (total + 1)))

    def accuracy(data):
        model.eval()
        with torch.no_grad():
            return sum((model(x.to(device)).argmax(-1).cpu() == y).sum().item() for x, y in DataLoader(data, 250)) / len(data)

    for epoch in range(args.epochs):
        model.train()
        mean = 0.0
        for x, y in loader:
            optim.zero_grad()
            loss = nn.functional.cross_entropy(model(x.to(device)), y.to(device), label_smoothing=0.05)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optim.step()
            warmup.step()
            mean += loss.item() / len(loader)
        print(f"epoch {epoch + 1}/{args.epochs} loss {mean:.4f} train {accuracy(train):.3f} valid {accuracy(valid):.3f}")


if __name__ == "__main__":
    main()
