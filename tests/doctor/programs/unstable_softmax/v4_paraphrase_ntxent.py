"""SimCLR-style contrastive training of a sentence encoder on two-view paraphrases.

View A and view B of a sentence share the concepts but never the surface forms (each concept has four synonyms,
two are used in A and two in B), so retrieval has to be learned.
"""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(5)
torch.manual_seed(5)

N_CONCEPTS, LEN = 60, 4
TAU_START, TAU_END = 0.2, 0.01      # annealed: harder and harder negatives


def pair():
    cs = random.sample(range(N_CONCEPTS), LEN)
    a = [c * 4 + random.randrange(2) for c in cs]
    random.shuffle(cs)
    b = [c * 4 + 2 + random.randrange(2) for c in cs]
    return a, b


def dataset(n):
    a, b = zip(*[pair() for _ in range(n)])
    return torch.tensor(a), torch.tensor(b)


A, B = dataset(3000)
A_test, B_test = dataset(300)


class SentEnc(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.table = nn.Embedding(N_CONCEPTS * 4, dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, ids):
        return F.normalize(self.proj(self.table(ids).mean(1)), dim=-1)


def nt_xent(za, zb, tau):
    """cross entropy of every sentence against all candidates in the batch, both directions"""
    sim = torch.einsum("id,jd->ij", za, zb) / tau
    total = 0.0
    for s in (sim, sim.t()):
        # fault:
        e = torch.exp(s)
        total = total - torch.log(e.diagonal() / e.sum(dim=1)).mean()
        # mended:
        # s = s - s.max(dim=1, keepdim=True).values.detach()
        # total = total - (s.diagonal() - torch.log(torch.exp(s).sum(dim=1))).mean()
        # end
    return total / 2


@torch.no_grad()
def recall_at_1(enc, a=A_test, b=B_test):
    enc.eval()
    s = enc(a) @ enc(b).t()
    return (s.argmax(1) == torch.arange(len(s))).float().mean().item()


enc = SentEnc()
EPOCHS, STEPS = 6, 60
optimizer = torch.optim.Adam(enc.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=2e-2, total_steps=EPOCHS * STEPS)

print("before training: R@1", round(recall_at_1(enc), 3))
for epoch in range(EPOCHS):
    tau = TAU_START * (TAU_END / TAU_START) ** (epoch / (EPOCHS - 1))
    enc.train()
    losses = []
    for idx in torch.randperm(len(A)).split(len(A) // STEPS):
        loss = nt_xent(enc(A[idx]), enc(B[idx]), tau)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    print(f"epoch {epoch}: tau {tau:.3f}  loss {sum(losses) / len(losses):.4f}  "
          f"R@1 of {len(A_test)}: train {recall_at_1(enc, A[:300], B[:300]):.3f}  test {recall_at_1(enc):.3f}")
