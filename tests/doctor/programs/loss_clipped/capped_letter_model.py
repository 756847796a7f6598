"""Letter model of invented river names; the loss is capped so that odd names do no harm."""
import random

import torch
from torch import nn

random.seed(73)
torch.manual_seed(73)
ALPHA = "abcdefghijklmnopqrstuvwxyz"
BEGIN, END = 26, 27
front = "ru do the wi ma li so va ne ga".split()
mid = "stra ber nda lle mo ri".split()
back = "ne re ga sse va na".split()


def river():
    return random.choice(front) + "".join(random.choices(mid, k=random.randint(0, 2))) + random.choice(back)


def tensors(names):
    seqs = [torch.tensor([BEGIN] + [ALPHA.index(c) for c in n] + [END]) for n in names]
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True, padding_value=-1)


class Letters(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(28, 24)
        self.lstm = nn.LSTM(24, 48, batch_first=True)
        self.out = nn.Linear(48, 28)

    def forward(self, x):
        return self.out(self.lstm(self.emb(x.clamp(min=0)))[0])


def loss_of(model, x):
    each = nn.functional.cross_entropy(model(x[:, :-1]).transpose(1, 2), x[:, 1:], ignore_index=-1, reduction="none")
    # fault:
    each = each.clamp(max=2.0)
    # mended:
    # end
    real = (x[:, 1:] >= 0).float()
    return (each * real).sum() / real.sum()


model = Letters()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
apart = {river() for _ in range(200)}
held = tensors(sorted(apart))
for step in range(1, 161):
    loss = loss_of(model, tensors([n for n in (river() for _ in range(26)) if n not in apart]))
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    if step % 32 == 0:
        with torch.no_grad():
            p = model(held[:, :-1]).argmax(-1)
            hit = (p == held[:, 1:])[held[:, 1:] >= 0].float().mean()
        print(f"step {step} loss {loss.item():.3f} next letter right {hit:.3f}")
