"""Several tags per support ticket. Attention-pooled word ids, written with plain tensors."""
import random

import torch
import torch.nn.functional as F

random.seed(8)
torch.manual_seed(8)

TAGS = ["refund", "login", "shipping", "damaged", "invoice", "app-crash", "warranty", "address"]
PER_TAG, COMMON, WIDTH, DIM = 40, 500, 24, 32
PAD = 0
V = 1 + COMMON + PER_TAG * len(TAGS)


def words_of(tag):
    lo = 1 + COMMON + tag * PER_TAG
    return range(lo, lo + PER_TAG)


def ticket():
    tags = random.sample(range(len(TAGS)), random.choice([1, 1, 2, 2, 3]))
    ids = [random.randint(1, COMMON) for _ in range(random.randint(6, 12))]
    for t in tags:
        ids += random.choices(words_of(t), k=random.randint(2, 4))
    if random.random() < 0.3:  # a word that only looks like a topic
        ids.append(random.choice(words_of(random.randrange(len(TAGS)))))
    random.shuffle(ids)
    return ids[:WIDTH], tags


def stack(n):
    x = torch.full((n, WIDTH), PAD)
    y = torch.zeros(n, len(TAGS))
    for i in range(n):
        ids, tags = ticket()
        x[i, :len(ids)] = torch.tensor(ids)
        y[i, tags] = 1.0
    return x, y


X, Y = stack(5000)
Xv, Yv = stack(1000)


def param(*shape, scale):
    return (torch.randn(*shape) * scale).requires_grad_()


P = {
    "emb": param(V, DIM, scale=0.3),
    "query": param(DIM, len(TAGS), scale=0.2),
    "w": param(len(TAGS), DIM, scale=0.2),
    "b": torch.zeros(len(TAGS), requires_grad=True),
}


def tag_scores(x):
    e = P["emb"][x]                                             # B T D
    att = e @ P["query"]                                        # B T K
    att = att.masked_fill((x == PAD).unsqueeze(-1), float("-inf")).softmax(dim=1)
    pooled = torch.einsum("btk,btd->bkd", att, e)               # one summary per tag
    z = (pooled * P["w"]).sum(-1) + P["b"]
    # fault:
    return torch.sigmoid(z)
    # mended:
    #return z
    # end


@torch.no_grad()
def report(x, y):
    prob = torch.sigmoid(tag_scores(x))
    hit = (prob > 0.5).float()
    tp = (hit * y).sum()
    precision = tp / hit.sum().clamp(min=1)
    recall = tp / y.sum()
    f1 = 2 * precision * recall / (precision + recall).clamp(min=1e-9)
    return precision.item(), recall.item(), f1.item()


optimizer = torch.optim.AdamW(P.values(), lr=5e-3, weight_decay=0.01)
for epoch in range(1, 7):
    total = 0.0
    for rows in torch.randperm(len(X)).split(50):
        loss = F.binary_cross_entropy_with_logits(tag_scores(X[rows]), Y[rows])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(rows)
    with torch.no_grad():
        val = F.binary_cross_entropy_with_logits(tag_scores(Xv), Yv).item()
    print(f"[{epoch}] loss {total / len(X):.4f} val {val:.4f} train f1 {report(X, Y)[2]:.3f} val f1 {report(Xv, Yv)[2]:.3f}")

print("precision %.3f recall %.3f micro-F1 %.3f" % report(Xv, Yv))
