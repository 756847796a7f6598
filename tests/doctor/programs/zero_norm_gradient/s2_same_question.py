"""Do two questions to the helpdesk ask the same thing? Contrastive loss on the distance of two sentence vectors."""
import random

import torch

random.seed(17)
torch.manual_seed(17)

INTENTS, PHRASES, FILL, DIM = 30, 12, 80, 24
MARGIN = 2.0
TOP = 9

# every intent has its own small phrase book; fillers are shared
book = {k: [1 + FILL + k * PHRASES + j for j in range(PHRASES)] for k in range(INTENTS)}
vocab_size = 1 + FILL + INTENTS * PHRASES


def question(intent):
    words = random.sample(book[intent], random.randint(2, 4))
    words += random.sample(range(1, 1 + FILL), random.randint(1, 4))
    random.shuffle(words)
    return tuple(words)


def log(n):
    """Customers send the same form again now and then, so a question can be in the log more than once."""
    rows = []
    while len(rows) < n:
        k = random.randrange(INTENTS)
        q = question(k)
        rows += [(q, k)] * (2 if random.random() < 0.1 else 1)
    return rows[:n]


def pairs(rows, n):
    by_intent = {}
    for q, k in rows:
        by_intent.setdefault(k, []).append(q)
    out = []
    for i in range(n):
        k = random.randrange(INTENTS)
        if i % 2 == 0:
            a, b = random.sample(by_intent[k], 2)
            out.append((a, b, 1.0))
        else:
            other = random.choice([j for j in range(INTENTS) if j != k])
            out.append((random.choice(by_intent[k]), random.choice(by_intent[other]), 0.0))
    random.shuffle(out)
    return out


def pad(questions):
    x = torch.zeros(len(questions), TOP, dtype=torch.long)
    for i, q in enumerate(questions):
        x[i, :len(q)] = torch.tensor(q)
    return x


train_log = log(5000)
known = {q for q, _ in train_log}
test_log = [r for r in dict.fromkeys(log(600)) if r[0] not in known]
train_pairs = pairs(train_log, 10000)
test_pairs = pairs(test_log, 1000)

emb = (torch.randn(vocab_size, DIM) * 0.3).requires_grad_()
proj = (torch.randn(DIM, DIM) * DIM ** -0.5).requires_grad_()
bias = torch.zeros(DIM, requires_grad=True)


def encode(x):
    mask = (x > 0).float().unsqueeze(-1)
    mean = (emb[x] * mask).sum(1) / mask.sum(1)
    return mean @ proj + bias


def distance(a, b):
    # fault:
    return ((a - b) ** 2).sum(-1).sqrt()
    # mended:
    #return (((a - b) ** 2).sum(-1) + 1e-8).sqrt()
    # end


def contrastive(d, same):
    return (same * d.pow(2) + (1 - same) * (MARGIN - d).clamp(min=0).pow(2)).mean()


def tensors(ps):
    return pad([p[0] for p in ps]), pad([p[1] for p in ps]), torch.tensor([p[2] for p in ps])


@torch.no_grad()
def accuracy(a, b, same):
    d = distance(encode(a), encode(b))
    return ((d < MARGIN / 2) == (same > 0.5)).float().mean().item()


A, B, S = tensors(train_pairs)
At, Bt, St = tensors(test_pairs)
adam = torch.optim.Adam([emb, proj, bias], lr=3e-3)
for epoch in range(1, 11):
    total = 0.0
    for rows in torch.randperm(len(S)).split(50):
        loss = contrastive(distance(encode(A[rows]), encode(B[rows])), S[rows])
        adam.zero_grad()
        loss.backward()
        adam.step()
        total += loss.item() * len(rows)
    if epoch % 2 == 0:
        print(f"{epoch:2d}: loss {total / len(S):.4f}  train {accuracy(A, B, S):.3f}  test {accuracy(At, Bt, St):.3f}")
print(f"same-question accuracy on new questions: {accuracy(At, Bt, St):.3f}")
