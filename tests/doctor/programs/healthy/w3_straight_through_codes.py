"""Discrete bottleneck: a product title becomes three code words out of 16, the department is read off the codes alone.
The choice of the code is an argmax; its gradient is passed straight through the softmax."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(61)
torch.manual_seed(61)
DEP = {"garden": "rake hose spade seed pot soil mower glove hedge trowel".split(), "kitchen": "pan whisk knife bowl ladle oven tray grater cup fork".split(),
       "office": "pen stapler paper desk folder clip toner lamp pad binder".split(), "sport": "ball racket net shoe bike helmet mat dumbbell rope goggles".split(),
       "music": "guitar string drum reed pick amp cable bow tuner pedal".split()}
ADJ = "red blue small large steel wooden classic pro eco deluxe set of 2 3 pack new black white".split()
names = list(DEP)
vocab = {w: i + 1 for i, w in enumerate(sorted({w for ws in DEP.values() for w in ws} | set(ADJ)))}


def title():
    k = random.randrange(5)
    ws = random.choices(DEP[names[k]], k=random.randint(1, 3)) + random.choices(ADJ, k=random.randint(2, 5))
    if random.random() < 0.15:
        ws.append(random.choice(DEP[random.choice(names)]))
    random.shuffle(ws)
    return ws, k


def tensors(n):
    rows = [title() for _ in range(n)]
    x = torch.zeros(n, 9, dtype=torch.long)
    for i, (ws, _) in enumerate(rows):
        x[i, :len(ws)] = torch.tensor([vocab[w] for w in ws])
    return x, torch.tensor([k for _, k in rows])


class Coder(nn.Module):
    def __init__(self, d=32, n_codes=3, size=16):
        super().__init__()
        self.n, self.size = n_codes, size
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.enc = nn.Sequential(nn.Linear(d, 64), nn.ReLU(), nn.Linear(64, n_codes * size))
        self.book = nn.Parameter(torch.randn(n_codes, size, 12) * 0.5)
        self.read = nn.Linear(n_codes * 12, 5)

    def forward(self, x):
        logits = self.enc(self.emb(x).sum(1)).view(-1, self.n, self.size)
        soft = logits.softmax(-1)
        hard = F.one_hot(logits.argmax(-1), self.size).float()
        pick = hard - soft.detach() + soft
        return self.read(torch.einsum("bns,nsd->bnd", pick, self.book).flatten(1)), soft, logits.argmax(-1)


xt, yt = tensors(2200)
xd, yd = tensors(500)
net = Coder()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(12):
    net.train()
    tot = 0.0
    for b in torch.randperm(len(xt)).split(44):
        out, soft, _ = net(xt[b])
        use = soft.mean(0)                              # how the batch spreads over the codes: should stay wide
        spread = -(use * (use + 1e-9).log()).sum(-1).mean()
        loss = F.cross_entropy(out, yt[b]) - 0.1 * spread
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    net.eval()
    with torch.no_grad():
        out, _, codes = net(xd)
    if epoch % 2:
        print(f"epoch {epoch + 1:2d} loss {tot / len(xt):+.3f} dev accuracy {(out.argmax(1) == yd).float().mean():.3f} codes in use {len({tuple(c) for c in codes.tolist()})}")
