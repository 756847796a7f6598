# fuzzy person-name matching: char-CNN encoder shared by both sides, in-batch negatives, learned temperature
import random, string
import torch, torch.nn as nn, torch.nn.functional as F

random.seed(99); torch.manual_seed(99)
SYL = [c + v + e for c in "b d f g k l m n p r s t v z ch st br".split() for v in "aeiou" for e in ["", "", "n", "r", "l", "s"]]
A = {c: i + 1 for i, c in enumerate(string.ascii_lowercase + " .-")}

def person():
    first = "".join(random.choices(SYL, k=2)); last = "".join(random.choices(SYL, k=random.choice([2, 3])))
    return first + " " + last

def typo(s):
    s = list(s)
    for _ in range(random.choice([0, 1, 1, 2, 2])):
        k = random.randrange(1, len(s) - 1)
        kind = random.random()
        if kind < .3: del s[k]
        elif kind < .6: s[k] = random.choice(string.ascii_lowercase)
        elif kind < .8: s[k], s[k - 1] = s[k - 1], s[k]
        else: s.insert(k, s[k])
    s = "".join(s)
    if random.random() < .2 and " " in s:
        f, _, l = s.partition(" ")
        s = (l + " " + f).strip() if random.random() < .5 else f[0] + ". " + l
    return s

def ids(names):
    L = max(map(len, names))
    return torch.tensor([[A[c] for c in n] + [0] * (L - len(n)) for n in names])

people = list({person() for _ in range(1600)})
people.sort(); random.shuffle(people)
train_people, test_people = people[:1150], people[1150:1550]
queries = [typo(p) for p in test_people]
train_queries = [typo(p) for p in train_people[:400]]

class Encoder(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.ch = nn.Embedding(len(A) + 1, 16, padding_idx=0)
        self.conv = nn.ModuleList([nn.Conv1d(16, d // 2, w, padding=w // 2) for w in (3, 5)])
        self.proj = nn.Linear(d, d, bias=False)
    def forward(self, x):
        e = self.ch(x).transpose(1, 2)
        pad = x.eq(0)[:, None]
        pooled = [c(e).masked_fill(pad, -1e9).amax(2) for c in self.conv]
        return F.normalize(self.proj(torch.tanh(torch.cat(pooled, 1))), dim=1)

enc = Encoder()
log_scale = nn.Parameter(torch.tensor(2.3))
opt = torch.optim.AdamW([{"params": enc.parameters(), "weight_decay": 1e-3}, {"params": [log_scale], "weight_decay": 0.0}], lr=4e-3)

@torch.no_grad()
def recall(gallery, qs):
    enc.eval()
    sim = enc(ids(qs)) @ enc(ids(gallery)).T
    rank = (sim > sim.diagonal()[:, None]).sum(1)
    return (rank < 1).float().mean().item(), (rank < 5).float().mean().item()

print("untrained    R@1 %.3f R@5 %.3f" % recall(test_people, queries))
for epoch in range(6):
    enc.train()
    random.shuffle(train_people) if epoch else None
    tot = n = 0
    for g in opt.param_groups: g["lr"] = 4e-3 * (1 if epoch < 4 else .25)
    for k in range(0, len(train_people) - 69, 70):
        batch = train_people[k:k + 70]
        za, zb = enc(ids(batch)), enc(ids([typo(p) for p in batch]))      # new typos at each visit
        logits = za @ zb.T * log_scale.clamp(max=4.6).exp()
        gold = torch.arange(len(batch))
        loss = (F.cross_entropy(logits, gold) + F.cross_entropy(logits.T, gold)) / 2
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item(); n += 1
    print("epoch %d nce %.3f scale %.1f  test R@1 %.3f R@5 %.3f" % (epoch, tot / n, log_scale.exp().item(), *recall(test_people, queries)))
random_train = sorted(train_people)[:400]
print("train names  R@1 %.3f" % recall(random_train, [typo(p) for p in random_train])[0])
