"""Masked language model on simple sentences; 15 % of the words are to be guessed."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(9)
torch.manual_seed(9)
WHO = {"cat": ("sleeps", "sofa"), "fish": ("swims", "pond"), "bird": ("sings", "tree"), "horse": ("runs", "meadow"), "dog": ("barks", "yard")}
WHEN = "today often again always never mostly sometimes now still also rarely daily nightly happily quietly early late long here first".split()


def line():
    animal = random.choice(list(WHO))
    verb, place = WHO[animal]
    return f"the {animal} {verb} {random.choice(WHEN)} near the {place}".split()


tokens = ["<mask>"] + sorted({w for _ in range(400) for w in line()})
ids = {w: i for i, w in enumerate(tokens)}


def masked_batch(size):
    x = torch.tensor([[ids[w] for w in line()] for _ in range(size)])
    chosen = torch.rand(x.shape) < 0.15
    # fault:
    # mended:
    # if not chosen.any():
    #     chosen[0, random.randrange(x.size(1))] = True
    # end
    return x.masked_fill(chosen, 0), x, chosen.float()


class TinyBert(nn.Module):
    def __init__(self, n, d=32):
        super().__init__()
        self.word = nn.Embedding(n, d)
        self.place = nn.Parameter(torch.randn(7, d) * 0.02)
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1)
        self.lm = nn.Linear(d, n)

    def forward(self, x):
        return self.lm(self.encoder(self.word(x) + self.place))


model = TinyBert(len(tokens))
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.0)
for step in range(300):
    x, words, weight = masked_batch(4)
    nll = F.cross_entropy(model(x).transpose(1, 2), words, reduction="none")
    loss = (nll * weight).sum() / weight.sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 50 == 49:
        print(f"step {step + 1} loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    x = torch.tensor([[ids[w] for w in line()] for _ in range(200)])
    hidden = x.clone()
    hidden[:, 2] = 0
    print("guessed verbs", (model(hidden)[:, 2].argmax(-1) == x[:, 2]).float().mean().item())
