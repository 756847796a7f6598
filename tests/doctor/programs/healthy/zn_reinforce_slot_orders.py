# REINFORCE: a small recurrent policy reads a command and emits three robot tokens (verb, object, place).
# It never sees the right answer, only a reward per emitted token. Baseline = running mean per position, entropy bonus.
import random, torch, torch.nn as nn
from torch.distributions import Categorical
random.seed(7); torch.manual_seed(7)

VERB = [["get", "fetch", "grab"], ["drop", "leave", "put"], ["wash", "clean", "rinse"], ["count", "list"]]
OBJ = [["cup", "mug"], ["plate", "dish"], ["shirt", "blouse"], ["book", "novel"], ["box", "crate"]]
PLACE = [["kitchen", "sink"], ["garden", "lawn"], ["attic", "loft"], ["garage", "carport"]]
FILL = ["please", "now", "the", "robot", "could", "you", "quickly", "my", "again", "old"]
words = {w: i for i, w in enumerate(sum(sum([VERB, OBJ, PLACE], []), []) + FILL)}
K = [len(VERB), len(OBJ), len(PLACE)]
off = [0, K[0], K[0] + K[1]]; NA = sum(K)

def command():
    goal = [random.randrange(k) for k in K]
    core = [random.choice(VERB[goal[0]]), random.choice(OBJ[goal[1]]), random.choice(PLACE[goal[2]])]
    toks = core + random.sample(FILL, 3)
    random.shuffle(toks)
    return tuple(words[t] for t in toks), [o + g for o, g in zip(off, goal)]

pool = {}
while len(pool) < 2400:
    c, g = command(); pool[c] = g
items = list(pool.items()); random.shuffle(items)
X = torch.tensor([c for c, _ in items]); G = torch.tensor([g for _, g in items])
Xtr, Gtr, Xte, Gte = X[:2000], G[:2000], X[2000:], G[2000:]

class Policy(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.read = nn.EmbeddingBag(len(words), d, mode="mean")
        self.act = nn.Embedding(NA + 1, d)
        self.step = nn.GRUCell(d, d)
        self.head = nn.Linear(2 * d, NA)
    def forward(self, x, greedy=False):
        s = self.read(x) * 3
        h = torch.tanh(s)
        last = torch.full((len(x),), NA)
        acts, logp, ent = [], [], []
        for _ in range(3):
            h = self.step(self.act(last), h)
            pi = Categorical(logits=self.head(torch.cat([h, s], 1)))
            last = pi.probs.argmax(1) if greedy else pi.sample()
            acts.append(last); logp.append(pi.log_prob(last)); ent.append(pi.entropy())
        return torch.stack(acts, 1), torch.stack(logp, 1), torch.stack(ent, 1)

pol = Policy()
opt = torch.optim.Adam(pol.parameters(), lr=1e-2)
EP, BS = 12, 100
sch = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=EP * 20)
base = torch.zeros(3)
for ep in range(EP):
    rs, ls = [], []
    for idx in torch.randperm(2000).split(BS):
        a, logp, ent = pol(Xtr[idx])
        r = (a == Gtr[idx]).float()
        adv = r - base
        loss = -(adv * logp).sum(1).mean() - 0.02 * (1 - ep / EP) * ent.sum(1).mean()
        opt.zero_grad(); loss.backward(); opt.step(); sch.step()
        base = 0.9 * base + 0.1 * r.mean(0)
        rs.append(r.mean().item()); ls.append(loss.item())
    if ep % 2 == 1:
        with torch.no_grad():
            te = (pol(Xte, greedy=True)[0] == Gte).float()
        print(f"ep {ep:2d} surrogate {sum(ls)/len(ls):+.3f} mean reward {sum(rs)/len(rs):.3f} | "
              f"held-out tokens {te.mean():.3f} whole commands {te.prod(1).mean():.3f}")
