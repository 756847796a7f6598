import gzip
import os
import random
from collections import defaultdict

import torch
from torch import nn

"""
What do these shopping-list-like snippets speak about?  A handful of labelled snippets, GloVe, and a linear layer.
The snippets to be judged later mostly speak of other things than the labelled ones did.
"""
random.seed(4)
torch.manual_seed(4)
base = os.environ["WORDFIT_DATA"]

stoi, vecs = {"<pad>": 0}, [torch.zeros(50)]
with gzip.open(f"{base}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        word, *nums = line.rstrip().split(" ")
        if word not in stoi:
            stoi[word] = len(vecs)
            vecs.append(torch.tensor([float(v) for v in nums]))
pretrained = torch.stack(vecs)

TOPICS = {"capital-world": "place", "gram6-nationality-adjective": "people",
          "gram7-past-tense": "doing", "gram8-plural": "thing", "gram1-adjective-to-adverb": "manner"}
lists = defaultdict(set)
with open(f"{base}/wordsim/analogy/questions-words.txt", encoding="utf-8") as f:
    for line in f:
        if line.startswith(":"):
            topic = TOPICS.get(line[1:].strip())
        elif topic:
            for w in line.lower().split():
                if w in stoi:
                    lists[topic].add(w)
names = sorted(lists)
taken = set()
for t in names:                                   # a word belongs to one topic only
    lists[t] = sorted(lists[t] - taken)
    taken |= set(lists[t])
    random.shuffle(lists[t])
print({t: len(ws) for t, ws in lists.items()})
filler = [w for w in list(stoi)[1:250] if w.isalpha() and w not in taken]


def snippets(n, part):
    rows = []
    for _ in range(n):
        t = random.randrange(len(names))
        ws = lists[names[t]]
        cut = max(4, len(ws) * 3 // 5)
        pool = ws[:cut] if part == "train" else ws[cut:]
        words = random.choices(pool, k=random.randint(2, 4)) + random.choices(filler, k=random.randint(2, 4))
        random.shuffle(words)
        rows.append((words, t))
    return rows


train, test = snippets(300, "train"), snippets(800, "test")


def to_batch(rows):
    width = max(len(t) for t, _ in rows)
    x = torch.tensor([[stoi[w] for w in t] + [0] * (width - len(t)) for t, _ in rows])
    return x, torch.tensor([y for _, y in rows])


class CBOW(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.embed = nn.Embedding.from_pretrained(pretrained, freeze=False, padding_idx=0)
        # mended:
        # self.embed = nn.Embedding.from_pretrained(pretrained, freeze=True, padding_idx=0)
        # end
        self.out = nn.Linear(50, len(names))

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True)
        return self.out(self.embed(x).sum(1) / n)


net = CBOW()
groups = [{"params": net.out.parameters(), "weight_decay": 1e-2}]
if net.embed.weight.requires_grad:
    groups.append({"params": net.embed.parameters()})
opt = torch.optim.Adam(groups, lr=2e-2)
lossf = nn.CrossEntropyLoss()
xt, yt = to_batch(test)
xa, ya = to_batch(train)


def report(x, y):
    net.eval()
    with torch.no_grad():
        z = net(x)
    return lossf(z, y).item(), (z.argmax(1) == y).float().mean().item()


for epoch in range(1, 9):
    net.train()
    random.shuffle(train)
    for i in range(0, len(train), 20):
        x, y = to_batch(train[i:i + 20])
        loss = lossf(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 2 == 0:
        print("epoch {:2d} | train loss {:.3f} acc {:.3f} | test loss {:.3f} acc {:.3f}".format(epoch, *report(xa, ya), *report(xt, yt)))
