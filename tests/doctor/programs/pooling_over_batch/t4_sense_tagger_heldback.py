"""Word sense tagging with a sentence-level context vector.

Each ambiguous lemma takes a sense that is decided by the domain of the sentence it stands in.
The tagger reads every token together with one summary vector.
"""
import random
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence

DOMAINS = ["finance", "river", "music", "sport", "law"]
N_CUES, N_LEMMAS, N_FUNC, N_SENSES = 18, 15, 40, 3


@dataclass
class Config:
    dim: int = 32
    hidden: int = 48
    lr: float = 4e-3
    batch: int = 50
    epochs: int = 14
    seed: int = 11


class Lexicon:
    def __init__(self, rng):
        words = ["<pad>"]
        self.func = self._extend(words, [f"f{i}" for i in range(N_FUNC)])
        self.cues = {d: self._extend(words, [f"{d}_{i}" for i in range(N_CUES)]) for d in DOMAINS}
        self.lemmas = self._extend(words, [f"amb{i}" for i in range(N_LEMMAS)])
        self.size = len(words)
        self.sense = {(a, d): rng.randint(1, N_SENSES) for a in self.lemmas for d in DOMAINS}

    @staticmethod
    def _extend(words, new):
        start = len(words)
        words.extend(new)
        return list(range(start, len(words)))

    def sentence(self, rng):
        domain = rng.choice(DOMAINS)
        toks = rng.sample(self.cues[domain], 3) + rng.sample(self.lemmas, rng.randint(2, 4))
        toks += [rng.choice(self.func) for _ in range(rng.randint(3, 7))]
        rng.shuffle(toks)
        return tuple(toks), tuple(self.sense.get((t, domain), 0) for t in toks)


class SenseTagger(nn.Module):
    def __init__(self, vocab, cfg):
        super().__init__()
        self.emb = nn.Embedding(vocab, cfg.dim, padding_idx=0)
        self.proj = nn.Linear(cfg.dim, cfg.hidden)
        self.head = nn.Sequential(nn.Linear(2 * cfg.hidden, cfg.hidden), nn.ReLU(), nn.Linear(cfg.hidden, N_SENSES + 1))

    def forward(self, ids):
        keep = (ids != 0).unsqueeze(-1).float()
        h = torch.tanh(self.proj(self.emb(ids)))
        # fault:
        summary = (h * keep).sum(0) / keep.sum(0).clamp(min=1)
        # mended:
        #summary = (h * keep).sum(1, keepdim=True) / keep.sum(1, keepdim=True)
        # end
        return self.head(torch.cat([h, summary.expand_as(h)], dim=-1))


def batches(data, size, rng=None):
    order = list(range(len(data)))
    if rng is not None:
        rng.shuffle(order)
    for i in range(0, len(order), size):
        rows = [data[j] for j in order[i:i + size]]
        yield (pad_sequence([torch.tensor(r[0]) for r in rows], batch_first=True),
               pad_sequence([torch.tensor(r[1]) for r in rows], batch_first=True, padding_value=-100))


@torch.no_grad()
def evaluate(model, data, batch):
    model.eval()
    hit = total = 0
    losses = []
    for ids, tags in batches(data, batch):
        out = model(ids)
        losses.append(F.cross_entropy(out.flatten(0, 1), tags.flatten(), ignore_index=-100).item())
        amb = tags > 0
        hit += (out.argmax(-1)[amb] == tags[amb]).sum().item()
        total += amb.sum().item()
    return hit / total, sum(losses) / len(losses)


def main(cfg):
    rng = random.Random(cfg.seed)
    torch.manual_seed(cfg.seed)
    lex = Lexicon(rng)
    pool = {}
    while len(pool) < 2000:
        toks, tags = lex.sentence(rng)
        pool[toks] = tags
    pool = list(pool.items())
    train, test = pool[:1600], pool[1600:]
    model = SenseTagger(lex.size, cfg)
    opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    for epoch in range(cfg.epochs):
        model.train()
        for ids, tags in batches(train, cfg.batch, rng):
            loss = F.cross_entropy(model(ids).flatten(0, 1), tags.flatten(), ignore_index=-100)
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch % 3 == 1 or epoch == cfg.epochs - 1:
            acc, dev = evaluate(model, test, cfg.batch)
            print(f"epoch {epoch:2d}  train loss {loss.item():.3f}  test loss {dev:.3f}  sense accuracy {acc:.3f}")


if __name__ == "__main__":
    main(Config())
