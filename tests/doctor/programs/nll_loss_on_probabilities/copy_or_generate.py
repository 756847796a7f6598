"""Fill the gap at the end of a short chat: the answer is either copied from the text (a name, a number, a place)
or generated from a small closed vocabulary.  A pointer-generator in miniature."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(31)
torch.manual_seed(31)

NAMES = ["ayşe", "mehmet", "fatma", "ali", "zeynep", "emre", "elif", "can", "deniz", "hakan", "selin", "murat", "leyla", "okan", "pınar", "tarık"]
CITIES = ["izmir", "ankara", "bursa", "adana", "konya", "mersin", "trabzon", "samsun", "van", "rize"]
NUMS = [str(i) for i in range(10, 60)]
GREET = {"sabah": "günaydın", "akşam": "iyi-akşamlar", "gece": "iyi-geceler", "öğlen": "tünaydın"}


def sample():
    name, city, num = random.choice(NAMES), random.choice(CITIES), random.choice(NUMS)
    when = random.choice(list(GREET))
    s = ["ben", name]
    parts = [["şehir", city], ["yaş", num], ["vakit", when]]
    random.shuffle(parts)
    for p in parts:
        s += p + random.choices(["ve", "evet", "çok", "güzel", "bugün", "biraz"], k=random.randint(0, 2))
    kind = random.choice(["isim", "nere", "kaç", "selam"])
    answer = {"isim": name, "nere": city, "kaç": num, "selam": GREET[when]}[kind]
    return s + ["?", kind], answer


data = [sample() for _ in range(4200)]
words = sorted({w for s, a in data for w in s + [a]})
w2i = {"<pad>": 0, **{w: i + 1 for i, w in enumerate(words)}}
V = len(w2i)
T = max(len(s) for s, _ in data)
X = torch.zeros(len(data), T, dtype=torch.long)
for i, (s, _) in enumerate(data):
    X[i, -len(s):] = torch.tensor([w2i[w] for w in s])
Y = torch.tensor([w2i[a] for _, a in data])
train, dev = slice(0, 3600), slice(3600, None)


class PointerGenerator(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.Embedding(V, d, padding_idx=0)
        self.rnn = nn.GRU(d, d, batch_first=True)
        self.query = nn.Linear(d, d)
        self.gen = nn.Linear(2 * d, V)
        self.switch = nn.Linear(2 * d, 1)

    def forward(self, x):
        h, last = self.rnn(self.emb(x))
        last = last[0]
        att = torch.einsum("bd,btd->bt", self.query(last), h) / h.size(2) ** 0.5
        att = att.masked_fill(x == 0, -1e9).softmax(1)
        z = torch.cat([last, torch.einsum("bt,btd->bd", att, h)], 1)
        p_vocab = self.gen(z).softmax(1)
        p_gen = torch.sigmoid(self.switch(z))
        return (p_gen * p_vocab).scatter_add(1, x, (1 - p_gen) * att)


model = PointerGenerator()
optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
for epoch in range(6):
    model.train()
    tot = 0.0
    for b in torch.randperm(3600).split(60):
        optimizer.zero_grad()
        p = model(X[b])
        # fault:
        loss = F.nll_loss(p, Y[b])
        # mended:
        # loss = F.nll_loss((p + 1e-8).log(), Y[b])
        # end
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimizer.step()
        tot += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        p = model(X[dev])
        acc = (p.argmax(1) == Y[dev]).float().mean().item()
        mrr = (1.0 / ((p > p.gather(1, Y[dev][:, None])).sum(1) + 1).float()).mean().item()
    print(f"epoch {epoch + 1:2d} | loss {tot / 3600:.4f} | dev acc {acc:.3f} | dev mrr {mrr:.3f}")
