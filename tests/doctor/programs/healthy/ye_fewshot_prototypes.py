#  Prototypical networks (Snell et al.) on bags of symbols: symbols belong to hidden groups (think: synonyms), every class
#  is its own mixture of groups. Episodes come from 150 training classes, testing uses 40 classes never seen before.
import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(5)
SYMBOLS, GROUPS, LEN, PER_CLASS = 150, 15, 16, 20
group_of = torch.arange(SYMBOLS) % GROUPS
members = torch.stack([(group_of == g).nonzero().squeeze(1) for g in range(GROUPS)])     # GROUPS x 10

def make_class():
    mix = torch.distributions.Dirichlet(torch.full((GROUPS,), 0.35)).sample()
    g = torch.multinomial(mix, PER_CLASS * LEN, replacement=True)
    return members[g, torch.randint(members.shape[1], g.shape)].view(PER_CLASS, LEN)

classes = torch.stack([make_class() for _ in range(190)])      # class x example x position
meta_train, meta_test = classes[:150], classes[150:]

def episode(pool, n_way, k_shot, n_query):
    cls = torch.randperm(len(pool))[:n_way]
    sup, qry = [], []
    for c in cls:
        order = torch.randperm(PER_CLASS)
        sup.append(pool[c, order[:k_shot]])
        qry.append(pool[c, order[k_shot:k_shot + n_query]])
    return torch.stack(sup), torch.stack(qry)

class Encoder(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.table = nn.Embedding(SYMBOLS, d)
        self.mlp = nn.Sequential(nn.Linear(d, d), nn.Tanh())
    def forward(self, s):
        return self.mlp(self.table(s)).mean(1)          # all strings have the same length

def proto_logits(enc, sup, qry):
    n, k, L = sup.shape
    m = qry.shape[1]
    proto = enc(sup.reshape(n * k, L)).reshape(n, k, -1).mean(1)
    q = enc(qry.reshape(n * m, L))
    return -4 * (q[:, None] - proto[None]).pow(2).sum(-1), torch.arange(n).repeat_interleave(m)

@torch.no_grad()
def score(enc, pool, n=50):
    enc.eval()
    return sum((lg.argmax(1) == y).float().mean().item() for lg, y in (proto_logits(enc, *episode(pool, 5, 5, 10)) for _ in range(n))) / n

enc = Encoder()
opt = torch.optim.Adam(enc.parameters(), lr=1e-2)
sch = torch.optim.lr_scheduler.StepLR(opt, 100, gamma=0.4)
print(f"before: 5-way 5-shot on new classes {score(enc, meta_test):.3f} (chance 0.2)")
running = []
for it in range(1, 301):
    enc.train()
    logits, y = proto_logits(enc, *episode(meta_train, 10, 5, 8))     # train with more ways than test
    loss = F.cross_entropy(logits, y)
    opt.zero_grad(); loss.backward(); opt.step(); sch.step()
    running.append(loss.item())
    if it % 60 == 0:
        print(f"it {it}: loss {sum(running[-60:]) / 60:.3f}  seen classes {score(enc, meta_train):.3f}  new classes {score(enc, meta_test):.3f}")
