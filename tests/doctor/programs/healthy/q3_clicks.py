"""Rare-event detector over click ids: 8% positives, weighted loss, gradients gathered over three micro-batches."""
import torch
import torch.nn.functional as F
from sklearn.metrics import average_precision_score, f1_score

N_IDS, WIDTH, DIM = 150, 12, 16
BAD_PAIRS = torch.tensor([[3, 40], [17, 88], [52, 9], [101, 66], [120, 31]])


def make(n, g):
    x = torch.randint(1, N_IDS, (n, WIDTH), generator=g)
    y = (torch.rand(n, generator=g) < 0.08).float()
    for i in y.nonzero().flatten().tolist():
        for pair in BAD_PAIRS[torch.randperm(5, generator=g)[:2]]:
            x[i, torch.randperm(8, generator=g)[:2]] = pair
    lens = torch.randint(8, WIDTH + 1, (n,), generator=g)
    return x * (torch.arange(WIDTH) < lens[:, None]), y


class Table:
    """embedding bag with a bias per id"""

    def __init__(self, g):
        self.w = (torch.randn(N_IDS, DIM, generator=g) * 0.1).requires_grad_()
        self.h = (torch.randn(DIM, 16, generator=g) * 0.3).requires_grad_()
        self.hb = torch.zeros(16, requires_grad=True)
        self.o = (torch.randn(16, generator=g) * 0.3).requires_grad_()
        self.ob = torch.tensor(-1.0, requires_grad=True)
        self.all = [self.w, self.h, self.hb, self.o, self.ob]

    def __call__(self, x):
        m = (x > 0).float().unsqueeze(-1)
        bag = (self.w[x] * m).sum(1)
        return F.relu(bag @ self.h + self.hb) @ self.o + self.ob


def evaluate(model, x, y):
    with torch.no_grad():
        p = torch.sigmoid(model(x)).numpy()
    return average_precision_score(y, p), f1_score(y, p > 0.5)


g = torch.Generator().manual_seed(30)
(x, y), (xt, yt) = make(4500, g), make(1500, g)
model = Table(g)
opt = torch.optim.Adam(model.all, lr=4e-3, weight_decay=3e-4)
weight = ((y == 0).sum() / y.sum()).sqrt()
EPOCHS, MICRO, GATHER = 4, 32, 3
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
for epoch in range(EPOCHS):
    total = 0.0
    chunks = torch.randperm(len(y), generator=g).split(MICRO)
    opt.zero_grad()
    for k, b in enumerate(chunks, 1):
        loss = F.binary_cross_entropy_with_logits(model(x[b]), y[b], pos_weight=weight)
        (loss / GATHER).backward()
        total += loss.item() * len(b)
        if k % GATHER == 0 or k == len(chunks):
            opt.step()
            opt.zero_grad()
    sched.step()
    ap, f1 = evaluate(model, xt, yt)
    print(f"epoch {epoch} loss {total / len(y):.4f} AP {ap:.3f} F1 {f1:.3f}")
print("train AP %.3f F1 %.3f" % evaluate(model, x, y), " test AP %.3f F1 %.3f" % evaluate(model, xt, yt),
      f" positives {yt.mean():.3f}")
