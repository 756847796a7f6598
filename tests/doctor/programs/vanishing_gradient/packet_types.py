# Which application made this packet?  Raw payload bytes, a deep stack of small convolutions, plain functional code.
import math, random
import torch
import torch.nn.functional as F

g = torch.Generator().manual_seed(21)
random.seed(21)
N_CLASS, DEPTH, WIDTH = 5, 10, 24

motifs = [[bytes(random.randrange(256) for _ in range(4)) for _ in range(3)] for _ in range(N_CLASS)]


def packet():
    k = random.randrange(N_CLASS)
    body = bytearray(random.randrange(256) for _ in range(random.randint(18, 40)))
    for m in random.sample(motifs[k], 2):
        at = random.randrange(len(body) - 4)
        body[at:at + 4] = m
    return list(body), k


packets = [packet() for _ in range(2300)]
fit, held = packets[:2000], packets[2000:]


def tensorise(rows):
    T = max(len(b) for b, _ in rows)
    x = torch.full((len(rows), T), 256)
    for i, (b, _) in enumerate(rows):
        x[i, :len(b)] = torch.tensor(b)
    return x, torch.tensor([k for _, k in rows])


def uniform(*shape, fan):
    b = 1 / math.sqrt(fan)
    return ((torch.rand(*shape, generator=g) * 2 - 1) * b).requires_grad_()


P = {"emb": (torch.randn(257, WIDTH, generator=g) * 0.5).requires_grad_()}
for i in range(DEPTH):
    P[f"w{i}"] = uniform(WIDTH, WIDTH, 3, fan=3 * WIDTH)
    P[f"b{i}"] = uniform(WIDTH, fan=3 * WIDTH)
P["wo"] = uniform(N_CLASS, WIDTH, fan=WIDTH)
P["bo"] = torch.zeros(N_CLASS, requires_grad=True)


def forward(x):
    m = (x != 256).unsqueeze(1).float()
    h = P["emb"][x].transpose(1, 2) * m
    for i in range(DEPTH):
        z = F.conv1d(h, P[f"w{i}"], P[f"b{i}"], padding=1)
        # fault:
        h = torch.sigmoid(z) * m
        # mended:
        # h = h + F.relu(z) * m
        # end
    h = h.masked_fill(m == 0, -1e9).amax(2)
    return h @ P["wo"].T + P["bo"]


opt = torch.optim.Adam(P.values(), lr=2e-3)
xv, yv = tensorise(held)
for epoch in range(5):
    random.shuffle(fit)
    tot = 0.0
    for i in range(0, len(fit), 40):
        x, y = tensorise(fit[i:i + 40])
        loss = F.cross_entropy(forward(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(y)
    with torch.no_grad():
        o = forward(xv)
    print(f"epoch {epoch + 1}: loss {tot / len(fit):.4f}, held-out loss {F.cross_entropy(o, yv).item():.4f}, acc {(o.argmax(1) == yv).float().mean().item():.3f}")
