"""Does the bracket-like text nest correctly? Transformer encoder with a class token."""
import random

import torch
from torch import nn

random.seed(129)
torch.manual_seed(129)
OPEN = {"if": "endif", "for": "endfor", "begin": "end"}
BODY = "x y call print".split()
vocab = {w: i + 1 for i, w in enumerate(["<cls>"] + list(OPEN) + list(OPEN.values()) + BODY)}


def program(valid):
    first = random.choice(list(OPEN))
    close = OPEN[first] if valid else random.choice([c for c in OPEN.values() if c != OPEN[first]])
    return ["<cls>", first] + random.choices(BODY, k=random.randint(1, 6)) + [close]


def batch(n):
    y = [random.randint(0, 1) for _ in range(n)]
    x = nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in program(v)]) for v in y], batch_first=True)
    return x, torch.tensor(y)


class Checker(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.tok = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.pos = nn.Parameter(torch.zeros(10, d))
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.0, batch_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(d, 2)

    def forward(self, x):
        h = self.tok(x) + self.pos[: x.size(1)]
        return self.head(self.enc(h, src_key_padding_mask=x == 0)[:, 0])


torch.manual_seed(0)
model = Checker()
# fault:
optimizer = torch.optim.AdamW(model.parameters(), lr=0.1, weight_decay=0.0)
# mended:
# optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.0)
# end
for step in range(1, 241):
    x, y = batch(32)
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 40 == 0:
        print(f"step {step} loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    x, y = batch(500)
    print("accuracy", (model(x).argmax(1) == y).float().mean().item())
