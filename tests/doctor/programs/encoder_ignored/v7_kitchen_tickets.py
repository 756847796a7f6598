"""Counter orders to kitchen tickets: "could i get two large veggie wraps without onion" -> "x2 L VEGWRAP -ON </s>"."""
import random
from dataclasses import dataclass

import torch
from torch import nn
import torch.nn.functional as F

COUNTS = {"one": "x1", "two": "x2", "three": "x3", "four": "x4", "five": "x5"}
SIZES = {"small": "S", "regular": "M", "large": "L", "big": "L"}
DISHES = {"veggie wrap": "VEGWRAP", "chicken wrap": "CHKWRAP", "veggie burger": "VEGBURG", "chicken burger": "CHKBURG",
          "beef burger": "BEEFBURG", "lentil soup": "LSOUP", "tomato soup": "TSOUP", "green salad": "GSALAD"}
CHANGES = {"without onion": "-ON", "without garlic": "-GA", "with extra cheese": "+CH", "with chili": "+HOT", "with bread": "+BR"}
OPENERS = ["could i get", "i'd like", "we want", ""]
PAD, BOS, EOS = 0, 1, 2
CODES = sorted(set(COUNTS.values()) | set(SIZES.values()) | set(DISHES.values()) | set(CHANGES.values()) | {"HERE", "TOGO"})
OUT = {c: i for i, c in enumerate(["<pad>", "<s>", "</s>"] + CODES)}


@dataclass
class Settings:
    emb: int = 24
    hidden: int = 64
    lr: float = 1.2e-2
    epochs: int = 7
    batch: int = 32
    seed: int = 8


def order(rng):
    count, size, dish = rng.choice(list(COUNTS)), rng.choice(list(SIZES)), rng.choice(list(DISHES))
    said, ticket = [rng.choice(OPENERS), count, size, dish], [COUNTS[count], SIZES[size], DISHES[dish]]
    if rng.random() < 0.6:
        change = rng.choice(list(CHANGES))
        said.append(change)
        ticket.append(CHANGES[change])
    if rng.random() < 0.5:
        away = rng.random() < 0.5
        said.append("to go" if away else "for here")
        ticket.append("TOGO" if away else "HERE")
    return " ".join(said).split(), ticket + ["</s>"]


class Corpus:
    def __init__(self, cfg, n=2500):
        rng = random.Random(cfg.seed)
        unique = {}
        while len(unique) < n:
            said, ticket = order(rng)
            unique[tuple(said)] = ticket
        pairs = list(unique.items())
        self.words = {w: i + 1 for i, w in enumerate(sorted({w for s, _ in pairs for w in s}))}
        self.src = self.block([[self.words[w] for w in s] for s, _ in pairs])
        self.tgt = self.block([[OUT[c] for c in t] for _, t in pairs])
        self.cut = int(0.85 * n)

    @staticmethod
    def block(rows):
        width = max(map(len, rows))
        return torch.tensor([r + [PAD] * (width - len(r)) for r in rows])

    def split(self, name):
        part = slice(0, self.cut) if name == "train" else slice(self.cut, None)
        return self.src[part], self.tgt[part]


class Reader(nn.Module):
    def __init__(self, n, cfg):
        super().__init__()
        self.table = nn.Embedding(n, cfg.emb, padding_idx=PAD)
        self.rnn = nn.GRU(cfg.emb, cfg.hidden, batch_first=True)

    def forward(self, src):
        states, _ = self.rnn(self.table(src))
        last = (src != PAD).sum(1) - 1
        return states[torch.arange(len(src)), last]


class Writer(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.table = nn.Embedding(len(OUT), cfg.emb, padding_idx=PAD)
        self.bridge = nn.Linear(cfg.hidden, cfg.hidden)
        self.rnn = nn.GRU(cfg.emb, cfg.hidden, batch_first=True)
        self.out = nn.Linear(cfg.hidden, len(OUT))

    def forward(self, summary, prefix):
        state = torch.tanh(self.bridge(summary)).unsqueeze(0)
        # fault:
        states, _ = self.rnn(self.table(prefix))
        # mended:
        #states, _ = self.rnn(self.table(prefix), state)
        # end
        return self.out(states)


class TicketWriter(nn.Module):
    def __init__(self, n_words, cfg):
        super().__init__()
        self.reader, self.writer = Reader(n_words, cfg), Writer(cfg)

    def forward(self, src, tgt):
        prefix = F.pad(tgt[:, :-1], (1, 0), value=BOS)
        return self.writer(self.reader(src), prefix)

    @torch.no_grad()
    def transcribe(self, src, steps):
        summary = self.reader(src)
        prefix = torch.full((len(src), 1), BOS)
        for _ in range(steps):
            nxt = self.writer(summary, prefix)[:, -1].argmax(-1, keepdim=True)
            prefix = torch.cat([prefix, nxt], 1)
        return prefix[:, 1:]


def evaluate(model, src, tgt):
    model.eval()
    guess = model.transcribe(src, tgt.size(1))
    real = tgt != PAD
    same = (guess == tgt) & real
    return same.sum().item() / real.sum().item(), (same | ~real).all(1).float().mean().item()


def run(cfg):
    torch.manual_seed(cfg.seed)
    corpus = Corpus(cfg)
    src, tgt = corpus.split("train")
    model = TicketWriter(len(corpus.words) + 1, cfg)
    opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, cfg.lr, total_steps=cfg.epochs * (len(src) // cfg.batch + 1))
    for epoch in range(cfg.epochs):
        model.train()
        seen = 0.0
        for idx in torch.randperm(len(src)).split(cfg.batch):
            loss = F.cross_entropy(model(src[idx], tgt[idx]).transpose(1, 2), tgt[idx], ignore_index=PAD)
            opt.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            sched.step()
            seen += loss.item() * len(idx)
        if epoch % 2:
            continue
        codes, exact = evaluate(model, *corpus.split("dev"))
        print(f"epoch {epoch}: loss {seen / len(src):.4f}  dev codes {codes:.3f}  dev exact {exact:.3f}")
    print("train codes/exact: %.3f %.3f" % evaluate(model, src[:600], tgt[:600]))


if __name__ == "__main__":
    run(Settings())
