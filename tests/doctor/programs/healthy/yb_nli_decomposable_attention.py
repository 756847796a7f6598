# Textual entailment in miniature: "every cat sleeps" / "some animal rests".
# Decomposable attention (Parikh et al. 2016): attend, compare, aggregate. Research baseline, toy corpus.
import random
import torch
from torch import nn

random.seed(13)
torch.manual_seed(13)
ISA = {"cat": "animal", "dog": "animal", "horse": "animal", "rose": "plant", "oak": "plant", "tulip": "plant",
       "car": "vehicle", "truck": "vehicle", "bus": "vehicle"}
VERB = {"sprints": "moves", "crawls": "moves", "jumps": "moves", "shines": "glows", "sparkles": "glows"}
OPP = {"big": "small", "small": "big", "old": "young", "young": "old"}
PAD, NULL = 0, 1
LABELS = ["entailment", "neutral", "contradiction"]


def pair():
    noun, verb, adj = random.choice(list(ISA)), random.choice(list(VERB)), random.choice(list(OPP))
    place = random.choice(["outside", "here", "at night", "in spring", ""])
    y = random.randrange(3)
    prem = ["a", adj, noun, verb] + place.split()
    if y == 0:                                     # generalise at least one thing
        hyp = ["a"] + ([adj] if random.random() < .5 else []) + [random.choice([noun, ISA[noun]]), random.choice([verb, VERB[verb]])]
        if random.random() < .5:
            hyp += place.split()
    elif y == 2:                                   # opposite adjective, or a denial
        if random.random() < .5:
            hyp = ["a", OPP[adj], noun, random.choice([verb, VERB[verb]])]
        else:
            hyp = ["no", random.choice([noun, ISA[noun]]), random.choice([verb, VERB[verb]])]
    else:                                          # something the premise leaves open
        other = random.choice([a for a in OPP if a not in (adj, OPP[adj])])
        hyp = ["a", other, random.choice([noun, ISA[noun]]), random.choice([verb, VERB[verb]])]
        if random.random() < .4:
            prem = ["a", adj, ISA[noun], verb] + place.split()
            hyp = ["a", adj, noun, random.choice([verb, VERB[verb]])]
    return tuple(prem), tuple(hyp), y


corpus = sorted({pair() for _ in range(4200)})
random.shuffle(corpus)
dev, train = corpus[:500], corpus[500:2900]
vocab = {w: i + 2 for i, w in enumerate(sorted({w for p, h, _ in corpus for w in p + h}))}


def to_tensor(sents):
    n = 1 + max(map(len, sents))                   # position 0 is NULL, for words without a partner
    return torch.tensor([[NULL] + [vocab[w] for w in s] + [PAD] * (n - 1 - len(s)) for s in sents])


def batches(rows, size=32):
    for i in range(0, len(rows), size):
        p, h, y = zip(*rows[i:i + size])
        yield to_tensor(p), to_tensor(h), torch.tensor(y)


def mlp(i, o):
    return nn.Sequential(nn.Linear(i, o), nn.ReLU(), nn.Linear(o, o), nn.ReLU())


class DecompAtt(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 2, d, padding_idx=PAD)
        self.F, self.G = nn.Linear(d, d), mlp(3 * d, d)
        self.H = nn.Sequential(nn.Linear(2 * d, d), nn.ReLU(), nn.Linear(d, 3))

    def forward(self, a, b):
        ma, mb = a != PAD, b != PAD
        ea, eb = self.emb(a), self.emb(b)
        e = self.F(ea) @ self.F(eb).transpose(1, 2) / ea.size(-1) ** .5
        wa = e.masked_fill(~mb[:, None, :], -1e9).softmax(2)
        wb = e.masked_fill(~ma[:, :, None], -1e9).softmax(1)
        beta, alpha = wa @ eb, wb.transpose(1, 2) @ ea
        va = self.G(torch.cat([ea, beta, ea * beta], 2)) * ma.unsqueeze(2)
        vb = self.G(torch.cat([eb, alpha, eb * alpha], 2)) * mb.unsqueeze(2)
        return self.H(torch.cat([va.sum(1), vb.sum(1)], 1))


model = DecompAtt()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
halve = torch.optim.lr_scheduler.MultiStepLR(opt, [2, 3], gamma=.3)


@torch.no_grad()
def evaluate(rows):
    hit = torch.zeros(3)
    tot = torch.zeros(3)
    for p, h, y in batches(rows, 250):
        ok = (model(p, h).argmax(1) == y).float()
        hit.index_add_(0, y, ok)
        tot.index_add_(0, y, torch.ones_like(ok))
    return (hit.sum() / tot.sum()).item(), hit / tot


for epoch in range(5):
    random.shuffle(train)
    running = None
    for p, h, y in batches(train):
        loss = nn.functional.cross_entropy(model(p, h), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), 1.0)
        opt.step()
        running = loss.item() if running is None else .98 * running + .02 * loss.item()
    halve.step()
    print(f"epoch {epoch} smoothed loss {running:.4f} train {evaluate(train[:600])[0]:.3f} dev {evaluate(dev)[0]:.3f}")
print({l: round(v.item(), 3) for l, v in zip(LABELS, evaluate(dev)[1])})
