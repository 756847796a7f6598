"""word2vec by hand: skip-gram with negative sampling, functional style; topics must come together."""
import random

import torch
import torch.nn.functional as F

random.seed(16); torch.manual_seed(16)
topics = [t.split() for t in ("sea boat wave sail port tide", "snow ski ice sledge frost glove", "corn barn field plough hay cow", "court judge law jury trial bail")]
words = sum(topics, [])
ids = {w: i for i, w in enumerate(words)}
pairs = []
for _ in range(1500):
    t = random.choice(topics)
    s = [random.choice(t) if random.random() < 0.9 else random.choice(words) for _ in range(6)]
    pairs += [(ids[a], ids[b]) for i, a in enumerate(s) for b in s[max(0, i - 2):i] + s[i + 1:i + 3]]
pairs = torch.tensor(pairs)
V, D, NEG = len(words), 12, 4
centre = (torch.rand(V, D) - 0.5).div_(D).requires_grad_()
context = torch.zeros(V, D, requires_grad=True)
opt = torch.optim.Adagrad([centre, context], lr=0.3)
same = torch.tensor([[i // 6 == j // 6 for j in range(V)] for i in range(V)])
for epoch in range(3):
    tot = 0.0
    for block in pairs[torch.randperm(len(pairs))].split(256):
        c, o = F.embedding(block[:, 0], centre), F.embedding(block[:, 1], context)
        neg = F.embedding(torch.randint(0, V, (len(block), NEG)), context)
        loss = -(F.logsigmoid((c * o).sum(1)) + F.logsigmoid(-torch.einsum("bd,bnd->bn", c, neg)).sum(1)).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(block) / len(pairs)
    with torch.no_grad():
        n = F.normalize(centre, dim=1)
        sim = (n @ n.T).fill_diagonal_(-2)
        hit = same.gather(1, sim.argmax(1, keepdim=True)).float().mean().item()
    print(f"epoch {epoch} loss {tot:.4f} nearest neighbour in topic {hit:.4f}")
