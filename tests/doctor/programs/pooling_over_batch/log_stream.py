"""Log line -> failing component.  Trained offline in batches, scored line by line as the stream comes in."""
import random
import torch

random.seed(5)
g = torch.Generator().manual_seed(5)
COMP = ["disk", "net", "auth", "sched"]
VERB = ["failed", "timeout", "retry", "denied", "lost", "slow", "ok", "restart"]
HINT = [[f"/dev/sd{c}{i}" for c in "abcdef" for i in range(9)], [f"eth{i}.{j}" for i in range(6) for j in range(9)],
        [f"uid={i}" for i in range(54)], [f"cron#{i}" for i in range(54)]]
HOST = [f"node{i:02d}" for i in range(40)]
PAD = 0
vocab = {"": PAD}


def line():
    c = random.randrange(4)
    toks = [random.choice(HOST), random.choice(VERB), *random.choices(HINT[c], k=random.randint(1, 2))]
    toks += random.choices(VERB, k=random.randint(0, 5))
    if random.random() < 0.15:
        toks.append(random.choice(HINT[random.randrange(4)]))
    random.shuffle(toks)
    return [vocab.setdefault(t, len(vocab)) for t in toks], c


rows = [line() for _ in range(3300)]
train, live = rows[:2800], rows[2800:]
D, H = 32, 48


def p(*shape, scale):
    return (torch.randn(*shape, generator=g) * scale).requires_grad_()


P = {"E": p(len(vocab), D, scale=0.3), "W1": p(D, H, scale=D ** -0.5), "b1": p(H, scale=0.0),
     "gain": torch.ones(H, requires_grad=True), "bias": p(H, scale=0.0), "W2": p(H, 4, scale=H ** -0.5), "b2": p(4, scale=0.0)}


def norm(h):
    # fault:
    mean, var = h.mean(0), h.var(0, unbiased=False)
    # mended:
    # mean, var = h.mean(-1, keepdim=True), h.var(-1, keepdim=True, unbiased=False)
    # end
    return (h - mean) / torch.sqrt(var + 1e-5) * P["gain"] + P["bias"]


def net(ids):
    keep = (ids != PAD).float().unsqueeze(-1)
    x = (P["E"][ids] * keep).sum(1) / keep.sum(1)
    return norm(x @ P["W1"] + P["b1"]).relu() @ P["W2"] + P["b2"]


def pad(rs):
    n = max(len(r) for r, _ in rs)
    return torch.tensor([r + [PAD] * (n - len(r)) for r, _ in rs]), torch.tensor([c for _, c in rs])


opt = torch.optim.Adam(P.values(), lr=3e-3)
for epoch in range(7):
    random.shuffle(train)
    total = seen = right = 0
    for i in range(0, len(train), 40):
        ids, y = pad(train[i:i + 40])
        out = net(ids)
        loss = torch.nn.functional.cross_entropy(out, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
        seen += len(y)
        right += (out.argmax(1) == y).sum().item()
    with torch.no_grad():
        hits = 0
        for r in live:
            ids, y = pad([r])
            hits += int(net(ids).argmax(1).item() == y.item())
    print(f"epoch {epoch}: loss {total / seen:.3f} train acc {right / seen:.3f} | stream acc {hits / len(live):.3f}")
