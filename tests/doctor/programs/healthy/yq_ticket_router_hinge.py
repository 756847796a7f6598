"""Route support tickets to queues. No nn.Module anywhere: raw tensors, F.embedding_bag, hinge loss, own Nesterov SGD."""
import numpy as np, torch
import torch.nn.functional as F

rs = np.random.RandomState(3)
torch.manual_seed(3)
QUEUES = ["billing", "login", "shipping", "hardware", "refund"]
KEY = [["%s_%d" % (q, i) for i in range(30)] for q in QUEUES]
FILL = ["the", "please", "hello", "my", "is", "not", "can", "you", "we", "help", "with", "today", "since", "again", "thanks", "it"]


def ticket():
    y = rs.randint(len(QUEUES))
    out = []
    for _ in range(rs.randint(8, 22)):
        u = rs.rand()
        if u < 0.35:
            out.append(KEY[y][rs.randint(30)])
        elif u < 0.45:
            out.append(KEY[rs.randint(5)][rs.randint(30)])   # people mention other things too
        else:
            out.append(FILL[rs.randint(len(FILL))])
    return out, y


data = [ticket() for _ in range(4000)]
train, held = data[:3200], data[3200:]
vocab = {}
for words, _ in train:
    for w in words:
        vocab.setdefault(w, len(vocab))


def flat(rows):
    ids, offs, ys = [], [], []
    for words, y in rows:
        offs.append(len(ids))
        ids.extend(vocab[w] for w in words if w in vocab)
        ys.append(y)
    return torch.tensor(ids), torch.tensor(offs), torch.tensor(ys)


D = 16
E = (torch.randn(len(vocab), D) * 0.3).requires_grad_()
W = (torch.randn(len(QUEUES), D) * 0.3).requires_grad_()
b = torch.zeros(len(QUEUES), requires_grad=True)
params = [E, W, b]
velocity = [torch.zeros_like(p) for p in params]


def scores(ids, offs):
    return F.linear(F.embedding_bag(ids, E, offs, mode="mean"), W, b)


def hinge(s, y, margin=1.0):
    right = s.gather(1, y[:, None])
    viol = (margin + s - right).clamp(min=0)
    viol = viol.scatter(1, y[:, None], 0.0)
    return viol.max(dim=1).values.mean()


@torch.no_grad()
def step(lr, mu=0.9):
    for p, v in zip(params, velocity):
        v.mul_(mu).add_(p.grad)
        p.sub_(lr * (p.grad + mu * v))
        p.grad = None


@torch.no_grad()
def accuracy(rows):
    ids, offs, y = flat(rows)
    return (scores(ids, offs).argmax(1) == y).float().mean().item()


EPOCHS, BS = 7, 32
for ep in range(EPOCHS):
    lr = 0.4 * (1 - ep / EPOCHS)
    rs.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), BS):
        ids, offs, y = flat(train[i:i + BS])
        loss = hinge(scores(ids, offs), y)
        loss.backward()
        step(lr)
        tot += loss.item()
    print(f"epoch {ep:2d} hinge {tot / (len(train) / BS):.4f} train {accuracy(train):.3f} held-out {accuracy(held):.3f}")
