"""Which language is this line in?  Character GRU on Multi30k captions (English, German, French, Czech)."""
import gzip
import os

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence
from torch.utils.data import DataLoader

LANGS = ["en", "de", "fr", "cs"]
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def lines(split, lang, n):
    with gzip.open(os.path.join(ROOT, f"{split}.{lang}.gz"), "rt", encoding="utf-8") as f:
        return [next(f).strip().lower()[:28] for _ in range(n)]


class CharGRU(nn.Module):
    def __init__(self, n_chars, dim=16, hidden=32):
        super().__init__()
        self.chars = nn.Embedding(n_chars, dim, padding_idx=0)
        self.gru = nn.GRU(dim, hidden, batch_first=True)
        self.classify = nn.Sequential(nn.Dropout(0.2), nn.Linear(hidden, len(LANGS)))

    def forward(self, batch):
        packed = pack_padded_sequence(self.chars(batch["ids"]), batch["len"], batch_first=True, enforce_sorted=False)
        _, last = self.gru(packed)
        return self.classify(last[-1])


class Trainer:
    def __init__(self, model, train, val, lr):
        self.model, self.train_dl, self.val_dl = model, train, val
        self.opt = torch.optim.RMSprop(model.parameters(), lr=lr)
        self.loss = nn.CrossEntropyLoss()

    def epoch(self):
        self.model.train()
        losses = []
        for b in self.train_dl:
            loss = self.loss(self.model(b), b["y"])
            self.opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.opt.step()
            losses.append(loss.item())
        return np.mean(losses)

    @torch.no_grad()
    def validate(self):
        self.model.eval()
        hits = [(self.model(b).argmax(1) == b["y"]).float() for b in self.val_dl]
        return torch.cat(hits).mean().item()

    def fit(self, epochs):
        for e in range(1, epochs + 1):
            print(f"epoch {e} loss {self.epoch():.3f} val accuracy {self.validate():.3f}")


def main():
    torch.manual_seed(6)
    train = [(t, k) for k, lang in enumerate(LANGS) for t in lines("train", lang, 400)]
    known = {t for t, _ in train}
    val = [(t, k) for k, lang in enumerate(LANGS) for t in lines("val", lang, 120) if t not in known]
    table = {c: i + 2 for i, c in enumerate(sorted({c for t, _ in train for c in t}))}

    def collate(rows):
        lens = torch.tensor([len(t) for t, _ in rows])
        ids = torch.zeros(len(rows), int(lens.max()), dtype=torch.long)
        for r, (t, _) in enumerate(rows):
            ids[r, :len(t)] = torch.tensor([table.get(c, 1) for c in t])
        return {"ids": ids, "len": lens, "y": torch.tensor([k for _, k in rows])}

    trainer = Trainer(CharGRU(len(table) + 2), DataLoader(train, 32, shuffle=True, collate_fn=collate),
                      DataLoader(val, 128, collate_fn=collate), lr=4e-3)
    trainer.fit(7)


if __name__ == "__main__":
    main()
