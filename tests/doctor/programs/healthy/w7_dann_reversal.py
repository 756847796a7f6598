"""Domain-adversarial training (Ganin & Lempitsky 2015).

Source reviews have labels, target reviews have none while training. The domain head is meant to end up near 50 %.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.autograd import Function

torch.manual_seed(8)
V_SHARED, V_SRC, V_TGT, LEN = 80, 40, 40, 20
V = V_SHARED + V_SRC + V_TGT
# shared words 0..39 lean to class 0, 40..79 to class 1; words of a domain say nothing about the class


class Reverse(Function):
    @staticmethod
    def forward(ctx, x, lam):
        ctx.lam = lam
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad):
        return -ctx.lam * grad, None


def reviews(n, domain):
    y = torch.randint(2, (n,))
    shared = torch.randint(40, (n, LEN)) + 40 * (torch.rand(n, LEN) < torch.where(y == 1, 0.72, 0.28)[:, None]).long()
    local = torch.randint(40, (n, LEN)) + V_SHARED + 40 * domain
    return torch.where(torch.rand(n, LEN) < 0.75, shared, local), y


class DANN(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.words = nn.EmbeddingBag(V, d, mode="mean")
        self.features = nn.Sequential(nn.Linear(d, d), nn.ReLU())
        self.label_head = nn.Linear(d, 2)
        self.domain_head = nn.Sequential(nn.Linear(d, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x, lam=0.0):
        f = self.features(self.words(x))
        return self.label_head(f), self.domain_head(Reverse.apply(f, lam)).squeeze(-1)


xs, ys = reviews(3000, 0)
xt, _ = reviews(3000, 1)
xs_dev, ys_dev = reviews(800, 0)
xt_dev, yt_dev = reviews(800, 1)


def evaluate(net):
    net.eval()
    with torch.no_grad():
        s, ds = net(xs_dev)
        t, dt = net(xt_dev)
        tr, _ = net(xs)
    net.train()
    dom = ((ds < 0).float().mean() + (dt >= 0).float().mean()) / 2
    return [(v.item()) for v in ((tr.argmax(1) == ys).float().mean(), (s.argmax(1) == ys_dev).float().mean(),
                                 (t.argmax(1) == yt_dev).float().mean(), dom)]


net = DANN()
optimizer = torch.optim.Adam([{"params": net.words.parameters(), "lr": 4e-3},
                              {"params": [p for n, p in net.named_parameters() if not n.startswith("words")], "lr": 2e-3}],
                             weight_decay=1e-4)
n_steps, epochs = 50, 8
for epoch in range(epochs):
    lam = min(0.5, 0.15 * epoch)
    src, tgt = torch.randperm(3000).view(n_steps, 60), torch.randperm(3000).view(n_steps, 60)
    cls_sum = dom_sum = 0.0
    for i, j in zip(src, tgt):
        y_hat, d_s = net(xs[i], lam)
        _, d_t = net(xt[j], lam)
        cls = F.cross_entropy(y_hat, ys[i])
        d = torch.cat([d_s, d_t])
        dom = F.binary_cross_entropy_with_logits(d, torch.cat([torch.zeros(60), torch.ones(60)]))
        optimizer.zero_grad()
        (cls + dom).backward()
        optimizer.step()
        cls_sum += cls.item() / n_steps
        dom_sum += dom.item() / n_steps
    a = evaluate(net)
    print(f"epoch {epoch} lambda {lam:.2f} cls {cls_sum:.4f} dom {dom_sum:.4f} | src train {a[0]:.3f} dev {a[1]:.3f} "
          f"TARGET dev {a[2]:.3f} | domain acc {a[3]:.3f}")
