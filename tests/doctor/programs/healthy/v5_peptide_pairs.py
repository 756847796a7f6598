# Find the homologue: two noisy copies of a peptide family's core should land close together (in-batch contrast).
# Held-out families were never seen in training, so this measures the space and not the memory.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(12)
torch.manual_seed(12)
AA = "ACDEFGHIKLMNPQRSTVWY"
GROUPS = ["AVLIM", "FWY", "ST", "DENQ", "KRH", "CGP"]     # residues that replace each other readily
mates = {a: g for g in GROUPS for a in g}
code = {a: i for i, a in enumerate(AA)}


def family():
    return random.choices(AA, k=24)


def member(core):
    return torch.tensor([code[random.choice(mates[a]) if random.random() < .85 else random.choice(AA) if random.random() < .5 else a] for a in core])


train_fam = [family() for _ in range(1500)]
new_fam = [family() for _ in range(200)]


class PeptideEncoder(nn.Module):
    def __init__(self, d=6, out=32):
        super().__init__()
        self.residue = nn.Embedding(20, d)
        self.mix = nn.Linear(24 * d, out)

    def forward(self, x):
        return F.normalize(self.mix(self.residue(x).flatten(1)), dim=1)


enc = PeptideEncoder()
log_t = nn.Parameter(torch.tensor(2.0))
opt = torch.optim.Adam([{"params": enc.parameters()}, {"params": [log_t], "lr": 5e-3}], lr=4e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 8)


def retrieval(fams):
    with torch.no_grad():
        a = enc(torch.stack([member(f) for f in fams]))
        b = enc(torch.stack([member(f) for f in fams]))
    return ((a @ b.T).argmax(1) == torch.arange(len(fams))).float().mean().item()


print(f"before: new families R@1 {retrieval(new_fam):.3f}")
for epoch in range(8):
    random.shuffle(train_fam)
    total = 0.0
    for k in range(0, 1500, 50):
        fams = train_fam[k:k + 50]
        a = enc(torch.stack([member(f) for f in fams]))
        b = enc(torch.stack([member(f) for f in fams]))
        logits = log_t.exp() * a @ b.T
        gold = torch.arange(50)
        loss = (F.cross_entropy(logits, gold) + F.cross_entropy(logits.T, gold)) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    sched.step()
    print(f"epoch {epoch} loss {total / 30:.3f} R@1 of 200: trained {retrieval(train_fam[:200]):.3f} new {retrieval(new_fam):.3f} scale {log_t.exp().item():.1f}")
