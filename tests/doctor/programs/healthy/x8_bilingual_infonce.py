"""CLIP-style symmetric InfoNCE between two made-up languages with a learned temperature."""
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F

rs = np.random.RandomState(4); torch.manual_seed(4)
CONCEPTS = 250
perm_b = rs.permutation(CONCEPTS)          # language B calls concept c "perm_b[c]"


def corpus(n):
    A, B = [], []
    for _ in range(n):
        k = rs.randint(5, 10)
        c = rs.randint(0, CONCEPTS, k)
        b = perm_b[c][rs.permutation(k)]     # free word order
        noise = rs.rand(k) < 0.1
        b = np.where(noise, rs.randint(0, CONCEPTS, k), b)
        A.append(torch.from_numpy(c)); B.append(torch.from_numpy(b))
    return A, B


class Tower(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.bag = nn.EmbeddingBag(CONCEPTS, d, mode="mean")
        self.proj = nn.Linear(d, d)

    def forward(self, sents):
        off = torch.tensor([0] + [len(s) for s in sents[:-1]]).cumsum(0)
        return F.normalize(self.proj(self.bag(torch.cat(sents), off)), dim=-1)


@torch.no_grad()
def recall_at_1(ta, tb, A, B):
    s = ta(A) @ tb(B).T
    tgt = torch.arange(len(A))
    return (s.argmax(1) == tgt).float().mean().item(), (s.argmax(0) == tgt).float().mean().item()


A, B = corpus(4000)
vA, vB = corpus(400)
ta, tb = Tower(), Tower()
log_t = nn.Parameter(torch.tensor(np.log(1 / 0.07), dtype=torch.float32))
opt = torch.optim.AdamW([*ta.parameters(), *tb.parameters()], lr=1e-2, weight_decay=1e-4)
opt.add_param_group({"params": [log_t], "lr": 1e-3, "weight_decay": 0.0})
EPOCHS, BS = 8, 100
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * (len(A) // BS))
for ep in range(EPOCHS):
    losses = []
    for idx in rs.permutation(len(A)).reshape(-1, BS):
        za, zb = ta([A[i] for i in idx]), tb([B[i] for i in idx])
        logits = log_t.exp().clamp(max=100) * za @ zb.T
        y = torch.arange(BS)
        loss = (F.cross_entropy(logits, y) + F.cross_entropy(logits.T, y)) / 2
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        losses.append(loss.item())
    print(f"{ep}: InfoNCE {np.mean(losses):.3f}  1/T {log_t.exp().item():.1f}  R@1 held-out %.3f %.3f" % recall_at_1(ta, tb, vA, vB))
print("R@1 among 400 training pairs %.3f %.3f" % recall_at_1(ta, tb, A[:400], B[:400]))
