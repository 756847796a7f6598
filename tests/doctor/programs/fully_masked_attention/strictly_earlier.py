"""Has this word been used before in the line? Attention that looks at strictly earlier words only."""
import random

import torch
from torch import nn

random.seed(23)
torch.manual_seed(23)
V, T = 30, 14


def line():
    s = random.sample(range(V), T)
    for i in range(1, T):
        if random.random() < 0.4:
            s[i] = s[random.randrange(i)]
    return s, [float(s[i] in s[:i]) for i in range(T)]


class Before(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(V, d)
        # fault:
        self.att = nn.MultiheadAttention(d, 1, batch_first=True)
        # mended:
        # self.att = nn.MultiheadAttention(d, 1, batch_first=True, add_zero_attn=True)
        # end
        self.mlp = nn.Sequential(nn.Linear(3 * d, 64), nn.ReLU(), nn.Linear(64, 1))

    def forward(self, x):
        e = self.emb(x)
        n = x.size(1)
        not_earlier = torch.triu(torch.ones(n, n, dtype=torch.bool))
        a, _ = self.att(e, e, e, attn_mask=not_earlier)
        return self.mlp(torch.cat([e, a, e * a], -1)).squeeze(-1)


lines = [line() for _ in range(2300)]
x = torch.tensor([s for s, _ in lines])
y = torch.tensor([t for _, t in lines])
model = Before()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
train = torch.utils.data.TensorDataset(x[:2000], y[:2000])
for epoch in range(10):
    for xb, yb in torch.utils.data.DataLoader(train, 25, shuffle=True):
        loss = nn.functional.binary_cross_entropy_with_logits(model(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = ((model(x[2000:]) > 0).float() == y[2000:]).float().mean()
    print(f"epoch {epoch}, loss {loss.item():.4f}, dev accuracy {acc.item():.4f}")
