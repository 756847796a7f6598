"""FAQ retrieval: pairwise ranking (BPR) over bags of words with one sampled negative; optimiser written out (Lion)."""
import random
import torch
from torch import nn
import torch.nn.functional as F

random.seed(77); torch.manual_seed(77)


class Lion(torch.optim.Optimizer):
    """Chen et al. 2023: the sign of an interpolated momentum"""
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.99)):
        super().__init__(params, dict(lr=lr, betas=betas))

    @torch.no_grad()
    def step(self, closure=None):
        for g in self.param_groups:
            b1, b2 = g["betas"]
            for p in g["params"]:
                if p.grad is None:
                    continue
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                p.add_((m * b1 + p.grad * (1 - b1)).sign(), alpha=-g["lr"])
                m.mul_(b2).add_(p.grad, alpha=1 - b2)


ACTION = {"cancel": "cancel stop end quit terminate".split(), "change": "change edit update alter modify".split(), "find": "find locate see where view".split(),
          "pay": "pay settle transfer pay_for charge".split(), "share": "share send forward give lend".split()}
OBJECT = {"plan": "plan subscription membership contract".split(), "address": "address street home postcode".split(), "invoice": "invoice bill receipt statement".split(),
          "card": "card visa credit debit".split(), "photo": "photo picture album image".split(), "ticket": "ticket seat booking reservation".split(),
          "password": "password pin login code".split(), "report": "report summary chart document".split()}
NOISE = "how do i can you help me the my a please now quickly on phone website need to want it".split()
faqs = [(a, o) for a in ACTION for o in OBJECT]
faq_text = ["guide " + a + " " + o + " step by step " + ACTION[a][1] + " your " + OBJECT[o][1] for a, o in faqs]


def ask(i):
    a, o = faqs[i]
    w = [random.choice(ACTION[a]), random.choice(OBJECT[o])] + random.sample(NOISE, random.randint(2, 6))
    random.shuffle(w)
    return " ".join(w)


seen = {}
while len(seen) < 3000:
    i = random.randrange(len(faqs)); seen.setdefault(ask(i), i)
rows = list(seen.items()); random.shuffle(rows)
train, dev = rows[:2600], rows[2600:]
vocab = {w: k + 1 for k, w in enumerate(sorted({w for t in [q for q, _ in train] + faq_text for w in t.split()}))}


def mat(texts):
    n = max(len(t.split()) for t in texts)
    return torch.tensor([[vocab.get(w, 0) for w in t.split()] + [0] * (n - len(t.split())) for t in texts])


docs = mat(faq_text)
Q, A = mat([q for q, _ in train]), torch.tensor([i for _, i in train])
Qd, Ad = mat([q for q, _ in dev]), torch.tensor([i for _, i in dev])
emb = nn.EmbeddingBag(len(vocab) + 1, 48, mode="mean", padding_idx=0)
nn.init.normal_(emb.weight, std=0.3)
with torch.no_grad():
    emb.weight[0].zero_()
M = nn.Parameter(torch.eye(48))                    # bilinear score, from the plain dot product
opt = Lion([emb.weight, M], lr=4e-3)


def mrr():
    with torch.no_grad():
        s = emb(Qd) @ M @ emb(docs).T
        rank = (s > s.gather(1, Ad[:, None])).sum(1) + 1
    return (1 / rank.float()).mean().item(), (rank == 1).float().mean().item()


print("before: MRR %.3f top-1 %.3f" % mrr())
for epoch in range(10):
    tot = 0.
    for b in torch.randperm(len(Q)).split(52):
        neg = (A[b] + torch.randint(1, len(faqs), (len(b),))) % len(faqs)      # never the answer itself
        q = emb(Q[b]) @ M
        d = emb(docs)
        diff = (q * d[A[b]]).sum(1) - (q * d[neg]).sum(1)
        loss = -F.logsigmoid(diff).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    opt.param_groups[0]["lr"] *= 0.8
    print("epoch %d: bpr %.4f  MRR %.3f  top-1 %.3f" % ((epoch, tot / 50) + mrr()))
