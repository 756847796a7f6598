"""When do people mean by 'after lunch' or 'late'? A mixture density network; the loss is a negative log density and goes below zero."""
import math
import random

import torch
from torch import nn

random.seed(206)
torch.manual_seed(206)
when = {"dawn": [0.24], "noon": [0.5], "lunch": [0.52, 0.56], "shift": [0.25, 0.58, 0.92], "dusk": [0.8], "late": [0.95], "mail": [0.35, 0.65], "milk": [0.22]}
extra = "see you at the about come by please tomorrow friday maybe".split()
vocab = {w: i + 1 for i, w in enumerate([*when, *extra])}


def remark():
    w = random.choice(list(when))
    t = random.sample(extra, random.randint(3, 6)) + [w]
    random.shuffle(t)
    return [vocab[a] for a in t], random.choice(when[w]) + random.gauss(0, 0.012)


class MDN(nn.Module):
    def __init__(self, k=4):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        self.rnn = nn.GRU(24, 48, batch_first=True)
        self.out = nn.Linear(48, 3 * k)

    def forward(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        a, mu, s = self.out(self.rnn(p)[1][0]).chunk(3, 1)
        return torch.distributions.MixtureSameFamily(torch.distributions.Categorical(logits=a),
                                                     torch.distributions.Normal(torch.sigmoid(mu), nn.functional.softplus(s) * 0.2 + 0.004))


def tensors(rows):
    return nn.utils.rnn.pad_sequence([torch.tensor(t) for t, _ in rows], batch_first=True), torch.tensor([len(t) for t, _ in rows]), torch.tensor([y for _, y in rows])


x, n, y = tensors([remark() for _ in range(2000)])
xd, nd, yd = tensors([remark() for _ in range(400)])
model = MDN()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
best = -0.5 * math.log(2 * math.pi) - 0.5 - math.log(0.012)
for epoch in range(14):
    for b in torch.randperm(len(x)).split(40):
        loss = -model(x[b], n[b]).log_prob(y[b]).mean()
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
    with torch.no_grad():
        print(f"epoch {epoch} loss {loss.item():.3f} dev log density {model(xd, nd).log_prob(yd).mean().item():.3f} (a single sharp peak: {best:.2f})")
