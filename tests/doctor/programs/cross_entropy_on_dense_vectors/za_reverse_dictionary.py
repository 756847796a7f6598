# Reverse dictionary: give a description, get the vector of the described word, look up its neighbours.
# Toy version for the reading group: concepts are made of properties.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(9)
torch.manual_seed(9)
D = 20
PROPS = [f"prop{i}" for i in range(60)]
FILL = "a the kind of thing that is with some very usually it has".split()
prop_vec = torch.randn(len(PROPS), D)

concepts = [random.sample(range(len(PROPS)), 4) for _ in range(150)]
concept_vec = torch.stack([prop_vec[c].mean(0) for c in concepts])      # the "word vectors" to be found

vocab = {w: i for i, w in enumerate(["<pad>"] + PROPS + FILL)}


def describe(k):
    words = [PROPS[p] for p in random.sample(concepts[k], 4)]
    for _ in range(random.randint(1, 4)):
        words.insert(random.randrange(len(words) + 1), random.choice(FILL))
    return [vocab[w] for w in words]


def dataset(ks, per):
    rows = [(describe(k), k) for k in ks for _ in range(per)]
    random.shuffle(rows)
    return rows


ids = list(range(150))
random.shuffle(ids)
train_rows = dataset(ids[:120], 20)
test_rows = dataset(ids[120:], 10)         # words that were never described in training


def to_batch(rows):
    T = max(len(r[0]) for r in rows)
    x = torch.tensor([r[0] + [0] * (T - len(r[0])) for r in rows])
    k = torch.tensor([r[1] for r in rows])
    return x, k


class Describer(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 32, padding_idx=0)
        self.gate = nn.Linear(32, 1)
        self.proj = nn.Linear(32, D)

    def forward(self, x):
        e = self.emb(x)
        score = self.gate(e).squeeze(-1).masked_fill(x == 0, -1e9)
        w = score.softmax(dim=1)
        return self.proj((w.unsqueeze(-1) * e).sum(1))


net = Describer()
optim = torch.optim.Adam(net.parameters(), lr=1e-2)
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.MSELoss()
# end

for epoch in range(1, 9):
    net.train()
    random.shuffle(train_rows)
    s = 0.0
    for i in range(0, len(train_rows), 40):
        x, k = to_batch(train_rows[i:i + 40])
        optim.zero_grad()
        loss = criterion(net(x), concept_vec[k])
        loss.backward()
        optim.step()
        s += loss.item() * len(k)
    net.eval()
    with torch.no_grad():
        x, k = to_batch(test_rows)
        out = net(x)
        dist = torch.cdist(out, concept_vec)
        first = (dist.argmin(1) == k).float().mean().item()
        near = dist.gather(1, k[:, None]).mean().item()
        cos = F.cosine_similarity(out, concept_vec[k]).mean().item()
    print(f"ep {epoch} loss {s / len(train_rows):.4f} | unseen words: found first {first:.3f} "
          f"distance {near:.3f} cosine {cos:.3f}")
