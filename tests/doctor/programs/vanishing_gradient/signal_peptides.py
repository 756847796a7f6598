"""Protein letters -> compartment.  A stack of dilated convolutions over the residues."""
import random
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader

AMINO = "ACDEFGHIKLMNPQRSTVWY"
CLASSES = ["secreted", "nuclear", "membrane", "cytosol"]
MOTIFS = {0: ["MKLLVA", "MRALLV", "MKFLLA"], 1: ["PKKKRKV", "KRPAAK", "KKKRK"], 2: ["LLIVFLLGI", "VVLIALLFV", "IILGVLLAF"], 3: []}


class Proteins(Dataset):
    def __init__(self, n, seed):
        rnd = random.Random(seed)
        self.items = []
        for _ in range(n):
            y = rnd.randrange(4)
            seq = [rnd.choice(AMINO) for _ in range(rnd.randint(40, 60))]
            if MOTIFS[y]:
                m = rnd.choice(MOTIFS[y])
                at = 0 if y == 0 else rnd.randrange(len(seq) - len(m))
                seq[at:at + len(m)] = [c if rnd.random() > 0.05 else rnd.choice(AMINO) for c in m]
            self.items.append(("".join(seq), y))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(rows):
    width = max(len(s) for s, _ in rows)
    x = torch.zeros(len(rows), width, dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        x[i, :len(s)] = torch.tensor([AMINO.index(c) + 1 for c in s])
    return x, torch.tensor([y for _, y in rows])


class DilatedStack(nn.Module):
    def __init__(self, width=24, depth=9):
        super().__init__()
        self.emb = nn.Embedding(len(AMINO) + 1, width, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(width, width, 3, padding=2 ** (k % 3), dilation=2 ** (k % 3)) for k in range(depth))
        self.head = nn.Linear(width, len(CLASSES))

    def forward(self, x):
        live = (x != 0).unsqueeze(1)
        h = self.emb(x).transpose(1, 2)
        for conv in self.convs:
            # fault:
            h = torch.sigmoid(conv(h)) * live
            # mended:
            # h = (h + torch.relu(conv(h)) * 0.5) * live
            # end
        return self.head(h.masked_fill(~live, -1e4).amax(2))


def run(model, loader, opt=None):
    model.train(opt is not None)
    loss_sum, right, n = 0.0, 0, 0
    with torch.set_grad_enabled(opt is not None):
        for x, y in loader:
            out = model(x)
            loss = nn.functional.cross_entropy(out, y)
            if opt is not None:
                opt.zero_grad()
                loss.backward()
                opt.step()
            loss_sum += loss.item() * len(y)
            right += (out.argmax(1) == y).sum().item()
            n += len(y)
    return loss_sum / n, right / n


if __name__ == "__main__":
    torch.manual_seed(6)
    train_loader = DataLoader(Proteins(3000, 1), batch_size=50, shuffle=True, collate_fn=collate)
    dev_loader = DataLoader(Proteins(600, 2), batch_size=200, collate_fn=collate)
    net = DilatedStack()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(1, 7):
        tl, ta = run(net, train_loader, opt)
        dl, da = run(net, dev_loader)
        print(f"[{epoch}] train {tl:.4f} / {ta:.3f}   dev {dl:.4f} / {da:.3f}")
