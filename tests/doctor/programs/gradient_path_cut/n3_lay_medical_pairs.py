"""Do a patient's note and a clinic's note describe the same complaints? Siamese GRU, matching head over |u-v| and u*v."""
import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

LAY = {"cephalgia": "headache", "emesis": "vomiting", "pyrexia": "fever", "pruritus": "itching", "dyspnea": "breathless", "epistaxis": "nosebleed",
       "vertigo": "dizzy", "insomnia": "sleepless", "dysphagia": "swallowing", "edema": "swelling", "fatigue": "tired"}
CLINIC = list(LAY)
LAY_FILL = "i have had since yesterday my bad very some again and a lot of".split()
CLINIC_FILL = "patient reports presents with acute chronic mild onset denies history".split()


@dataclass
class MatchConfig:
    dim: int = 24
    hidden: int = 24
    lr: float = 8e-3
    batch: int = 50
    epochs: int = 5
    seed: int = 17


def note(terms, filler, rng):
    words = []
    for t in terms:
        words += rng.sample(filler, rng.choice([1, 2])) + [t]
    return tuple(words)


def pairs(n, rng):
    seen, rows = set(), []
    while len(rows) < n:
        terms = rng.sample(CLINIC, 2)
        same = rng.random() < .5
        other = list(terms)
        if not same:
            other[rng.randrange(2)] = rng.choice([c for c in CLINIC if c not in terms])
        rng.shuffle(other)
        row = (note([LAY[t] for t in terms], LAY_FILL, rng), note(other, CLINIC_FILL, rng), int(same))
        if row not in seen:
            seen.add(row)
            rows.append(row)
    return rows


class Encoder(nn.Module):
    def __init__(self, cfg, n_words):
        super().__init__()
        self.words = nn.Embedding(n_words, cfg.dim, padding_idx=0)
        self.gru = nn.GRU(cfg.dim, cfg.hidden, batch_first=True, bidirectional=True)

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.words(ids), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return torch.cat([h[0], h[1]], dim=1)


class Matcher(nn.Module):
    def __init__(self, cfg, n_words):
        super().__init__()
        self.encoder = Encoder(cfg, n_words)
        self.head = nn.Sequential(nn.Linear(4 * cfg.hidden, 48), nn.ReLU(), nn.Linear(48, 1))

    def features(self, a, b):
        u, v = self.encoder(*a), self.encoder(*b)
        # fault:
        return torch.cat([(u - v).abs(), u * v], dim=1).detach()
        # mended:
        #return torch.cat([(u - v).abs(), u * v], dim=1)
        # end

    def forward(self, a, b):
        return self.head(self.features(a, b)).squeeze(1)


def tensors(notes, vocab):
    lengths = torch.tensor([len(n) for n in notes])
    ids = torch.zeros(len(notes), int(lengths.max()), dtype=torch.long)
    for r, n in enumerate(notes):
        ids[r, :len(n)] = torch.tensor([vocab.get(w, 1) for w in n])
    return ids, lengths


class MatchTrainer:
    def __init__(self, cfg, model, vocab):
        self.cfg, self.model, self.vocab = cfg, model, vocab
        self.opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)

    def forward(self, rows):
        a, b, y = zip(*rows)
        return self.model(tensors(a, self.vocab), tensors(b, self.vocab)), torch.tensor(y, dtype=torch.float)

    def train_epoch(self, rows, rng):
        self.model.train()
        rng.shuffle(rows)
        total = count = 0
        for k in range(0, len(rows), self.cfg.batch):
            logits, y = self.forward(rows[k:k + self.cfg.batch])
            loss = F.binary_cross_entropy_with_logits(logits, y)
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
            total, count = total + loss.item(), count + 1
        return total / count

    @torch.no_grad()
    def evaluate(self, rows):
        self.model.eval()
        logits, y = self.forward(rows)
        return ((logits > 0) == (y > 0.5)).float().mean().item()


if __name__ == "__main__":
    cfg = MatchConfig()
    torch.manual_seed(cfg.seed)
    rng = random.Random(cfg.seed)
    rows = pairs(2700, rng)
    train, dev = rows[:2300], rows[2300:]
    vocab = {w: i for i, w in enumerate(sorted({w for a, b, _ in train for w in a + b}), 2)}
    trainer = MatchTrainer(cfg, Matcher(cfg, len(vocab) + 2), vocab)
    for epoch in range(cfg.epochs):
        loss = trainer.train_epoch(train, rng)
        print(f"epoch {epoch} loss {loss:.4f} dev accuracy {trainer.evaluate(dev):.4f}")
    print(f"train {trainer.evaluate(train[:800]):.4f} dev {trainer.evaluate(dev):.4f}")
