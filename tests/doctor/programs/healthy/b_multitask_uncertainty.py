"""Homoscedastic uncertainty weighting (Kendall & Gal): one text encoder, a class head and a number head.
The combined objective  sum_k exp(-s_k) L_k + s_k / 2  may well go below zero."""
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

torch.manual_seed(31)
V, T, K = 200, 14, 5
topic_words = torch.randperm(V - 1).add(1)[:150].view(K, 30)
price = torch.rand(V) * 2 - 1
N = 4000
y_cls = torch.randint(0, K, (N,))
x = torch.randint(1, V, (N, T))
own = topic_words[y_cls].gather(1, torch.randint(0, 30, (N, T)))
x = torch.where(torch.rand(N, T) < 0.6, own, x)
length = torch.randint(6, T + 1, (N,))
x[torch.arange(T)[None] >= length[:, None]] = 0
price[0] = 0
y_num = price[x].sum(1) + 0.1 * torch.randn(N)


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(V, 24, padding_idx=0)
        self.cls_head = nn.Linear(24, K)
        self.num_head = nn.Linear(24, 1)
        self.s = nn.Parameter(torch.zeros(2))

    def forward(self, x):
        z = self.tok(x).sum(1)
        return self.cls_head(z), self.num_head(z)[:, 0]

    def objective(self, a, b):
        return (torch.exp(-self.s) * torch.stack([a, b]) + 0.5 * self.s).sum()


model = TwoHeads()
nn.init.normal_(model.tok.weight, std=0.3)
model.tok.weight.data[0].zero_()
fit, held = TensorDataset(x[:3400], y_cls[:3400], y_num[:3400]), (x[3400:], y_cls[3400:], y_num[3400:])
opt = torch.optim.Adam([{"params": [model.s], "lr": 2e-2}, {"params": [p for n, p in model.named_parameters() if n != "s"], "lr": 1e-2}])
step_lr = torch.optim.lr_scheduler.StepLR(opt, 4, 0.2)


def check(xs, c, r):
    model.eval()
    with torch.no_grad():
        lc, pr = model(xs)
    return (lc.argmax(1) == c).float().mean().item(), 1 - ((pr - r) ** 2).mean().item() / r.var().item()


for ep in range(6):
    model.train()
    acc = 0.
    for xs, c, r in DataLoader(fit, 50, shuffle=True):
        lc, pr = model(xs)
        loss = model.objective(nn.functional.cross_entropy(lc, c), nn.functional.mse_loss(pr, r))
        opt.zero_grad()
        loss.backward()
        opt.step()
        acc += loss.item()
    step_lr.step()
    print("ep %d obj %+.3f s %s | fit acc %.3f R2 %.3f | held acc %.3f R2 %.3f" % ((ep, acc / 68, [round(v, 2) for v in model.s.tolist()]) + check(*fit[:]) + check(*held)))
