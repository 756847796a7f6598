"""Domain-adversarial training (Ganin & Lempitsky) on synthetic reviews of books and of kitchen gear.

Source domain: books, with ratings. Target domain: kitchen gear, no ratings at training time.
The domain loss is expected to go up towards ln 2 while training goes on.
"""
import argparse
import torch
import torch.nn as nn
import torch.nn.functional as F


class ReverseGrad(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, lam):
        ctx.lam = lam
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad):
        return -ctx.lam * grad, None


POS = "great lovely wonderful superb pleasing excellent charming solid perfect fine".split()
NEG = "awful dull terrible poor annoying bad useless weak horrible sad".split()
BOOK = "plot author chapter novel story character prose page reader ending writer series".split()
GEAR = "pan knife kettle blender handle lid oven steel blade pot mixer grill".split()
COMMON = "the a i this my it was is and so really for with very quite after one week".split()
ITOS = ["<pad>"] + POS + NEG + BOOK + GEAR + COMMON
STOI = {w: i for i, w in enumerate(ITOS)}


def reviews(n, topic, gen):
    def pick(words, k):
        return [words[j] for j in torch.randint(len(words), (k,), generator=gen).tolist()]
    xs, ys = [], []
    for _ in range(n):
        y = int(torch.randint(2, (1,), generator=gen))
        k = int(torch.randint(1, 4, (1,), generator=gen))
        toks = pick(POS if y else NEG, k) + pick(topic, 3) + pick(COMMON, int(torch.randint(3, 8, (1,), generator=gen)))
        if torch.rand((), generator=gen) < 0.3 and k > 1:          # a word of the other side now and then
            toks += pick(NEG if y else POS, 1)
        toks = [toks[j] for j in torch.randperm(len(toks), generator=gen).tolist()]
        xs.append(torch.tensor([STOI[t] for t in toks])); ys.append(y)
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.tensor(ys)


class Net(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(len(ITOS), d, padding_idx=0)
        self.emb.weight.data.mul_(0.3)
        self.feat = nn.Linear(d, d)
        self.rating = nn.Linear(d, 2)
        self.domain = nn.Sequential(nn.Linear(d, 24), nn.ReLU(), nn.Linear(24, 2))

    def features(self, x):
        m = (x > 0).float().unsqueeze(2)
        return torch.tanh(self.feat((self.emb(x) * m).sum(1) / m.sum(1).clamp(min=1) * 3))

    def forward(self, x, lam):
        z = self.features(x)
        return self.rating(z), self.domain(ReverseGrad.apply(z, lam))


def accuracy(net, x, y):
    net.eval()
    with torch.no_grad():
        return (net(x, 0.0)[0].argmax(1) == y).float().mean().item()


def main(a):
    torch.manual_seed(a.seed)
    gen = torch.Generator().manual_seed(a.seed)
    sx, sy = reviews(2000, BOOK, gen)
    tx, _ = reviews(2000, GEAR, gen)
    sv, tv = reviews(500, BOOK, gen), reviews(500, GEAR, gen)
    net = Net()
    opt = torch.optim.SGD(net.parameters(), lr=a.lr, momentum=0.9)
    steps, done = a.epochs * (len(sx) // a.bs), 0
    for ep in range(a.epochs):
        net.train()
        ps, pt, rl, dl = torch.randperm(len(sx)), torch.randperm(len(tx)), 0.0, 0.0
        for k in range(0, len(sx), a.bs):
            prog = done / steps
            lam = a.strength * (2 / (1 + torch.exp(torch.tensor(-10 * prog))).item() - 1)
            i, j = ps[k:k + a.bs], pt[k:k + a.bs]
            r, ds = net(sx[i], lam)
            _, dt = net(tx[j], lam)
            l_rating = F.cross_entropy(r, sy[i])
            l_domain = F.cross_entropy(torch.cat([ds, dt]), torch.cat([torch.zeros(len(i)), torch.ones(len(j))]).long())
            opt.zero_grad()
            (l_rating + l_domain).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            opt.step()
            done += 1; rl += l_rating.item(); dl += l_domain.item()
        n = len(sx) // a.bs
        print(f"{ep}: rating {rl / n:.4f} domain {dl / n:.4f} (ln 2 = 0.693) lambda {lam:.2f} "
              f"train {accuracy(net, sx, sy):.3f} books {accuracy(net, *sv):.3f} gear {accuracy(net, *tv):.3f}")


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--epochs", type=int, default=6)
    p.add_argument("--bs", type=int, default=50)
    p.add_argument("--lr", type=float, default=0.05)
    p.add_argument("--strength", type=float, default=0.3)
    p.add_argument("--seed", type=int, default=4)
    main(p.parse_args())
