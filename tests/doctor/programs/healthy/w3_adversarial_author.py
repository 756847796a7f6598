"""Topic of a forum post, while the author's dialect must not be readable from the representation (gradient reversal):
the critic learns to tell the dialect, the encoder learns to make it fail.  A dialect accuracy near one half is the aim."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(91)
torch.manual_seed(91)
TOPIC = [f"t{k}w{i}" for k in range(4) for i in range(30)]
DIAL = [f"d{k}w{i}" for k in range(2) for i in range(25)]
PLAIN = [f"p{i}" for i in range(60)]
vocab = {w: i + 1 for i, w in enumerate(TOPIC + DIAL + PLAIN)}


def post():
    t, d = random.randrange(4), random.randrange(2)
    ws = [f"t{t if random.random() < 0.8 else random.randrange(4)}w{random.randrange(30)}" for _ in range(random.randint(2, 4))]
    ws += [f"d{d}w{random.randrange(25)}" for _ in range(random.randint(1, 3))] + random.choices(PLAIN, k=random.randint(3, 7))
    random.shuffle(ws)
    return [vocab[w] for w in ws], t, d


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, lam):
        ctx.lam = lam
        return x.view_as(x)

    @staticmethod
    def backward(ctx, g):
        return -ctx.lam * g, None


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 32, padding_idx=0)
        self.enc = nn.Sequential(nn.Linear(32, 32), nn.ReLU())
        self.topic = nn.Linear(32, 4)
        self.critic = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))

    def forward(self, x, lam):
        m = (x > 0).unsqueeze(-1).float()
        h = self.enc((self.emb(x) * m).sum(1) / m.sum(1))
        return self.topic(h), self.critic(Reverse.apply(h, lam))


def tensors(n):
    rows = [post() for _ in range(n)]
    x = torch.zeros(n, 14, dtype=torch.long)
    for i, (w, _, _) in enumerate(rows):
        x[i, :len(w)] = torch.tensor(w)
    return x, torch.tensor([t for _, t, _ in rows]), torch.tensor([d for _, _, d in rows])


xt, tt, dt = tensors(2500)
xd, td, dd = tensors(600)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
EPOCHS = 14
for epoch in range(EPOCHS):
    lam = min(1.0, epoch / 6) * 0.5
    tot = 0.0
    for b in torch.randperm(len(xt)).split(50):
        a, c = net(xt[b], lam)
        loss = F.cross_entropy(a, tt[b]) + F.cross_entropy(c, dt[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    with torch.no_grad():
        a, c = net(xd, lam)
    if epoch % 3 == 1:
        print(f"epoch {epoch + 1:2d} lambda {lam:.2f} loss {tot / len(xt):.3f}  dev topic {(a.argmax(1) == td).float().mean():.3f}  dev dialect {(c.argmax(1) == dd).float().mean():.3f}")
