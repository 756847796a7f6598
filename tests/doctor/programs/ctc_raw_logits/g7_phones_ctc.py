"""Toy speech recognition: a stream of codebook units (as from a quantiser) -> phones, with CTC.

Each phone lasts a few frames and emits units out of its own little group; silence in between now and then."""
import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class Config:
    phones: int = 10
    units: int = 36
    train: int = 1600
    dev: int = 200
    batch: int = 40
    epochs: int = 9
    emb: int = 16
    hidden: int = 32
    lr: float = 1e-2
    seed: int = 21


class UnitWorld:
    def __init__(self, cfg, rng):
        self.cfg, self.rng = cfg, rng
        units = list(range(1, cfg.units))
        rng.shuffle(units)
        self.silence = units[:3]
        rest = units[3:]
        self.of = {p: rest[3 * (p - 1):3 * p] for p in range(1, cfg.phones + 1)}

    def utterance(self):
        r = self.rng
        phones, frames = [], []
        for _ in range(r.randint(3, 6)):
            p = r.randint(1, self.cfg.phones)
            if phones and phones[-1] == p:
                frames += [r.choice(self.silence)]
            phones.append(p)
            frames += [r.choice(self.of[p]) if r.random() > 0.05 else r.randrange(1, self.cfg.units) for _ in range(r.randint(2, 4))]
            if r.random() < 0.3:
                frames += [r.choice(self.silence)] * r.randint(1, 2)
        return frames, phones


class Acoustic(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.units = nn.Embedding(cfg.units, cfg.emb, padding_idx=0)
        self.conv = nn.Conv1d(cfg.emb, cfg.hidden, 3, padding=1)
        self.rnn = nn.GRU(cfg.hidden, cfg.hidden, batch_first=True)
        self.proj = nn.Linear(cfg.hidden, cfg.phones + 1)

    def forward(self, x):
        h = F.relu(self.conv(self.units(x).transpose(1, 2))).transpose(1, 2)
        return self.proj(self.rnn(h)[0])


def collate(rows):
    xs = nn.utils.rnn.pad_sequence([torch.tensor(f) for f, _ in rows], batch_first=True)
    xl = torch.tensor([len(f) for f, _ in rows])
    ys = torch.cat([torch.tensor(p) for _, p in rows])
    yl = torch.tensor([len(p) for _, p in rows])
    return xs, xl, ys, yl


def edit_distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        prev, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            prev, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, prev + (x != y))
    return row[-1]


def best_path(ids):
    out, last = [], 0
    for i in ids:
        if i != last and i != 0:
            out.append(i)
        last = i
    return out


@torch.no_grad()
def phone_error_rate(model, rows):
    model.eval()
    xs, xl, _, _ = collate(rows)
    ids = model(xs).argmax(-1)
    errors = sum(edit_distance(best_path(ids[k, :xl[k]].tolist()), p) for k, (_, p) in enumerate(rows))
    return errors / sum(len(p) for _, p in rows)


def main(cfg):
    torch.manual_seed(cfg.seed)
    rng = random.Random(cfg.seed)
    world = UnitWorld(cfg, rng)
    seen, rows = set(), []
    while len(rows) < cfg.train + cfg.dev:
        f, p = world.utterance()
        if tuple(f) not in seen:
            seen.add(tuple(f))
            rows.append((f, p))
    train, dev = rows[:cfg.train], rows[cfg.train:]
    model = Acoustic(cfg)
    ctc = nn.CTCLoss(blank=0)
    opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    for epoch in range(cfg.epochs):
        model.train()
        rng.shuffle(train)
        mean = 0.0
        for i in range(0, len(train), cfg.batch):
            xs, xl, ys, yl = collate(train[i:i + cfg.batch])
            # fault:
            scores = model(xs).transpose(0, 1)
            # mended:
            #scores = model(xs).log_softmax(-1).transpose(0, 1)
            # end
            loss = ctc(scores, ys, xl, yl)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            opt.step()
            mean += loss.item() * cfg.batch / len(train)
        print(f"epoch {epoch} loss {mean:.3f} PER train {phone_error_rate(model, train[:200]):.3f} dev {phone_error_rate(model, dev):.3f}")


if __name__ == "__main__":
    main(Config())
