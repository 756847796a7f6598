"""Guess the language of a single word from its letters (Multi30k captions)."""
import gzip
import os
import random
import re
from pathlib import Path

import torch
import torch.nn as nn

random.seed(2)
torch.manual_seed(2)
folder = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "seq2seq" / "multi30k"
LANGS = ["en", "de", "fr", "cs"]
owners = {}
for lang in LANGS:
    with gzip.open(folder / f"val.{lang}.gz", "rt", encoding="utf-8") as fh:
        for w in re.findall(r"[^\W\d_]{4,14}", fh.read().lower()):
            owners.setdefault(w, set()).add(lang)
pairs = [(w, LANGS.index(next(iter(ls)))) for w, ls in owners.items() if len(ls) == 1]
random.shuffle(pairs)
smallest = min(sum(y == k for _, y in pairs) for k in range(4))
kept = [p for k in range(4) for p in [q for q in pairs if q[1] == k][:min(smallest, 1000)]]
random.shuffle(kept)
alphabet = {c: i + 1 for i, c in enumerate(sorted({c for w, _ in kept for c in w}))}


class Words(torch.utils.data.Dataset):
    def __init__(self, rows, width=24):
        self.items = []
        for w, y in rows:
            ids = [alphabet[c] for c in w]
            self.items.append({"chars": torch.tensor(ids + [0] * (width - len(ids))), "n": len(ids), "lang": y})

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


class CharRNN(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.emb = nn.Embedding(len(alphabet) + 1, 24, padding_idx=0)
        self.rnn = nn.RNN(24, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, len(LANGS))

    def forward(self, batch):
        out, _ = self.rnn(self.emb(batch["chars"]))
        # fault:
        last = out[:, -1]
        # mended:
        # last = out[torch.arange(len(out)), batch["n"] - 1]
        # end
        return self.fc(last)


def main():
    split = int(0.8 * len(kept))
    train = torch.utils.data.DataLoader(Words(kept[:split]), batch_size=50, shuffle=True)
    test = torch.utils.data.DataLoader(Words(kept[split:]), batch_size=200)
    model = CharRNN()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(7):
        for batch in train:
            loss = nn.functional.cross_entropy(model(batch), batch["lang"])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
        with torch.no_grad():
            hits = sum((model(b).argmax(1) == b["lang"]).sum().item() for b in test)
        print(f"epoch {epoch} loss {loss.item():.3f} accuracy {hits / (len(kept) - split):.3f}")


if __name__ == "__main__":
    main()
