"""Domain-adversarial reviews: labels only for books, kitchen reviews unlabelled. Gradient reversal as an autograd Function;
two optimizers, one for the labeller and one for the domain critic."""
import itertools, math, random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(8); torch.manual_seed(8)
SHARED = {1: ["great", "love", "perfect", "superb", "happy", "recommend"], 0: ["awful", "hate", "broken", "poor", "sad", "refund"]}
BOOKS = {1: ["gripping", "witty", "moving"], 0: ["boring", "tedious", "cliched"], None: ["plot", "author", "chapter", "novel", "page"]}
KITCHEN = {1: ["sturdy", "sharp", "handy"], 0: ["leaky", "rusty", "flimsy"], None: ["blade", "pan", "lid", "oven", "knife"]}
GLUE = ["the", "is", "was", "it", "this", "very", "and", "with", "my"]


def review(dom):
    y = random.random() < .5
    y = int(y)
    words = random.choices(SHARED[y], k=2) + random.choices(dom[y], k=1) + random.choices(dom[None], k=3) + random.choices(GLUE, k=5)
    if random.random() < .3:
        words.append(random.choice(SHARED[1 - y]))
    random.shuffle(words)
    return words, y


src, tgt = [review(BOOKS) for _ in range(1500)], [review(KITCHEN) for _ in range(1500)]
src_dev, tgt_test = [review(BOOKS) for _ in range(300)], [review(KITCHEN) for _ in range(300)]
vocab = {w: i for i, w in enumerate(sorted(set(itertools.chain(*(w for w, _ in src + tgt)))))}


def bow(rows):
    X = torch.zeros(len(rows), len(vocab))
    for i, (ws, _) in enumerate(rows):
        for w in ws:
            X[i, vocab[w]] += 1
    return X / X.sum(1, keepdim=True), torch.tensor([float(y) for _, y in rows])


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, lam):
        ctx.lam = lam
        return x.view_as(x)

    @staticmethod
    def backward(ctx, g):
        return -ctx.lam * g, None


class Extractor(nn.Module):
    def __init__(self, v, h=16):
        super().__init__()
        self.proj = nn.Linear(v, h)
        self.label = nn.Linear(h, 1)

    def features(self, x):
        return torch.tanh(self.proj(x * 5))

    def forward(self, x):
        f = self.features(x)
        return f, self.label(f).squeeze(-1)


Xs, ys = bow(src); Xt, _ = bow(tgt); Xd, yd = bow(src_dev); Xq, yq = bow(tgt_test)
net = Extractor(len(vocab))
critic = nn.Sequential(nn.Linear(16, 8), nn.Tanh(), nn.Linear(8, 1))
opt_net = torch.optim.Adam(net.parameters(), lr=3e-3)
opt_dom = torch.optim.Adam(critic.parameters(), lr=1e-2, betas=(.5, .99))


def acc(X, y):
    with torch.no_grad():
        return ((net(X)[1] > 0).float() == y).float().mean().item()


EPOCHS = 8
for ep in range(EPOCHS):
    lam = .5 * (2 / (1 + math.exp(-6 * ep / EPOCHS)) - 1)
    for o, lr in ((opt_net, 3e-3), (opt_dom, 1e-2)):
        o.param_groups[0]["lr"] = lr * (1 - ep / EPOCHS)
    lab = dom = 0.
    ia, ib = torch.randperm(1500).split(50), torch.randperm(1500).split(50)
    for a, b in zip(ia, ib):
        fs, logit = net(Xs[a])
        ft = net.features(Xt[b])
        d = critic(Reverse.apply(torch.cat([fs, ft]), lam)).squeeze(-1)
        where = torch.cat([torch.zeros(len(a)), torch.ones(len(b))])
        l_lab = F.binary_cross_entropy_with_logits(logit, ys[a])
        l_dom = F.binary_cross_entropy_with_logits(d, where)
        opt_net.zero_grad(); opt_dom.zero_grad()
        (l_lab + l_dom).backward()
        opt_net.step(); opt_dom.step()
        lab += l_lab.item() / 30; dom += l_dom.item() / 30
    print(f"ep {ep} lambda {lam:.2f} label {lab:.3f} domain {dom:.3f} (log 2 = confused) books dev {acc(Xd, yd):.3f} kitchen {acc(Xq, yq):.3f}")
print("books train %.3f" % acc(Xs, ys))
