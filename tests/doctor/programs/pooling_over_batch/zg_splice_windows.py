# Splice-donor windows: dilated convolutions over +-32 nt of context, average pooling, linear read-out.
# Toy companion to the workshop poster; simulated genome so that it runs anywhere.
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(5)
torch.manual_seed(5)

WINDOW = 64
BATCH = 64


def window(donor):
    s = rng.integers(0, 4, WINDOW)
    core = np.array([0, 2, 2, 3, 0, 2, 3])             # A G G T A G T, positions vary, last ones are weak
    if donor:
        keep = rng.random(len(core)) < np.array([.8, .9, .95, 1, .9, .8, .7])
        at = rng.integers(4, WINDOW - 12)
        s[at:at + 7] = np.where(keep, core, s[at:at + 7])
        s[at + 3:at + 5] = (3, 0)
        up = rng.integers(0, 4, at)                    # pyrimidine-poor exon side
        s[:at] = np.where(rng.random(at) < 0.45, 2, up)
    return s


def build(n):
    y = rng.integers(0, 2, n)
    return torch.tensor(np.stack([window(b) for b in y])), torch.tensor(y)


class DonorNet(nn.Module):
    def __init__(self, ch=24):
        super().__init__()
        self.nuc = nn.Embedding(4, 8)
        self.c1 = nn.Conv1d(8, ch, 7, padding=3)
        self.c2 = nn.Conv1d(ch, ch, 3, padding=2, dilation=2)
        self.fc = nn.Linear(ch, 2)

    def forward(self, s):                                # s: (batch, window)
        z = self.nuc(s).transpose(1, 2)
        z = F.relu(self.c1(z))
        z = F.relu(self.c2(z)) + z
        z = z.transpose(1, 2)                            # (batch, window, channel)
        # fault:
        z = z.mean(dim=0)
        # mended:
        # z = z.mean(dim=1)
        # end
        return self.fc(z)


def main():
    xa, ya = build(BATCH * 25)
    xb, yb = build(BATCH * 8)
    net = DonorNet()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for ep in range(6):
        net.train()
        perm = torch.randperm(len(xa))
        tr_loss = 0.0
        for i in range(0, len(xa), BATCH):
            sel = perm[i:i + BATCH]
            out = net(xa[sel])
            loss = F.cross_entropy(out, ya[sel])
            opt.zero_grad()
            loss.backward()
            opt.step()
            tr_loss += loss.item() * BATCH / len(xa)
        net.eval()
        hits = 0
        with torch.no_grad():
            for i in range(0, len(xb), BATCH):
                hits += (net(xb[i:i + BATCH]).argmax(-1) == yb[i:i + BATCH]).sum().item()
        print(f"ep {ep}: loss {tr_loss:.3f}  val acc {hits / len(xb):.3f}")


if __name__ == "__main__":
    main()
