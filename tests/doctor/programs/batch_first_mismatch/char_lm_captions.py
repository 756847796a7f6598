"""Character language model on picture captions, sampled a bit after every epoch."""
import gzip
import os
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(20)
path = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "seq2seq/multi30k"
read = lambda name: gzip.open(path / name, "rt", encoding="utf-8").read().lower()
text, held = read("train.en.gz")[:60000], read("val.en.gz")[:8000]
chars = sorted(set(text))
lookup = {c: i for i, c in enumerate(chars)}
SEQ = 40


def windows(s):
    ids = torch.tensor([lookup[c] for c in s if c in lookup])
    n = (len(ids) - 1) // SEQ
    return TensorDataset(ids[: n * SEQ].view(n, SEQ), ids[1 : n * SEQ + 1].view(n, SEQ))


class CharLM(nn.Module):
    def __init__(self, n_chars, n_hidden=96):
        super().__init__()
        self.embed = nn.Embedding(n_chars, 32)
        # fault:
        self.gru = nn.GRU(32, n_hidden)
        # mended:
        # self.gru = nn.GRU(32, n_hidden, batch_first=True)
        # end
        self.head = nn.Linear(n_hidden, n_chars)

    def forward(self, x):
        h, _ = self.gru(self.embed(x))
        return self.head(h)


model = CharLM(len(chars))
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
loader = DataLoader(windows(text), batch_size=32, shuffle=True)
vloader = DataLoader(windows(held), batch_size=64)


def bits(loader):
    with torch.no_grad():
        total = n = 0
        for x, y in loader:
            total += nn.functional.cross_entropy(model(x).flatten(0, 1), y.flatten(), reduction="sum").item()
            n += y.numel()
    return total / n / 0.6931


for epoch in range(4):
    for x, y in loader:
        loss = nn.functional.cross_entropy(model(x).flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1)
        opt.step()
    print(f"epoch {epoch + 1}: train loss {loss.item():.3f}, bits per character on held captions {bits(vloader):.3f}")
