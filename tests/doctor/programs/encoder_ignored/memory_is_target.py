"""Put a scrambled sentence in order; a Transformer encoder-decoder."""
import random

import torch
from torch import nn

random.seed(154)
torch.manual_seed(154)
SLOTS = ["anna ben carla dan emma".split(), "buys sells draws likes".split(), "red blue tiny huge".split(), "cars kites lamps boats".split(), "today often never".split()]
vocab = {w: i + 2 for i, w in enumerate(w for s in SLOTS for w in s)}
SIZE = len(vocab) + 2


def make(n):
    tgt = [[vocab[random.choice(s)] for s in SLOTS] for _ in range(n)]
    src = [random.sample(t, 5) for t in tgt]
    return torch.tensor(src), torch.tensor([[0] + t + [1] for t in tgt])


class Orderer(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.source, self.target = nn.Embedding(SIZE, d), nn.Embedding(SIZE, d)
        self.position = nn.Embedding(8, d)
        self.encoder = nn.TransformerEncoderLayer(d, 2, 64, dropout=0.0, batch_first=True)
        self.decoder = nn.TransformerDecoderLayer(d, 2, 64, dropout=0.0, batch_first=True)
        self.project = nn.Linear(d, SIZE)

    def forward(self, src, tgt):
        memory = self.encoder(self.source(src))
        t = self.target(tgt) + self.position(torch.arange(tgt.size(1)))
        mask = nn.Transformer.generate_square_subsequent_mask(tgt.size(1))
        # fault:
        h = self.decoder(t, t, tgt_mask=mask, memory_mask=mask)
        # mended:
        # h = self.decoder(t, memory, tgt_mask=mask)
        # end
        return self.project(h)


model = Orderer()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for step in range(1, 251):
    src, tgt = make(32)
    logits = model(src, tgt[:, :-1])
    loss = nn.functional.cross_entropy(logits.transpose(1, 2), tgt[:, 1:])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 50 == 0:
        print(f"step {step} loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    src, tgt = make(200)
    y = torch.zeros(200, 1, dtype=torch.long)
    for _ in range(6):
        y = torch.cat([y, model(src, y)[:, -1:].argmax(-1)], 1)
print("sentences in order", (y == tgt).all(1).float().mean().item())
