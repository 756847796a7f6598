"""Turkish vowel harmony: which accusative ending (-i, -ı, -u, -ü) does a noun take?  Characters, a hand-unrolled RNN cell."""
import random

import torch
from torch import nn

random.seed(31)
torch.manual_seed(31)

GROUP = {"e": 0, "i": 0, "a": 1, "ı": 1, "o": 2, "u": 2, "ö": 3, "ü": 3}
ENDINGS = ["i", "ı", "u", "ü"]
CONSONANTS = "bcçdfgğhjklmnprsştvyz"
ALPHABET = {c: i + 1 for i, c in enumerate(CONSONANTS + "".join(GROUP))}
WIDTH = 26


def noun():
    # loan words mix front and back vowels freely, so that only the last vowel counts
    vowels = [random.choice("aeıioöuü") for _ in range(random.randint(1, 5))]
    word = ""
    for v in vowels:
        word += random.choice(CONSONANTS) + v
        if random.random() < 0.35:
            word += random.choice(CONSONANTS)
    if random.random() < 0.5:
        word += random.choice(CONSONANTS)
    return word, GROUP[vowels[-1]]


pairs = sorted({noun() for _ in range(3400)})
random.shuffle(pairs)
ids = torch.zeros(len(pairs), WIDTH, dtype=torch.long)
for r, (w, _) in enumerate(pairs):
    ids[r, :len(w)] = torch.tensor([ALPHABET[c] for c in w])
y = torch.tensor([t for _, t in pairs])
lens = torch.tensor([len(w) for w, _ in pairs])
cut = len(pairs) - 500


class Harmony(nn.Module):
    def __init__(self, chars, d=16, h=40):
        super().__init__()
        self.h = h
        self.char = nn.Embedding(chars, d, padding_idx=0)
        self.cell = nn.RNNCell(d, h)
        self.ending = nn.Linear(h, 4)

    def forward(self, x, n):
        e = self.char(x)
        state = e.new_zeros(len(x), self.h)
        for t in range(x.size(1)):
            # fault:
            state = self.cell(e[:, t], state)
            # mended:
            # state = torch.where((t < n).unsqueeze(1), self.cell(e[:, t], state), state)
            # end
        return self.ending(state)


model = Harmony(len(ALPHABET) + 1)
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(1, 8):
    model.train()
    seen = 0.0
    for b in torch.randperm(cut).split(50):
        opt.zero_grad()
        loss = loss_fn(model(ids[b], lens[b]), y[b])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        opt.step()
        seen += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        p = model(ids[cut:], lens[cut:]).argmax(1)
    print(f"epoch {epoch:2d} loss {seen / cut:.4f} dev accuracy {(p == y[cut:]).float().mean().item():.3f}")
for (w, t), k in list(zip(pairs[cut:], p.tolist()))[:5]:
    print(f"{w}-({ENDINGS[t]})  model: {w}-{ENDINGS[k]}")
