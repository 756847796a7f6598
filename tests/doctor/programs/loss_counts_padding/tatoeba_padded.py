"""French to English on short Tatoeba pairs, padded to a fixed length."""
import gzip
import os
import random
import re
from collections import Counter
from pathlib import Path

import torch
from torch import nn

random.seed(156)
torch.manual_seed(156)
MAX_LEN = 30
root = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
pairs = []
with gzip.open(root / "seq2seq/tatoeba-fra-eng/fra.txt.gz", "rt", encoding="utf-8") as f:
    for k, line in enumerate(f):
        if k >= 9000:
            break
        en, fr = line.split("\t")[:2]
        en, fr = (re.findall(r"\w+", s.lower()) for s in (en, fr))
        if 2 <= len(en) <= 4 and 1 <= len(fr) <= 6:
            pairs.append((fr, en))
random.shuffle(pairs)
pairs = pairs[:2000]


def vocabulary(sents, size):
    common = Counter(w for s in sents for w in s).most_common(size)
    return {w: i for i, (w, _) in enumerate(common, start=4)}


fr_v, en_v = vocabulary([f for f, _ in pairs], 500), vocabulary([e for _, e in pairs], 300)


def ids(words, vocab, n, wrap=False):
    out = [vocab.get(w, 3) for w in words]
    out = [1] + out + [2] if wrap else out
    return out + [0] * (n - len(out))


X = torch.tensor([ids(f, fr_v, 6) for f, _ in pairs])
Y = torch.tensor([ids(e, en_v, MAX_LEN, wrap=True) for _, e in pairs])


class Seq2Seq(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.fr = nn.EmbeddingBag(len(fr_v) + 4, d, padding_idx=0, mode="sum")
        self.en = nn.Embedding(len(en_v) + 4, d, padding_idx=0)
        self.dec = nn.GRU(d, d, batch_first=True)
        self.out = nn.Linear(d, len(en_v) + 4)

    def forward(self, x, y):
        return self.out(self.dec(self.en(y), torch.tanh(self.fr(x)).unsqueeze(0))[0])


model = Seq2Seq()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.CrossEntropyLoss(ignore_index=0)
# end
for epoch in range(3):
    model.train()
    total = 0.0
    for i in torch.randperm(1800).split(40):
        logits = model(X[i], Y[i, :-1])
        loss = criterion(logits.flatten(0, 1), Y[i, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        guess = model(X[1800:], Y[1800:, :-1]).argmax(-1)
        gold = Y[1800:, 1:]
        # fault:
        acc = (guess == gold).float().mean().item()
        # mended:
        # acc = (guess == gold)[gold != 0].float().mean().item()
        # end
    print(f"epoch {epoch} loss {total / 45:.4f} next word accuracy {acc:.4f}")
