"""Secondary structure (H helix, E strand, C coil) from protein letters with dilated convolutions."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

random.seed(6)
torch.manual_seed(6)
AA = "ACDEFGHIKLMNPQRSTVWY"
SS = "HEC"
PROPENSITY = {  # how often each residue shows up in a helix, strand, coil
    "H": dict(A=14, L=12, E=12, K=10, M=5, Q=7, R=8, D=4, I=4, F=3, W=1, Y=2, V=3, T=2, S=3, N=2, H=2, C=1, G=1, P=1),
    "E": dict(V=14, I=12, Y=8, F=8, W=4, T=10, L=7, C=4, M=2, Q=3, R=4, K=4, A=4, S=4, E=3, H=2, G=3, D=2, N=2, P=1),
    "C": dict(G=13, P=12, N=9, D=10, S=10, T=6, K=6, E=5, A=5, Q=3, R=4, H=3, Y=3, F=2, L=4, I=2, V=3, M=1, C=2, W=1),
}
LENGTHS = {"H": (7, 16), "E": (4, 8), "C": (3, 9)}
NEXT = {"H": "C", "E": "C", "C": "HE"}


def chain():
    seq, ss, s = "", "", "C"
    target = random.randint(30, 70)
    while len(seq) < target:
        k = random.randint(*LENGTHS[s])
        seq += "".join(random.choices(list(PROPENSITY[s]), weights=list(PROPENSITY[s].values()), k=k))
        ss += s * k
        s = random.choice(NEXT[s])
    return seq[:target], ss[:target]


aa_to_id = {a: i + 1 for i, a in enumerate(AA)}
ss_to_id = {s: i for i, s in enumerate(SS)}
# fault:
PAD_AA, PAD_SS = 0, 0
# mended:
# PAD_AA, PAD_SS = 0, -1
# end


def collate(rows):
    x = [torch.tensor([aa_to_id[a] for a in seq]) for seq, _ in rows]
    y = [torch.tensor([ss_to_id[s] for s in ss]) for _, ss in rows]
    return pad_sequence(x, True, PAD_AA), pad_sequence(y, True, PAD_SS), torch.tensor([len(t) for t in x])


class SS3(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(AA) + 1, d, padding_idx=PAD_AA)
        self.convs = nn.ModuleList(nn.Conv1d(d, d, 5, padding=2 * r, dilation=r) for r in (1, 2, 4))
        self.drop = nn.Dropout(0.1)
        self.out = nn.Conv1d(d, len(SS), 1)

    def forward(self, x):
        keep = (x != PAD_AA).unsqueeze(1)
        h = self.emb(x).transpose(1, 2)
        for conv in self.convs:
            h = h + self.drop(F.relu(conv(h))) * keep
        return self.out(h)


train_dl = DataLoader([chain() for _ in range(800)], batch_size=32, shuffle=True, collate_fn=collate)
valid_dl = DataLoader([chain() for _ in range(200)], batch_size=100, collate_fn=collate)
net = SS3()
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.7)

for epoch in range(1, 7):
    net.train()
    run = n = 0.0
    for x, y, lens in train_dl:
        loss = F.cross_entropy(net(x), y, ignore_index=PAD_SS)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run, n = run + loss.item(), n + 1
    scheduler.step()
    net.eval()
    hit, tot = 0, 0
    with torch.no_grad():
        for x, y, lens in valid_dl:
            real = torch.arange(x.shape[1])[None] < lens[:, None]
            hit += (net(x).argmax(1) == y)[real].sum().item()
            tot += int(lens.sum())
    print(f"epoch {epoch}: train loss {run / n:.4f}, valid Q3 {hit / tot:.4f}")
