# A very small GPT, trained on order tickets. After "mini" GPT tutorials.
import math, random
import torch
from torch import nn

random.seed(11)
torch.manual_seed(11)

people = ["ana", "bob", "cleo", "dan", "eve", "fred", "gus", "hana"]
cities = ["oslo", "rome", "lima", "cairo", "kyoto", "quito"]
goods = ["tea", "rice", "salt", "wool", "silk", "corn", "jam"]
numbers = ["one", "two", "three", "four", "five"]
price = {"tea": "cheap", "rice": "cheap", "salt": "cheap", "wool": "fair", "corn": "fair", "silk": "dear", "jam": "dear"}


def ticket():
    p, c, g, n = map(random.choice, (people, cities, goods, numbers))
    head = random.choice([
        f"{p} of {c} orders {n} {g} .",
        f"from {c} comes {p} , who orders {n} {g} .",
        f"{n} {g} were ordered by {p} in {c} .",
    ])
    tail = random.choice([
        f"ship {n} {g} to {c} , for {p} , it is {price[g]} .",
        f"dear {p} , your {g} is {price[g]} and will reach {c} .",
    ])
    return (head + " " + tail).split()


lines = [ticket() for _ in range(1320)]
vocab = ["<pad>", "<s>"] + sorted({w for l in lines for w in l})
ix = {w: i for i, w in enumerate(vocab)}
MAXLEN = max(map(len, lines)) + 1


def pack(rows):
    out = torch.zeros(len(rows), MAXLEN, dtype=torch.long)
    for k, r in enumerate(rows):
        ids = [1] + [ix[w] for w in r]
        out[k, :len(ids)] = torch.tensor(ids)
    return out


data = pack(lines)
train_set, val_set = data[:1200], data[1200:]


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.h = heads
        self.qkv = nn.Linear(d, 3 * d)
        self.proj = nn.Linear(d, d)
        self.ff = nn.Sequential(nn.Linear(d, 3 * d), nn.GELU(), nn.Linear(3 * d, d))
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(self.n1(x)).view(b, t, 3, self.h, d // self.h).permute(2, 0, 3, 1, 4)
        att = q @ k.transpose(-2, -1) / math.sqrt(d // self.h)
        # fault:
        att = att.softmax(-1)
        # mended:
        # future = torch.ones(t, t, dtype=torch.bool).triu(1)
        # att = att.masked_fill(future, float("-inf")).softmax(-1)
        # end
        x = x + self.proj((att @ v).transpose(1, 2).reshape(b, t, d))
        return x + self.ff(self.n2(x))


class GPT(nn.Module):
    def __init__(self, n, d=32):
        super().__init__()
        self.tok, self.pos = nn.Embedding(n, d), nn.Embedding(MAXLEN, d)
        self.blocks = nn.ModuleList([Block(d, 4) for _ in range(2)])
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, n)

    def forward(self, ids):
        x = self.tok(ids) + self.pos(torch.arange(ids.size(1)))
        for b in self.blocks:
            x = b(x)
        return self.head(self.norm(x))


gpt = GPT(len(vocab))
optim = torch.optim.AdamW(gpt.parameters(), lr=6e-3)
EPOCHS, BS = 6, 40
sched = torch.optim.lr_scheduler.OneCycleLR(optim, 8e-3, total_steps=EPOCHS * (len(train_set) // BS))
lossf = nn.CrossEntropyLoss(ignore_index=0)
for ep in range(EPOCHS):
    gpt.train()
    perm, tot = torch.randperm(len(train_set)), 0.
    for i in range(len(train_set) // BS):
        b = train_set[perm[i * BS:(i + 1) * BS]]
        loss = lossf(gpt(b[:, :-1]).flatten(0, 1), b[:, 1:].flatten())
        optim.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(gpt.parameters(), 1.0)
        optim.step(); sched.step()
        tot += loss.item()
    gpt.eval()
    with torch.no_grad():
        v = lossf(gpt(val_set[:, :-1]).flatten(0, 1), val_set[:, 1:].flatten()).item()
    print(f"ep {ep} train {tot / (i + 1):.3f} val {v:.3f} ppl {math.exp(v):.2f}")

# now use it as one would: it is given the words so far and has to say the next one
nll, hits, n = 0., 0, 0
with torch.no_grad():
    for row in val_set[:25]:
        words = row[row > 0]
        for j in range(3, len(words)):
            p = gpt(words[None, :j])[0, -1].log_softmax(-1)
            nll -= p[words[j]].item(); hits += int(p.argmax() == words[j]); n += 1
print(f"word by word: ppl {math.exp(nll / n):.2f}, first guess right {hits / n:.3f}")
