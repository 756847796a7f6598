# Prototypical networks (Snell et al. 2017), tiny version: meta-train on eight letters, meta-test on five others.
# Glyphs are 7x5 bitmaps that are shifted on a 9x9 canvas, with noise and flipped pixels.
import torch
import torch.nn as nn

FONT = {
    'A': '01110 10001 10001 11111 10001 10001 10001', 'C': '01111 10000 10000 10000 10000 10000 01111',
    'E': '11111 10000 10000 11110 10000 10000 11111', 'H': '10001 10001 10001 11111 10001 10001 10001',
    'L': '10000 10000 10000 10000 10000 10000 11111', 'M': '10001 11011 10101 10101 10001 10001 10001',
    'O': '01110 10001 10001 10001 10001 10001 01110', 'T': '11111 00100 00100 00100 00100 00100 00100',
    'B': '11110 10001 10001 11110 10001 10001 11110', 'D': '11110 10001 10001 10001 10001 10001 11110',
    'I': '01110 00100 00100 00100 00100 00100 01110', 'Y': '10001 10001 01010 00100 00100 00100 00100',
    'K': '10001 10010 10100 11000 10100 10010 10001', 'N': '10001 11001 10101 10101 10011 10001 10001',
    'P': '11110 10001 10001 11110 10000 10000 10000', 'U': '10001 10001 10001 10001 10001 10001 01110',
    'S': '01111 10000 10000 01110 00001 00001 11110', 'V': '10001 10001 10001 10001 10001 01010 00100',
    'X': '10001 10001 01010 00100 01010 10001 10001', 'Z': '11111 00001 00010 00100 01000 10000 11111',
    'F': '11111 10000 10000 11110 10000 10000 10000', 'J': '00111 00010 00010 00010 00010 10010 01100',
}
torch.manual_seed(7)
NOVEL = 'ZYPEMO'
BASE = [c for c in FONT if c not in NOVEL]


def draw(ch, n):
    g = torch.tensor([[float(b) for b in row] for row in FONT[ch].split()])
    out = torch.zeros(n, 1, 9, 9)
    for k in range(n):
        r, c = torch.randint(0, 3, (1,)).item(), torch.randint(0, 5, (1,)).item()
        out[k, 0, r:r + 7, c:c + 5] = g
    flip = torch.rand_like(out) < .03
    return torch.where(flip, 1 - out, out) + .15 * torch.randn_like(out)


glyphs = {c: draw(c, 40) for c in FONT}             # a fixed collection, episodes are drawn from it


def episode(classes, way, shot, query):
    chosen = [classes[i] for i in torch.randperm(len(classes))[:way]]
    s, q = [], []
    for c in chosen:
        p = torch.randperm(len(glyphs[c]))[:shot + query]
        s.append(glyphs[c][p[:shot]])
        q.append(glyphs[c][p[shot:]])
    return torch.cat(s), torch.cat(q), torch.arange(way).repeat_interleave(query)


encoder = nn.Sequential(
    nn.Conv2d(1, 24, 3), nn.ReLU(), nn.Conv2d(24, 32, 3), nn.ReLU(), nn.AdaptiveMaxPool2d(3), nn.Flatten(), nn.Linear(288, 32))


def logits(support, query, way):
    z = encoder(torch.cat([support, query]))
    protos = z[:len(support)].reshape(way, -1, z.shape[1]).mean(1)
    return -torch.cdist(z[len(support):], protos).pow(2)


optim = torch.optim.Adam(encoder.parameters(), lr=2e-3)
for step in range(1, 201):
    S, Q, target = episode(BASE, way=5, shot=3, query=6)
    out = logits(S, Q, 5)
    loss = nn.functional.cross_entropy(out, target)
    optim.zero_grad()
    loss.backward()
    optim.step()
    if step % 40 == 0:
        print(f'episode {step}: loss {loss.item():.3f}, query acc {(out.argmax(1) == target).float().mean():.3f}')

encoder.eval()
with torch.no_grad():
    accs = []
    for _ in range(40):
        S, Q, target = episode(list(NOVEL), way=5, shot=3, query=6)
        accs.append((logits(S, Q, 5).argmax(1) == target).float().mean())
accs = torch.stack(accs)
print(f'novel letters, 5-way 3-shot: {accs.mean():.3f} +- {1.96 * accs.std() / len(accs) ** .5:.3f} (chance 0.200)')
