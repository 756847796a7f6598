"""Sparse autoencoder over GloVe vectors with an overcomplete ReLU dictionary (in the spirit of dictionary
learning for interpretability). Prints explained variance on held-out words and the mean number of active atoms."""
import gzip
import os
import torch
import torch.nn as nn

torch.manual_seed(77)
FILE = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
rows = []
with gzip.open(FILE, "rt", encoding="utf-8") as fh:
    for line in fh:
        parts = line.rstrip().split(" ")
        if parts[0].isalpha():
            rows.append([float(v) for v in parts[1:]])
        if len(rows) == 6000:
            break
x = torch.tensor(rows)
x = x[torch.randperm(len(x))]
train, held = x[:5200], x[5200:]
center = train.mean(0)
scale = (train - center).norm(dim=1).mean()
train, held = (train - center) / scale, (held - center) / scale


class SAE(nn.Module):
    def __init__(self, d, atoms):
        super().__init__()
        dec = nn.functional.normalize(torch.randn(atoms, d), dim=1)
        self.enc = nn.Linear(d, atoms)
        self.dec = nn.Parameter(dec)
        self.b = nn.Parameter(torch.zeros(d))
        with torch.no_grad():
            self.enc.weight.copy_(dec)
            # fault:
            self.enc.bias.fill_(-2.0)
            # mended:
            # self.enc.bias.fill_(-0.05)
            # end

    def forward(self, v):
        code = torch.relu(self.enc(v - self.b))
        return code @ self.dec + self.b, code


sae = SAE(50, 128)
opt = torch.optim.Adam(sae.parameters(), lr=3e-3)
L1 = 1e-3


@torch.no_grad()
def explained(v):
    r, c = sae(v)
    ev = 1 - (v - r).pow(2).sum() / (v - v.mean(0)).pow(2).sum()
    return ev.item(), (c > 0).float().sum(1).mean().item()


print("start: explained %.3f, active %.1f" % explained(held))
for epoch in range(7):
    tot = 0.0
    if epoch == 5:
        opt.param_groups[0]["lr"] = 5e-4
    for batch in train[torch.randperm(len(train))].split(100):
        rec, code = sae(batch)
        loss = (batch - rec).pow(2).sum(1).mean() + L1 * code.sum(1).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            sae.dec.div_(sae.dec.norm(dim=1, keepdim=True))
        tot += loss.item()
    ev, act = explained(held)
    print(f"epoch {epoch}  loss {tot / 52:.4f}  held-out explained {ev:.3f}  active atoms {act:.1f}")
print("train explained %.3f active %.1f" % explained(train))
