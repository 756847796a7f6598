"""Intent classifier for a voice assistant: small engine with callbacks, config in a dataclass."""
from dataclasses import dataclass, field
import random
import torch
from torch import nn

SLOTS = {
    "play_music": "play put on listen song album track artist playlist tune volume band".split(),
    "set_alarm": "wake alarm remind timer morning oclock snooze minutes hour early".split(),
    "weather": "rain sunny umbrella forecast cold degrees snow wind storm temperature".split(),
    "lights": "lamp lights dim bright kitchen bedroom switch bulb hallway dark".split(),
    "navigation": "drive route traffic directions highway nearest address map exit arrive".split(),
    "shopping": "buy order cart milk bread delivery price list eggs checkout".split(),
}
FILLER = "please can you the a me my for to of in at now some hey could i want need is it today would like".split()


@dataclass
class Config:
    dim: int = 32
    heads: int = 2
    layers: int = 1
    batch: int = 48
    epochs: int = 7
    # fault:
    lr: float = 2e-6
    # mended:
    #lr: float = 2e-3
    # end
    betas: tuple = (0.9, 0.98)
    dropout: float = 0.1
    seed: int = 5
    intents: list = field(default_factory=lambda: list(SLOTS))


def utterances(n, rng, intents):
    out = set()
    while len(out) < n:
        k = rng.randrange(len(intents))
        words = rng.choices(FILLER, k=rng.randint(3, 7)) + rng.choices(SLOTS[intents[k]], k=rng.randint(1, 3))
        if rng.random() < 0.25:
            words.append(rng.choice(SLOTS[rng.choice(intents)]) if len(set(words) & set(SLOTS[intents[k]])) > 1 else "now")
        rng.shuffle(words)
        out.add((tuple(words), k))
    out = sorted(out)
    rng.shuffle(out)
    return out


class Encoder(nn.Module):
    def __init__(self, cfg, n_words):
        super().__init__()
        self.tok = nn.Embedding(n_words, cfg.dim, padding_idx=0)
        self.pos = nn.Parameter(torch.randn(16, cfg.dim) * 0.02)
        layer = nn.TransformerEncoderLayer(cfg.dim, cfg.heads, 2 * cfg.dim, cfg.dropout, batch_first=True, norm_first=True)
        self.body = nn.TransformerEncoder(layer, cfg.layers, enable_nested_tensor=False)
        self.out = nn.Linear(cfg.dim, len(cfg.intents))

    def forward(self, ids):
        pad = ids.eq(0)
        h = self.body(self.tok(ids) + self.pos[: ids.size(1)], src_key_padding_mask=pad)
        h = h.masked_fill(pad.unsqueeze(-1), 0).sum(1) / (~pad).sum(1, keepdim=True)
        return self.out(h)


class Engine:
    def __init__(self, cfg):
        torch.manual_seed(cfg.seed)
        self.cfg = cfg
        rng = random.Random(cfg.seed)
        data = utterances(1700, rng, cfg.intents)
        self.train_rows, self.dev_rows = data[:1400], data[1400:]
        vocab = sorted({w for ws, _ in self.train_rows for w in ws})
        self.stoi = {w: i + 2 for i, w in enumerate(vocab)}
        self.model = Encoder(cfg, len(vocab) + 2)
        self.opt = torch.optim.AdamW(self.model.parameters(), lr=cfg.lr, betas=cfg.betas, weight_decay=0.01)
        self.loss = nn.CrossEntropyLoss()
        self.rng = rng

    def collate(self, rows):
        width = max(len(ws) for ws, _ in rows)
        ids = torch.zeros(len(rows), width, dtype=torch.long)
        for i, (ws, _) in enumerate(rows):
            ids[i, : len(ws)] = torch.tensor([self.stoi.get(w, 1) for w in ws])
        return ids, torch.tensor([k for _, k in rows])

    def batches(self, rows, shuffle):
        rows = list(rows)
        if shuffle:
            self.rng.shuffle(rows)
        for i in range(0, len(rows), self.cfg.batch):
            yield self.collate(rows[i : i + self.cfg.batch])

    def evaluate(self, rows):
        self.model.eval()
        hit = tot = 0
        with torch.inference_mode():
            for ids, y in self.batches(rows, False):
                hit += (self.model(ids).argmax(-1) == y).sum().item()
                tot += len(y)
        return hit / tot

    def run(self):
        for epoch in range(1, self.cfg.epochs + 1):
            self.model.train()
            seen = run = 0
            for ids, y in self.batches(self.train_rows, True):
                self.opt.zero_grad(set_to_none=True)
                loss = self.loss(self.model(ids), y)
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
                self.opt.step()
                run += loss.item() * len(y)
                seen += len(y)
            print(f"[{epoch}/{self.cfg.epochs}] loss={run / seen:.4f} dev_acc={self.evaluate(self.dev_rows):.3f}")
        print(f"final train={self.evaluate(self.train_rows):.3f} dev={self.evaluate(self.dev_rows):.3f}")


if __name__ == "__main__":
    Engine(Config()).run()
