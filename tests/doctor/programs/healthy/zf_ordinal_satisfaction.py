# Survey cards of a clinic: satisfaction 1..5 from the remark. Ordered classes: one score, four learned cut points.
import random, torch
from torch import nn
random.seed(1); torch.manual_seed(1)
WORDS = {
    -2: "horrible rude filthy ignored unacceptable painful".split(), -1: "slow noisy crowded cold late confusing".split(),
    0: "okay average usual normal fine acceptable".split(), 1: "clean friendly polite helpful calm quick".split(),
    2: "outstanding wonderful superb caring perfect excellent".split()}
FILL = "the staff room waiting was and very my doctor visit today on ward food reception with".split()
def card():
    c = random.randint(-2, 2)
    tone = [max(-2, min(2, c + random.choice([-1, 0, 0, 0, 1]))) for _ in range(random.randint(4, 8))]
    w = [random.choice(WORDS[t]) for t in tone] + random.sample(FILL, random.randint(2, 6))
    random.shuffle(w)
    m = sum(tone) / len(tone)
    return " ".join(w), 0 if m < -1.4 else 1 if m < -.5 else 2 if m <= .5 else 3 if m <= 1.4 else 4
cards = list(dict(card() for _ in range(3000)).items())
train, test = cards[:2300], cards[2300:]
stoi = {w: i for i, w in enumerate(sorted({w for t, _ in train for w in t.split()}))}
def batch(part):
    seqs = [torch.tensor([stoi[w] for w in t.split() if w in stoi]) for t, _ in part]
    lens = torch.tensor([len(s) for s in seqs])
    return torch.cat(seqs), torch.cumsum(lens, 0) - lens, torch.tensor([y for _, y in part])
class Ordinal(nn.Module):
    """P(y > k) = sigmoid(score - cut_k); the score is the mean of word scores"""
    def __init__(self):
        super().__init__()
        self.score = nn.EmbeddingBag(len(stoi), 1, mode="sum")
        self.weight = nn.EmbeddingBag(len(stoi), 1, mode="sum")
        nn.init.normal_(self.score.weight, std=.1)
        nn.init.ones_(self.weight.weight)
        self.cuts = nn.Parameter(torch.tensor([-2., -1., 1., 2.]))
        self.scale = nn.Parameter(torch.tensor(3.))
    def forward(self, flat, off):
        s = self.score(flat, off) / self.weight(flat, off).clamp(min=.5)
        return self.scale * s - self.cuts
model = Ordinal()
opt = torch.optim.Adam(model.parameters(), lr=.03)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, .75)
for epoch in range(10):
    random.shuffle(train)
    tot = 0
    for i in range(0, len(train), 50):
        f, o, y = batch(train[i:i + 50])
        want = (y[:, None] > torch.arange(4)).float()
        loss = nn.functional.binary_cross_entropy_with_logits(model(f, o), want)
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(y)
    sched.step()
    with torch.no_grad():
        res = []
        for part in (train, test):
            f, o, y = batch(part)
            p = (model(f, o) > 0).sum(1)
            res += [(p == y).float().mean().item(), (p - y).abs().float().mean().item()]
    print("epoch %d loss %.3f | train acc %.3f mae %.2f | test acc %.3f mae %.2f" % (epoch, tot / len(train), *res))
