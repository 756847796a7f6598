"""Which language is a message in?  Hashed character trigrams, one EmbeddingBag, nothing else."""
import os
import random
import re
import zlib
from pathlib import Path

import torch
from torch import nn

BUCKETS = 6000
LANGUAGES = ["english", "french", "german", "italian", "portuguese", "spanish"]
HOME = Path(os.environ["WORDFIT_DATA"]) / "sentiment" / "umsab-multilingual"


def clean(message):
    message = re.sub(r"@\w+|http\S*|[^\w\s']|\d", " ", message.lower())
    return re.sub(r"\s+", " ", message).strip()


def trigrams(message):
    padded = f" {message} "
    return [zlib.crc32(padded[i:i + 3].encode()) % BUCKETS for i in range(len(padded) - 2)]


def load(split, limit, banned=frozenset()):
    texts = {}
    for k, language in enumerate(LANGUAGES):
        lines = (HOME / language / f"{split}_text.txt").read_text(encoding="utf8").splitlines()
        kept = 0
        for line in map(clean, lines):
            if kept < limit and len(line) > 15 and line not in texts and line not in banned:
                texts[line] = k
                kept += 1
    return [(trigrams(t), k) for t, k in texts.items()], frozenset(texts)


def bag(rows):
    offsets = torch.tensor([0] + [len(g) for g, _ in rows[:-1]]).cumsum(0)
    return torch.tensor([i for g, _ in rows for i in g]), offsets, torch.tensor([k for _, k in rows])


class LanguageRouter(nn.Module):
    def __init__(self):
        super().__init__()
        self.grams = nn.EmbeddingBag(BUCKETS, 16, mode="mean")
        self.out = nn.Linear(16, len(LANGUAGES))
        nn.init.uniform_(self.grams.weight, -0.1, 0.1)

    def forward(self, ids, offsets):
        return self.out(self.grams(ids, offsets))


def check(model, rows):
    model.eval()
    with torch.inference_mode():
        ids, offsets, y = bag(rows)
        out = model(ids, offsets)
        return nn.functional.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()


def main():
    random.seed(44)
    torch.manual_seed(44)
    train, texts = load("train", 700)
    test, _ = load("test", 200, banned=texts)
    print(len(train), "train", len(test), "test")
    model = LanguageRouter()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    accumulate = 2
    for epoch in range(1, 9):
        model.train()
        random.shuffle(train)
        for n, i in enumerate(range(0, len(train), 20), 1):
            ids, offsets, y = bag(train[i:i + 20])
            loss = nn.functional.cross_entropy(model(ids, offsets), y) / accumulate
            loss.backward()
            if n % accumulate == 0:
                optimizer.step()
                optimizer.zero_grad()
        print(f"epoch {epoch} train loss %.3f acc %.3f" % check(model, train), "test loss %.3f acc %.3f" % check(model, test))
    for message in ("wo ist denn mein Paket geblieben", "where is the parcel that I ordered", "dov'è il mio pacco?"):
        ids, offsets, _ = bag([(trigrams(clean(message)), 0)])
        print(f"{message!r} -> {LANGUAGES[model(ids, offsets).argmax().item()]}")


if __name__ == "__main__":
    main()
