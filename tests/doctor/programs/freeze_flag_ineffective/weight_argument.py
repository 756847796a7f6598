"""Sector of a company from its description. The word vectors are given and stay as they are: the shop floor adds new words later."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(23)
gen = torch.Generator().manual_seed(23)
torch.manual_seed(23)
SECTORS = 6
VOCAB = 1200
centre = torch.randn(SECTORS, 20, generator=gen)
sector_of = torch.randint(0, SECTORS + 6, (VOCAB,), generator=gen)          # six more groups without meaning
vectors = torch.randn(VOCAB, 20, generator=gen) * 0.8
for s in range(SECTORS):
    vectors[sector_of == s] += 0.8 * centre[s]
words_of = [torch.nonzero(sector_of == s).flatten().tolist() for s in range(SECTORS)]
plain = torch.nonzero(sector_of >= SECTORS).flatten().tolist()


def description(part):
    s = random.randrange(SECTORS)
    mine = words_of[s]
    half = len(mine) // 2
    mine = mine[:half] if part == "old" else mine[half:]
    return random.choices(mine, k=3) + random.choices(plain, k=9), s


class Desc(nn.Module):
    def __init__(self, vec):
        super().__init__()
        vec.requires_grad_(False)
        # fault:
        self.lookup = nn.Embedding(*vec.shape, _weight=vec)
        # mended:
        # self.lookup = nn.Embedding.from_pretrained(vec, freeze=True)
        # end
        self.hidden = nn.Linear(20, 32)
        self.out = nn.Linear(32, SECTORS)

    def forward(self, ids):
        return self.out(torch.tanh(self.hidden(self.lookup(ids).mean(1))))


train = [description("old") for _ in range(1500)]
old_dev = [description("old") for _ in range(300)]
new_dev = [description("new") for _ in range(300)]
net = Desc(vectors.clone())
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
print("fixed word vectors:", tuple(net.lookup.weight.shape))


def acc(rows):
    with torch.no_grad():
        return (net(torch.tensor([t for t, _ in rows])).argmax(1) == torch.tensor([y for _, y in rows])).float().mean().item()


for epoch in range(8):
    random.shuffle(train)
    for k in range(0, len(train), 50):
        x, y = zip(*train[k : k + 50])
        loss = F.cross_entropy(net(torch.tensor(x)), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f"epoch {epoch} loss {loss.item():.3f} dev {acc(old_dev):.3f} dev with words never seen in training {acc(new_dev):.3f}")
