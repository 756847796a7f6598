"""Toy glossing: verb-medial source clauses to verb-final target clauses.  GRU encoder-decoder with dot attention,
label smoothing, accumulated gradients and an exponential moving average that is used for decoding."""
import copy
import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

PAD, BOS, EOS, UNK = range(4)


@dataclass
class S2SConfig:
    dim: int = 48
    lr: float = 8e-3
    epochs: int = 10
    micro_batch: int = 50
    accumulate: int = 2
    smoothing: float = 0.05
    ema: float = 0.95
    n_train: int = 1600
    n_test: int = 200
    seed: int = 31


def clause(rng):
    who, what, how, act = ([f"{k}{i}" for i in range(n)] for k, n in (("n", 25), ("n", 25), ("a", 12), ("v", 18)))
    subject = ([rng.choice(how)] if rng.random() < 0.4 else []) + [rng.choice(who)]
    obj = ([rng.choice(how)] if rng.random() < 0.4 else []) + [rng.choice(what)]
    verb = rng.choice(act)
    source = subject + [verb] + obj
    flip = lambda phrase: [w.upper() for w in reversed(phrase)]
    target = flip(subject) + flip(obj) + [verb.upper()]
    if rng.random() < 0.3:
        source, target = source + ["not"], target + ["NEG"]
    return source, target


class Vocabulary(dict):
    def __init__(self, sequences):
        super().__init__({"<pad>": PAD, "<s>": BOS, "</s>": EOS, "<unk>": UNK})
        for s in sequences:
            for w in s:
                self.setdefault(w, len(self))

    def ids(self, words):
        return [self.get(w, UNK) for w in words]


def stack(rows):
    width = max(map(len, rows))
    return torch.tensor([r + [PAD] * (width - len(r)) for r in rows])


class EncoderDecoder(nn.Module):
    def __init__(self, n_src, n_tgt, d):
        super().__init__()
        self.src = nn.Embedding(n_src, d, padding_idx=PAD)
        self.tgt = nn.Embedding(n_tgt, d, padding_idx=PAD)
        self.encoder = nn.GRU(d, d // 2, batch_first=True, bidirectional=True)
        self.decoder = nn.GRU(d, d, batch_first=True)
        self.mix = nn.Linear(2 * d, d)
        self.out = nn.Linear(d, n_tgt)

    def encode(self, x):
        lengths = (x != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.src(x), lengths, batch_first=True, enforce_sorted=False)
        memory, h = self.encoder(packed)
        memory, _ = nn.utils.rnn.pad_packed_sequence(memory, batch_first=True, total_length=x.size(1))
        return memory, torch.cat([h[0], h[1]], -1).unsqueeze(0)

    def decode(self, y, memory, state, x):
        s, state = self.decoder(self.tgt(y), state)
        attention = s @ memory.transpose(1, 2)
        attention = attention.masked_fill((x == PAD).unsqueeze(1), -1e9).softmax(-1)
        return self.out(torch.tanh(self.mix(torch.cat([s, attention @ memory], -1)))), state

    @torch.no_grad()
    def greedy(self, x, limit=12):
        memory, state = self.encode(x)
        token, done, result = torch.full((len(x), 1), BOS), torch.zeros(len(x), dtype=torch.bool), []
        for _ in range(limit):
            logits, state = self.decode(token, memory, state, x)
            token = logits[:, -1:].argmax(-1)
            token = token.masked_fill(done.unsqueeze(1), PAD)
            result.append(token)
            done |= token.squeeze(1) == EOS
            if done.all():
                break
        return torch.cat(result, 1)


def exact_match(model, pairs):
    model.eval()
    produced = model.greedy(stack([s for s, _ in pairs])).tolist()
    return sum([i for i in p if i != PAD] == t + [EOS] for p, (_, t) in zip(produced, pairs)) / len(pairs)


def main():
    cfg = S2SConfig()
    rng = random.Random(cfg.seed)
    torch.manual_seed(cfg.seed)
    pairs, seen = [], set()
    while len(pairs) < cfg.n_train + cfg.n_test:
        s, t = clause(rng)
        if tuple(s) not in seen:
            seen.add(tuple(s))
            pairs.append((s, t))
    train, test = pairs[:cfg.n_train], pairs[cfg.n_train:]
    sv, tv = Vocabulary(s for s, _ in train), Vocabulary(t for _, t in train)
    train, test = ([(sv.ids(s), tv.ids(t)) for s, t in part] for part in (train, test))
    model = EncoderDecoder(len(sv), len(tv), cfg.dim)
    average = copy.deepcopy(model).requires_grad_(False)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    for epoch in range(cfg.epochs):
        model.train()
        rng.shuffle(train)
        running, n = 0.0, 0
        for k, i in enumerate(range(0, len(train), cfg.micro_batch), 1):
            part = train[i:i + cfg.micro_batch]
            x, y_in, y_out = (stack(r) for r in ([s for s, _ in part], [[BOS] + t for _, t in part], [t + [EOS] for _, t in part]))
            logits, _ = model.decode(y_in, *model.encode(x), x)
            loss = F.cross_entropy(logits.flatten(0, 1), y_out.flatten(), ignore_index=PAD, label_smoothing=cfg.smoothing)
            (loss / cfg.accumulate).backward()
            running, n = running + loss.item(), n + 1
            if k % cfg.accumulate == 0:
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                optimizer.zero_grad()
                with torch.no_grad():
                    for slow, fast in zip(average.parameters(), model.parameters()):
                        slow.lerp_(fast, 1 - cfg.ema)
        print(f"epoch {epoch + 1:2d}  loss {running / n:.3f}  exact match, averaged weights, greedy: {exact_match(average, test):.3f}")


if __name__ == "__main__":
    main()
