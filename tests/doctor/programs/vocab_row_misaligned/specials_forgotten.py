"""Which desk answers? Own Vocab class with specials first, vectors as one float buffer."""
import random
from array import array
from collections import Counter

import torch
from torch import nn

random.seed(9)
torch.manual_seed(9)
D = 18
desks = ["tax", "visa", "parking"]
own = {d: [f"{d}{i}" for i in range(40)] for d in desks}
plain = [f"c{i}" for i in range(70)]
centre = {d: torch.randn(D) for d in desks}
vectors = {w: centre[d] + 0.6 * torch.randn(D) for d in desks for w in own[d]} | {w: 0.6 * torch.randn(D) for w in plain}
with open("city.txt", "w") as f:
    for w, v in vectors.items():
        f.write(w + "\t" + "\t".join(f"{x:.4f}" for x in v.tolist()) + "\n")


class Vocab:
    def __init__(self, counter, specials=("<unk>", "<pad>", "<bos>")):
        self.itos = list(specials) + [w for w, _ in counter.most_common()]
        self.stoi = {w: i for i, w in enumerate(self.itos)}

    def __len__(self):
        return len(self.itos)

    def __call__(self, tokens):
        return [2] + [self.stoi.get(t, 0) for t in tokens]


def question(part):
    y = random.randrange(3)
    t = random.sample(own[desks[y]][part], 2) + random.choices(plain, k=random.randint(3, 7))
    random.shuffle(t)
    return t, y


train = [question(slice(0, 25)) for _ in range(800)]
dev = [question(slice(25, 40)) for _ in range(250)]
vocab = Vocab(Counter(w for t, _ in train + dev for w in t))
loaded = {}
for line in open("city.txt"):
    w, *v = line.rstrip().split("\t")
    loaded[w] = [float(x) for x in v]
buffer = array("f")
# fault:
for w in vocab.itos[3:]:
    buffer.extend(loaded[w])
buffer.extend([0.0] * 3 * D)
# mended:
# for w in vocab.itos:
#     buffer.extend(loaded.get(w, [0.0] * D))
# end
weight = torch.frombuffer(buffer, dtype=torch.float32).view(len(vocab), D)
model = nn.ModuleDict({"emb": nn.Embedding(len(vocab), D, _weight=weight), "lstm": nn.LSTM(D, 24), "out": nn.Linear(24, 3)})
model["emb"].weight.requires_grad_(False)


def forward(rows):
    seqs = [torch.tensor(vocab(t)) for t in rows]
    packed = nn.utils.rnn.pack_sequence([model["emb"](s) for s in seqs], enforce_sorted=False)
    return model["out"](model["lstm"](packed)[1][0][0])


opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
for epoch in range(6):
    random.shuffle(train)
    for i in range(0, len(train), 20):
        t, y = zip(*train[i : i + 20])
        loss = nn.functional.cross_entropy(forward(t), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        t, y = zip(*dev)
        print(epoch, round(loss.item(), 3), (forward(t).argmax(1) == torch.tensor(y)).float().mean().item())
