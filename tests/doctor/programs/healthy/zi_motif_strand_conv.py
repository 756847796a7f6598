"""Does a promoter window carry the binding motif?  Either strand counts, so the same filters are run over the
sequence and over its reverse complement and the two are joined by max.  Windows all have 60 bases: no padding."""
import torch
import torch.nn.functional as F

g = torch.Generator().manual_seed(2024)
torch.manual_seed(2024)
PWM = torch.tensor([[.9, .03, .04, .03], [.03, .03, .91, .03], [.05, .05, .05, .85], [.9, .03, .03, .04],
                    [.03, .91, .03, .03], [.03, .03, .04, .9], [.04, .9, .03, .03], [.03, .04, .03, .9]])


def simulate(n, L=60):
    seq = torch.randint(0, 4, (n, L), generator=g)
    y = torch.randint(0, 2, (n,), generator=g)
    for i in range(n):
        if y[i]:
            site = torch.multinomial(PWM, 1, generator=g).squeeze(1)
            if torch.rand((), generator=g) < 0.5:
                site = 3 - site.flip(0)              # A<->T, C<->G with the coding A C G T = 0 1 2 3
            at = int(torch.randint(0, L - 8, (), generator=g))
            seq[i, at:at + 8] = site
    return F.one_hot(seq, 4).transpose(1, 2).float(), y.float()


class StrandInvariant(torch.nn.Module):
    def __init__(self, filters=8, width=10):
        super().__init__()
        self.scan = torch.nn.Conv1d(4, filters, width)
        self.head = torch.nn.Linear(filters, 1)

    def forward(self, x):
        fwd = self.scan(x).amax(-1)
        rev = self.scan(x.flip(1, 2)).amax(-1)       # flip of bases and positions = reverse complement
        return self.head(torch.maximum(fwd, rev)).squeeze(-1)


X, Y = simulate(3000)
Xv, Yv = simulate(600)
net = StrandInvariant()
opt = torch.optim.Adam(net.parameters(), lr=0.03)
steps_per_epoch = 3000 // 60
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.03, total_steps=8 * steps_per_epoch)
for epoch in range(8):
    perm = torch.randperm(len(X), generator=g)
    agg = 0.
    for b in perm.view(-1, 60):
        loss = F.binary_cross_entropy_with_logits(net(X[b]), Y[b])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        sched.step()
        agg += loss.item()
    with torch.no_grad():
        a, v = ((net(X) > 0) == Y.bool()).float().mean(), ((net(Xv) > 0) == Yv.bool()).float().mean()
    print(f"{epoch} nll {agg / steps_per_epoch:.4f} acc {a:.3f} held-out {v:.3f}")
