"""Remove hesitations from transcripts: Transformer encoder and CTC over words."""
import random

import torch
from torch import nn
import torch.nn.functional as F

random.seed(207)
torch.manual_seed(207)
WORDS = "we need more time to finish the new bridge this year".split()
UM = "uh um er hmm".split()
inp = {w: i + 1 for i, w in enumerate(WORDS + UM)}
out = {w: i + 1 for i, w in enumerate(WORDS)}


def transcript():
    clean = random.sample(WORDS, random.randint(2, 5))
    messy = []
    for w in clean:
        messy += random.choices(UM, k=random.randint(0, 2)) + [w]
    return [inp[w] for w in messy], [out[w] for w in clean]


def collate(n):
    rows = [transcript() for _ in range(n)]
    x = nn.utils.rnn.pad_sequence([torch.tensor(m) for m, _ in rows], batch_first=True)
    y = nn.utils.rnn.pad_sequence([torch.tensor(c) for _, c in rows], batch_first=True)
    return x, torch.tensor([len(m) for m, _ in rows]), y, torch.tensor([len(c) for _, c in rows])


class Cleaner(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(inp) + 1, d, padding_idx=0)
        self.block = nn.TransformerEncoderLayer(d, 2, 64, dropout=0.0, batch_first=True)
        self.fc = nn.Linear(d, len(out) + 1)

    def forward(self, x):
        return self.fc(self.block(self.emb(x), src_key_padding_mask=x == 0))


model = Cleaner()
adam = torch.optim.Adam(model.parameters(), lr=6e-3)
for step in range(1, 321):
    x, n, y, m = collate(24)
    scores = model(x).transpose(0, 1)
    # fault:
    loss = F.ctc_loss(scores, y, n, m)
    # mended:
    # loss = F.ctc_loss(F.log_softmax(scores, dim=-1), y, n, m)
    # end
    adam.zero_grad()
    loss.backward()
    adam.step()
    if step % 80 == 0:
        print(f"step {step} loss {loss.item():.4f}")
model.eval()
good = 0
with torch.no_grad():
    x, n, y, m = collate(200)
    best = model(x).argmax(-1)
    for i in range(200):
        path = torch.unique_consecutive(best[i, : n[i]])
        good += path[path > 0].tolist() == y[i, : m[i]].tolist()
print("clean transcripts", good / 200)
