"""Teacher (wide MLP on GloVe means) -> student (linear). Country or verb? Temperature 3, KL + CE."""
import gzip, os
import torch, torch.nn as nn, torch.nn.functional as F

torch.manual_seed(25)
R = os.environ["WORDFIT_DATA"]
vec = {}
for l in gzip.open(R + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8"):
    w, r = l.split(" ", 1)
    vec[w] = r
A, B, sec = set(), set(), ""
for l in open(R + "/wordsim/analogy/questions-words.txt", encoding="utf-8"):
    if l[0] == ":":
        sec = l.strip()
    elif "past-tense" in sec:
        A |= set(l.lower().split())
    elif "nationality" in sec or "capital-world" in sec:
        B |= set(l.lower().split())
A, B = (sorted(w for w in s if w in vec) for s in (A, B))
get = lambda w: torch.tensor([float(z) for z in vec[w].split()])
VA, VB = torch.stack([get(w) for w in A]), torch.stack([get(w) for w in B])
noise = torch.stack([get(w) for w in "the of to and in for on with at from by about into after".split()])


def bags(va, vb, n):
    """mean of two content and three function words; classes in equal number"""
    y = torch.arange(n) % 2
    x = torch.empty(n, 50)
    for i in range(n):
        src = va if y[i] == 0 else vb
        c = src[torch.randint(len(src), (2,))]
        f = noise[torch.randint(len(noise), (3,))]
        x[i] = torch.cat([c, f]).mean(0)
    return x, y


ka, kb = int(.7 * len(VA)), int(.7 * len(VB))
pa, pb = torch.randperm(len(VA)), torch.randperm(len(VB))
xt, yt = bags(VA[pa[:ka]], VB[pb[:kb]], 1600)
xv, yv = bags(VA[pa[ka:]], VB[pb[kb:]], 400)            # words of their own
mu, sd = xt.mean(0), xt.std(0)
xt, xv = (xt - mu) / sd, (xv - mu) / sd

teacher = nn.Sequential(nn.Linear(50, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 2))
student = nn.Linear(50, 2)


def acc(net):
    net.eval()
    with torch.no_grad():
        return (net(xv).argmax(1) == yv).float().mean().item()


def fit(net, loss_of, epochs, lr):
    opt = torch.optim.Adam(net.parameters(), lr=lr)
    for e in range(epochs):
        net.train(); s = 0
        for b in torch.randperm(len(xt)).split(40):
            loss = loss_of(net(xt[b]), b)
            opt.zero_grad(); loss.backward(); opt.step(); s += loss.item()
        print(f"  epoch {e + 1} loss {s / (len(xt) / 40):.4f} held-out acc {acc(net):.3f}")


print("teacher"); fit(teacher, lambda o, b: F.cross_entropy(o, yt[b]), 4, 2e-3)
teacher.eval()
for p in teacher.parameters():
    p.requires_grad_(False)
T = 3.0


def kd(o, b):
    soft = F.softmax(teacher(xt[b]) / T, dim=1)
    return 0.7 * T * T * F.kl_div(F.log_softmax(o / T, 1), soft, reduction="batchmean") + 0.3 * F.cross_entropy(o, yt[b])


print("student"); fit(student, kd, 5, 1e-2)
