"""Distil a wide letter-trigram dialect classifier into one small enough for the field recorder."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(6)
torch.manual_seed(6)
DIALECTS = ["coast", "hills", "border"]
ONSET, NUC, CODA = "b d f g h k l m n p r s t sch st br".split(), "a e i o u".split(), ["", "", "n", "r", "l", "t", "s"]
HABIT = {                                   # rewriting habits of the three areas
    "coast": [("a", "oa"), ("sch", "sk"), ("t", "dt")],
    "hills": [("k", "ch"), ("e", "ei"), ("n", "nli")],
    "border": [("u", "ou"), ("r", "rr"), ("s", "z")],
}


def utterance():
    d = random.choice(DIALECTS)
    ws = []
    for _ in range(random.randint(3, 5)):
        w = "".join(random.choice(ONSET) + random.choice(NUC) + random.choice(CODA) for _ in range(2))
        for a, b in HABIT[d]:
            if random.random() < .8:
                w = w.replace(a, b)
        ws.append(w)
    return " ".join(ws), DIALECTS.index(d)


corpus = list({t: (t, y) for t, y in (utterance() for _ in range(2600))}.values())
trn, tst = corpus[:2100], corpus[2100:]


def grams(t, n, size):
    t = "_" + t.replace(" ", "_") + "_"
    out = []
    for i in range(len(t) - n + 1):
        h = 0
        for ch in t[i:i + n]:
            h = h * 67 + ord(ch)
        out.append(h % size)
    return out


class Bagger(nn.Module):
    def __init__(self, n, size, dim, p):
        super().__init__()
        self.n, self.size = n, size
        self.tab = nn.EmbeddingBag(size, dim, mode="mean")
        self.top = nn.Sequential(nn.Dropout(p), nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, 3))

    def forward(self, texts):
        bags = [grams(t, self.n, self.size) for t in texts]
        offs = torch.tensor([0] + [len(b) for b in bags[:-1]]).cumsum(0)
        return self.top(self.tab(torch.tensor(sum(bags, [])), offs))


def fit(net, epochs, lr, loss_of):
    opt = torch.optim.Adam(net.parameters(), lr)
    for e in range(epochs):
        net.train()
        random.shuffle(trn)
        s = 0
        for i in range(0, len(trn), 60):
            texts, y = zip(*trn[i:i + 60])
            loss = loss_of(net(texts), texts, torch.tensor(y))
            opt.zero_grad(); loss.backward(); opt.step()
            s += loss.item()
        print("   epoch", e + 1, "loss %.3f" % (s / (len(trn) / 60)), "train %.3f test %.3f" % (score(net, trn[:500]), score(net, tst)))


@torch.no_grad()
def score(net, part):
    net.eval()
    texts, y = zip(*part)
    return (net(texts).argmax(1) == torch.tensor(y)).float().mean().item()


teacher = Bagger(2, 2000, 48, .4)
print("teacher")
fit(teacher, 3, 8e-3, lambda z, texts, y: F.cross_entropy(z, y))
teacher.eval().requires_grad_(False)

TEMP = 2.0


def soft(z, texts, y):
    with torch.no_grad():
        goal = F.softmax(teacher(texts) / TEMP, -1)
    kd = F.kl_div(F.log_softmax(z / TEMP, -1), goal, reduction="batchmean") * TEMP ** 2
    return .7 * kd + .3 * F.cross_entropy(z, y)


student = Bagger(2, 600, 12, .0)
print("student")
fit(student, 4, 1.5e-2, soft)
