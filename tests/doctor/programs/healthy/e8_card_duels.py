# Card game bot: predict the next play in a duel from the plays so far (input and output table tied)
import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

SUITS, RANKS = "fwae", range(1, 7)          # fire water air earth
CARDS = [s + str(r) for s in SUITS for r in RANKS]
ID = {c: i for i, c in enumerate(CARDS)}
BEATS = {"f": "w", "w": "a", "a": "e", "e": "f"}


def duel(rng, n=12):
    plays = [rng.choice(CARDS)]
    while len(plays) < n:
        last = plays[-1]
        if rng.random() < 0.1:
            plays.append(rng.choice(CARDS))
            continue
        # players answer with the beating suit, and two ranks above, or fall back to the lowest ones
        rank = int(last[1]) + 2
        plays.append(BEATS[last[0]] + str(rank if rank <= 6 else rank - 6))
    return tuple(ID[c] for c in plays)


class DuelNet(nn.Module):
    def __init__(self, n_cards, n_pos, d=32):
        super().__init__()
        self.cards = nn.Embedding(n_cards + 1, d)               # the last id opens the game
        self.place = nn.Parameter(torch.randn(n_pos, d) * 0.1)
        self.qkv = nn.Linear(d, 3 * d)
        self.mix = nn.Linear(d, d)
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))
        self.head = nn.Linear(d, n_cards + 1)
        self.head.weight = self.cards.weight
        nn.init.normal_(self.cards.weight, std=d ** -0.5)
        self.register_buffer("past", torch.ones(n_pos, n_pos).tril().bool())

    def forward(self, ids):
        t = ids.size(1)
        x = self.cards(ids) + self.place[:t]
        q, k, v = self.qkv(self.norm1(x)).chunk(3, dim=-1)
        att = q @ k.transpose(1, 2) / math.sqrt(q.size(-1))
        att = att.masked_fill(~self.past[:t, :t], float("-inf")).softmax(-1)
        x = x + self.mix(att @ v)
        x = x + self.ff(self.norm2(x))
        return self.head(x)


def batches(rows, size, shuffle):
    order = torch.randperm(len(rows)) if shuffle else torch.arange(len(rows))
    for part in order.split(size):
        yield rows[part]


def report(net, rows):
    net.eval()
    loss = hits = n = 0
    with torch.no_grad():
        for b in batches(rows, 256, False):
            out = net(b[:, :-1])
            loss += F.cross_entropy(out.flatten(0, 1), b[:, 1:].flatten(), reduction="sum").item()
            hits += (out.argmax(-1) == b[:, 1:])[:, 1:].sum().item()
            n += b[:, 1:].numel()
    return math.exp(loss / n), hits / (n * (b.size(1) - 2) / (b.size(1) - 1))


if __name__ == "__main__":
    torch.manual_seed(4)
    rng = random.Random(4)
    games = set()
    while len(games) < 1500:
        games.add(duel(rng))
    games = sorted(games)
    rng.shuffle(games)
    data = torch.tensor(games)
    data = torch.cat([torch.full((len(data), 1), len(CARDS)), data], dim=1)
    train, dev = data[:1200], data[1200:]
    net = DuelNet(len(CARDS), data.size(1))
    opt = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=0.01)
    epochs = 8
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs * math.ceil(len(train) / 40))
    for epoch in range(epochs):
        net.train()
        for b in batches(train, 40, True):
            opt.zero_grad()
            loss = F.cross_entropy(net(b[:, :-1]).flatten(0, 1), b[:, 1:].flatten())
            loss.backward()
            opt.step()
            sched.step()
        print("epoch %d  train ppl %.2f acc %.3f   dev ppl %.2f acc %.3f" % (epoch, *report(net, train), *report(net, dev)))
    print("hit rate of the bot on unseen duels: %.3f (guessing: %.3f)" % (report(net, dev)[1], 1 / len(CARDS)))
