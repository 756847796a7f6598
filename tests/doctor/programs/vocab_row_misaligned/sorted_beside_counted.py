"""Bird or fish? Ids follow the order of counts, the matrix the order of the alphabet; NumPy table, texts one by one."""
import random
from collections import Counter

import numpy as np
import torch
import torch.nn.functional as F

random.seed(67)
np.random.seed(67)
torch.manual_seed(67)
D = 14
bird, fish, plain = [f"b{i}" for i in range(40)], [f"f{i}" for i in range(40)], [f"w{i}" for i in range(60)]
axis = np.random.randn(D)
vec = {w: (w in bird) * axis - (w in fish) * axis + 0.6 * np.random.randn(D) for w in bird + fish + plain}


def text(part):
    y = random.randrange(2)
    t = random.sample((fish, bird)[y][part], 2) + random.choices(plain, k=random.randint(2, 6))
    random.shuffle(t)
    return t, y


train, dev = [text(slice(0, 26)) for _ in range(700)], [text(slice(26, 40)) for _ in range(200)]
counts = Counter(w for t, _ in train + dev for w in t)
word2id = {w: i for i, (w, _) in enumerate(counts.most_common())}
# fault:
table = np.stack([vec[w] for w in sorted(counts)]).astype(np.float32)
# mended:
# table = np.stack([vec[w] for w in word2id]).astype(np.float32)
# end
E = torch.from_numpy(table)
W1, W2 = (torch.randn(D, 24) * 0.3).requires_grad_(), (torch.randn(24, 2) * 0.3).requires_grad_()


def forward(texts):
    pooled = [E[torch.tensor([word2id[w] for w in t])].mean(0) for t in texts]
    return torch.relu(torch.stack(pooled) @ W1) @ W2


opt = torch.optim.Adam([W1, W2], lr=1e-2)
for epoch in range(8):
    random.shuffle(train)
    for i in range(0, 700, 20):
        t, y = zip(*train[i : i + 20])
        loss = F.cross_entropy(forward(t), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        t, y = zip(*dev)
        print(epoch, round(loss.item(), 3), (forward(t).argmax(1) == torch.tensor(y)).float().mean().item())
