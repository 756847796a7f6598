"""DNA barcode matching.  Reads of the same specimen should land close together, whatever the
sequencing errors; trained with triplets on some specimens, tested on specimens never seen."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(3)
torch.manual_seed(3)
L = 70
NUC = "ACGT"
RUN = torch.randn(4, 64)


def read_of(barcode):
    out = []
    for b in barcode:
        r = random.random()
        if r < 0.01:
            continue                         # deletion
        if r < 0.02:
            out.append(random.choice(NUC))   # insertion
        out.append(random.choice(NUC) if random.random() < 0.03 else b)
    return "".join(out)


def kmers(seq, k=3):
    d = [NUC.index(c) for c in seq]
    code = [sum(d[i + j] * 4 ** j for j in range(k)) for i in range(len(d) - k + 1)]
    v = torch.bincount(torch.tensor(code), minlength=4 ** k).float()
    return v.sqrt() + torch.randn(4) @ RUN     # every sequencing run has its own composition bias


specimens = ["".join(random.choices(NUC, k=L)) for _ in range(480)]
reads = torch.stack([torch.stack([kmers(read_of(s)) for _ in range(6)]) for s in specimens])
known, unseen = reads[:400], reads[400:]


class Projector(nn.Module):
    def __init__(self, out=24):
        super().__init__()
        self.lin = nn.Linear(64, out, bias=False)

    def forward(self, x):
        return F.normalize(self.lin(x), dim=-1)


def top1(model, group):
    """reads 1.. of every specimen against the first read of all specimens in the group"""
    with torch.no_grad():
        z = model(group)
    ref, query = z[:, 0], z[:, 1:]
    near = (query.reshape(-1, z.shape[-1]) @ ref.T).argmax(1)
    truth = torch.arange(len(group)).repeat_interleave(query.shape[1])
    return (near == truth).float().mean().item()


model = Projector()
triplet = nn.TripletMarginLoss(margin=0.4)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
cosine = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 24)
print("before: known %.3f unseen %.3f" % (top1(model, known[:80]), top1(model, unseen)))
for epoch in range(24):
    total, count = 0.0, 0
    for ids in torch.randperm(len(known)).split(25):
        pair = torch.stack([torch.randperm(6)[:2] for _ in ids])
        a = model(known[ids, pair[:, 0]])
        p = model(known[ids, pair[:, 1]])
        with torch.no_grad():                # hardest other specimen of the batch
            sim = a @ p.T
            sim.fill_diagonal_(-2)
            hard = sim.argmax(1)
        loss = triplet(a, p, p[hard])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total, count = total + loss.item(), count + 1
    cosine.step()
    if epoch % 3 < 2:
        continue
    print("epoch %2d triplet %.4f  known %.3f  unseen %.3f"
          % (epoch, total / count, top1(model, known[:80]), top1(model, unseen)))
