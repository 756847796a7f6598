"""Tiny transformer encoder for intent detection.

Reference implementation, `python train.py`; everything is controlled by CONFIG.
"""
import io
import math
import random
from dataclasses import dataclass, field

import torch
import torch.nn as nn

CONFIG = dict(seed=13, n_train=1500, n_valid=400, d_model=32, n_heads=4, n_layers=2, dropout=0.1, epochs=3,
              micro_batch=24, accum_steps=2, peak_lr=3e-3, warmup_frac=0.15, grad_clip=1.0, weight_decay=0.01)

CITIES = "oslo paris lima cairo quito delhi boston kyoto vienna dublin".split()
THINGS = "table lamp chair kettle phone jacket bike mirror".split()
INTENTS = {
    "book": ["i want to fly to {c}", "book a seat to {c} for {n} people", "get me {n} tickets from {c} to {c}"],
    "cancel": ["i do not want to fly to {c} any more", "drop my {n} tickets to {c}", "please cancel the {t} i ordered"],
    "order": ["i would like {n} of the {t}", "order a {t} and a {t}", "send {n} {t} to my home in {c}"],
    "status": ["where is my {t}", "has the {t} left {c}", "when does my flight to {c} leave"],
    "complain": ["the {t} i got is broken", "nobody in {c} answers me", "my {t} came {n} days late"],
}
FILLER = ["please", "hello", "hi there", "thanks", "um", "so", "actually", ""]


def make_split(rng, n):
    names, out = list(INTENTS), []
    for _ in range(n):
        k = rng.randrange(len(names))
        s = rng.choice(INTENTS[names[k]])
        while "{" in s:
            s = s.replace("{c}", rng.choice(CITIES), 1).replace("{t}", rng.choice(THINGS), 1).replace("{n}", str(rng.randint(2, 9)), 1)
        toks = f"{rng.choice(FILLER)} {s} {rng.choice(FILLER)}".split()
        out.append(([t for t in toks if rng.random() > 0.06] or toks, k))   # 6 % of words get lost (ASR)
    return out


class Vocab:
    def __init__(self, rows):
        self.index = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2}
        for toks, _ in rows:
            for t in toks:
                self.index.setdefault(t, len(self.index))

    def encode(self, toks):
        return [2] + [self.index.get(t, 1) for t in toks]


class Encoder(nn.Module):
    def __init__(self, cfg, n_words, n_out):
        super().__init__()
        d = cfg["d_model"]
        self.d = d
        self.tok = nn.Embedding(n_words, d, padding_idx=0)
        nn.init.normal_(self.tok.weight, std=d ** -0.5)
        pos = torch.arange(40)[:, None] / 10000 ** (torch.arange(0, d, 2) / d)
        self.register_buffer("pe", torch.stack([pos.sin(), pos.cos()], -1).flatten(1))
        layer = nn.TransformerEncoderLayer(d, cfg["n_heads"], 2 * d, cfg["dropout"], batch_first=True, norm_first=True)
        self.body = nn.TransformerEncoder(layer, cfg["n_layers"], norm=nn.LayerNorm(d), enable_nested_tensor=False)
        self.cls = nn.Linear(d, n_out)

    def forward(self, ids):
        x = self.tok(ids) * math.sqrt(self.d) + self.pe[: ids.size(1)]
        return self.cls(self.body(x, src_key_padding_mask=ids.eq(0))[:, 0])


@dataclass
class Trainer:
    cfg: dict
    model: nn.Module
    train_rows: list
    valid_rows: list
    vocab: Vocab
    best: float = 0.0
    ckpt: io.BytesIO = field(default_factory=io.BytesIO)

    def batches(self, rows, size):
        for i in range(0, len(rows), size):
            enc = [self.vocab.encode(t) for t, _ in rows[i:i + size]]
            w = max(map(len, enc))
            yield torch.tensor([e + [0] * (w - len(e)) for e in enc]), torch.tensor([k for _, k in rows[i:i + size]])

    def fit(self):
        c = self.cfg
        opt = torch.optim.AdamW(self.model.parameters(), lr=c["peak_lr"], weight_decay=c["weight_decay"])
        total = c["epochs"] * math.ceil(len(self.train_rows) / c["micro_batch"] / c["accum_steps"])
        warm = int(total * c["warmup_frac"])
        sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / warm, 0.5 * (1 + math.cos(math.pi * min(1, max(0, s - warm) / (total - warm))))))
        for epoch in range(c["epochs"]):
            random.shuffle(self.train_rows)
            self.model.train()
            loader = list(self.batches(self.train_rows, c["micro_batch"]))
            running = 0.0
            for i, (x, y) in enumerate(loader):
                loss = nn.functional.cross_entropy(self.model(x), y)
                (loss / c["accum_steps"]).backward()
                running += loss.item()
                if (i + 1) % c["accum_steps"] == 0 or i + 1 == len(loader):
                    nn.utils.clip_grad_norm_(self.model.parameters(), c["grad_clip"])
                    opt.step(); sched.step()
                    opt.zero_grad(set_to_none=True)
            acc = self.evaluate(self.valid_rows)
            print(f"[{epoch}] loss={running / len(loader):.4f} valid_acc={acc:.4f} lr={sched.get_last_lr()[0]:.2e}")
            if acc >= self.best:
                self.best = acc
                self.ckpt.seek(0); self.ckpt.truncate()
                torch.save({"model": self.model.state_dict(), "epoch": epoch}, self.ckpt)
        self.ckpt.seek(0)
        state = torch.load(self.ckpt)
        self.model.load_state_dict(state["model"])
        print(f"restored epoch {state['epoch']}: train {self.evaluate(self.train_rows):.4f} valid {self.evaluate(self.valid_rows):.4f}")

    @torch.inference_mode()
    def evaluate(self, rows):
        self.model.eval()
        return sum((self.model(x).argmax(-1) == y).sum().item() for x, y in self.batches(rows, 256)) / len(rows)


if __name__ == "__main__":
    random.seed(CONFIG["seed"]); torch.manual_seed(CONFIG["seed"])
    rng = random.Random(CONFIG["seed"])
    train = make_split(rng, CONFIG["n_train"])
    known = {tuple(t) for t, _ in train}
    valid = [r for r in make_split(rng, 3 * CONFIG["n_valid"]) if tuple(r[0]) not in known][: CONFIG["n_valid"]]
    vocab = Vocab(train)
    Trainer(CONFIG, Encoder(CONFIG, len(vocab.index), len(INTENTS)), train, valid, vocab).fit()
