"""Language identification of tweets with a character CNN (UMSAB multilingual sentiment corpus)."""
import os
import random
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
ROOT = Path(os.environ["WORDFIT_DATA"]) / "sentiment" / "umsab-multilingual"


@dataclass
class Params:
    per_lang: int = 700
    per_lang_test: int = 150
    max_len: int = 45
    emb: int = 16
    channels: int = 40
    kernel: int = 4
    dropout: float = 0.3
    batch: int = 50
    epochs: int = 8
    # fault:
    lr: float = 1.0
    # mended:
    #lr: float = 5e-3
    # end


def clean(text):
    text = re.sub(r"(@\S+|https?\S*|http\b)", " ", text.lower())
    return re.sub(r"[^\w\s'?!.,]|\d", " ", text).split()


def read(lang, split, n):
    seen, out = set(), []
    for line in (ROOT / lang / f"{split}_text.txt").read_text(encoding="utf8").splitlines():
        s = " ".join(clean(line))
        if len(s) >= 20 and s not in seen:
            seen.add(s)
            out.append(s)
    return out[:n]


def load(p):
    train, test = [], []
    for y, lang in enumerate(LANGS):
        own = read(lang, "train", p.per_lang)
        known = set(own)
        train += [(s, y) for s in own]
        test += [(s, y) for s in read(lang, "test", p.per_lang_test) if s not in known]
    return train, test


class CharCNN(nn.Module):
    def __init__(self, vocab, p):
        super().__init__()
        self.chars = nn.Embedding(vocab, p.emb, padding_idx=0)
        self.conv = nn.Conv1d(p.emb, p.channels, p.kernel)
        self.drop = nn.Dropout(p.dropout)
        self.out = nn.Linear(p.channels, len(LANGS))

    def forward(self, x):
        h = torch.tanh(self.conv(self.chars(x).transpose(1, 2)))
        real = (x[:, self.conv.kernel_size[0] - 1:] != 0).unsqueeze(1)
        h = h.masked_fill(~real, -1.0).amax(-1)
        return self.out(self.drop(h))


def score(model, loader):
    model.eval()
    conf = torch.zeros(len(LANGS), len(LANGS))
    loss = 0.0
    with torch.no_grad():
        for x, y in loader:
            out = model(x)
            loss += nn.functional.cross_entropy(out, y, reduction="sum").item()
            for a, b in zip(y, out.argmax(1)):
                conf[a, b] += 1
    recall = conf.diag() / conf.sum(1)
    return loss / conf.sum().item(), recall


def main():
    torch.manual_seed(0)
    random.seed(0)
    p = Params()
    train, test = load(p)
    counts = Counter(c for s, _ in train for c in s)
    chars = {c: i + 2 for i, (c, n) in enumerate(counts.most_common()) if n >= 5}
    encode = lambda rows: [(torch.tensor([chars.get(c, 1) for c in s[:p.max_len]]), y) for s, y in rows]
    train, test = encode(train), encode(test)

    def collate(rows):
        return pad_sequence([x for x, _ in rows], batch_first=True), torch.tensor([y for _, y in rows])

    loader = DataLoader(train, p.batch, shuffle=True, collate_fn=collate)
    test_loader = DataLoader(test, 256, collate_fn=collate)
    model = CharCNN(len(chars) + 2, p)
    opt = torch.optim.Adam(model.parameters(), lr=p.lr)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, p.epochs, eta_min=p.lr / 20)
    print(f"{len(train)} tweets, {len(test)} held out, {len(chars)} characters")
    for epoch in range(1, p.epochs + 1):
        model.train()
        total = 0.0
        for x, y in loader:
            loss = nn.functional.cross_entropy(model(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(y)
        sched.step()
        dev, recall = score(model, test_loader)
        print(f"epoch {epoch}: train {total / len(train):.3f}  test {dev:.3f}  macro recall {recall.mean():.3f}")
    print("  ".join(f"{l[:2]} {r:.2f}" for l, r in zip(LANGS, recall)))


if __name__ == "__main__":
    main()
