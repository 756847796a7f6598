"""Does a peptide carry a binding motif?  Small convolutional net on amino acids, label smoothing, masked maximum."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

ACIDS = "ACDEFGHIKLMNPQRSTVWY"
AA = {a: i + 1 for i, a in enumerate(ACIDS)}     # 0 is the gap behind short peptides


def peptide(rng, motif):
    seq = [rng.choice(ACIDS) for _ in range(rng.randint(14, 30))]
    if motif == 1:                     # N-x-[ST], with a hydrophobic residue in front
        p = rng.randint(0, len(seq) - 4)
        seq[p:p + 4] = [rng.choice("ILVF"), "N", seq[p + 2], rng.choice("ST")]
    elif motif == 2:                   # two acids, any, proline
        p = rng.randint(0, len(seq) - 4)
        seq[p:p + 4] = [rng.choice("DE"), rng.choice("DE"), seq[p + 2], "P"]
    return "".join(seq)


class MotifNet(nn.Module):
    def __init__(self, d=10, filters=32, width=4, classes=3):
        super().__init__()
        self.width = width
        self.acid = nn.Embedding(len(ACIDS) + 1, d, padding_idx=0)
        self.conv = nn.Conv1d(d, filters, width)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(filters, classes)

    def forward(self, ids, lengths):
        h = F.gelu(self.conv(self.acid(ids).transpose(1, 2)))
        places = torch.arange(h.size(2)).unsqueeze(0)
        inside = places <= (lengths - self.width).unsqueeze(1)
        h = h.masked_fill(~inside.unsqueeze(1), float("-inf")).amax(dim=2)
        return self.out(self.drop(h))


def tensors(rows):
    lengths = torch.tensor([len(s) for s, _ in rows])
    ids = torch.zeros(len(rows), int(lengths.max()), dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        ids[i, :len(s)] = torch.tensor([AA[a] for a in s])
    return ids, lengths, torch.tensor([y for _, y in rows])


def main():
    rng = random.Random(14)
    torch.manual_seed(14)
    made = {}
    while len(made) < 3000:
        y = rng.randrange(3)
        made.setdefault(peptide(rng, y), y)
    rows = list(made.items())
    rng.shuffle(rows)
    train, test = tensors(rows[:2400]), tensors(rows[2400:])
    net = MotifNet()
    opt = torch.optim.AdamW(net.parameters(), lr=6e-3, weight_decay=1e-3)
    epochs, size = 14, 64
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=epochs * ((2400 + size - 1) // size))
    for epoch in range(epochs):
        net.train()
        for pick in torch.randperm(2400).split(size):
            ids, lengths, y = (t[pick] for t in train)
            loss = F.cross_entropy(net(ids, lengths), y, label_smoothing=0.05)
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            sched.step()
        if epoch % 2 == 1:
            net.eval()
            with torch.no_grad():
                line = []
                for ids, lengths, y in (train, test):
                    z = net(ids, lengths)
                    line.append(f"{F.cross_entropy(z, y).item():.3f}/{(z.argmax(1) == y).float().mean().item():.3f}")
            print(f"epoch {epoch + 1:2d}   train {line[0]}   test {line[1]}")


if __name__ == "__main__":
    main()
