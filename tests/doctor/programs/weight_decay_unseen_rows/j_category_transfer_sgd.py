"""Which category does the noun of a query belong to? Tuned GloVe, evaluated on nouns that never occur in training."""
import gzip
import os
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(6)
torch.manual_seed(6)

CATS = {
    "politics": "president minister parliament election senate vote government congress mayor governor candidate campaign cabinet policy treaty ambassador diplomat",
    "sport": "football tennis match goal coach player team league champion stadium basketball baseball tournament season striker soccer golf cricket",
    "health": "hospital doctor patient disease drug cancer surgery virus medicine infection treatment nurse heart blood brain pain clinic vaccine",
    "money": "bank stock market shares investor profit trading price dollar interest debt loan currency fund economy inflation earnings revenue tax credit",
    "music": "album song band singer guitar piano concert orchestra musical jazz opera lyrics recording pop composer vocals tour tune",
    "food": "bread meat rice milk cheese fruit vegetables chicken beef fish soup sugar coffee tea wine butter salt",
}
FRAMES = ["i want to know more about {}", "what is {}", "show me the latest {} page", "{} and {} please", "do you have something on {} or {}", "find {} for my son"]

raw = {}
with gzip.open(os.environ["WORDFIT_DATA"] + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        head, tail = line.split(" ", 1)
        raw[head] = tail
cats = {c: [w for w in ws.split() if w in raw] for c, ws in CATS.items()}
seen = {c: ws[::2] for c, ws in cats.items()}
fresh = {c: ws[1::2] for c, ws in cats.items()}
vocab = sorted({w for ws in cats.values() for w in ws} | {w for fr in FRAMES for w in fr.split() if w in raw})
at = {w: i for i, w in enumerate(vocab)}
glove = torch.stack([torch.tensor([float(v) for v in raw[w].split()]) for w in vocab])


def queries(n, nouns):
    out = []
    for _ in range(n):
        k = random.randrange(len(nouns))
        q = random.choice(FRAMES)
        while "{}" in q:
            q = q.replace("{}", random.choice(nouns[list(nouns)[k]]), 1)
        out.append(([at[w] for w in q.split() if w in at], k))
    return out


train, same, new = queries(2000, seen), queries(400, seen), queries(600, fresh)
train_set = {tuple(r[0]) for r in train}
same = [r for r in same if tuple(r[0]) not in train_set]


class QueryNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(glove.clone(), freeze=False, mode="mean")
        self.hidden = nn.Linear(50, 40)
        self.out = nn.Linear(40, len(CATS))

    def forward(self, rows):
        flat = torch.tensor([i for r, _ in rows for i in r])
        ends = torch.tensor([len(r) for r, _ in rows]).cumsum(0)
        off = torch.cat([torch.zeros(1, dtype=torch.long), ends[:-1]])
        return self.out(F.relu(self.hidden(self.bag(flat, off))))


net = QueryNet()
head = [*net.hidden.parameters(), *net.out.parameters()]
# fault:
optimizer = torch.optim.SGD(net.parameters(), lr=0.3, momentum=0.8, weight_decay=4e-3)
# mended:
# optimizer = torch.optim.SGD([{"params": head, "weight_decay": 4e-3}, {"params": net.bag.parameters(), "weight_decay": 0.0}], lr=0.3, momentum=0.8)
# end


@torch.no_grad()
def accuracy(rows):
    return (net(rows).argmax(1) == torch.tensor([k for _, k in rows])).float().mean().item()


for epoch in range(6):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 25):
        part = train[i:i + 25]
        loss = F.cross_entropy(net(part), torch.tensor([k for _, k in part]))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(part)
    print(f"epoch {epoch + 1}  loss {total / len(train):.4f}  acc train {accuracy(train):.3f}  same nouns {accuracy(same):.3f}  new nouns {accuracy(new):.3f}")
norms = net.bag.weight.detach().norm(dim=1)
print("mean vector length: nouns of the training queries %.2f, other nouns %.2f" % tuple(
    norms[[at[w] for ws in g.values() for w in ws]].mean().item() for g in (seen, fresh)))
