"""BERT-style masked LM in miniature: 15% of the tokens are picked, 80/10/10 mask/random/keep, loss on the picked ones only."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(42)
torch.manual_seed(42)
torch.set_num_threads(1)

DISH = {"soup": ("bowl", "spoon", "hot"), "steak": ("plate", "knife", "hot"), "salad": ("bowl", "fork", "cold"), "tea": ("cup", "spoon", "hot"),
        "icecream": ("cone", "spoon", "cold"), "juice": ("glass", "straw", "cold"), "pasta": ("plate", "fork", "hot"), "beer": ("mug", "hand", "cold")}
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
PLACES = "station beach market office airport castle harbour theatre".split()
WHO = {"she": "her", "he": "his", "they": "their", "we": "our", "i": "my"}


def sentence():
    w, d = random.choice(list(WHO)), random.choice(list(DISH))
    dish, tool, temp = DISH[d]
    kind = random.randrange(3)
    if kind == 0:
        s = f"{w} had {temp} {d} in a {dish} with {WHO[w]} {tool}"
    elif kind == 1:
        s = f"with {WHO[w]} {tool} {w} had the {temp} {d} from {WHO[w]} {dish}"
    else:
        s = f"the {d} was {temp} so {w} put {WHO[w]} {dish} and {WHO[w]} {tool} away"
    return f"{s} on {random.choice(DAYS)} at the {random.choice(PLACES)}".split()


corpus = list(dict.fromkeys(" ".join(sentence()) for _ in range(4800)))      # no sentence twice
corpus = [s.split() for s in corpus[:2600]]
SPECIAL = ["[PAD]", "[CLS]", "[MASK]"]
vocab = SPECIAL + sorted({w for s in corpus for w in s})
stoi = {w: i for i, w in enumerate(vocab)}
PAD, CLS, MASK = range(3)
V = len(vocab)
T = 1 + max(map(len, corpus))
ids = torch.full((len(corpus), T), PAD)
for r, s in enumerate(corpus):
    ids[r, :len(s) + 1] = torch.tensor([CLS] + [stoi[w] for w in s])
train, dev = ids[:2200], ids[2200:]


def corrupt(x):
    special = x < len(SPECIAL)
    picked = (torch.rand(x.shape) < 0.15) & ~special
    labels = torch.where(picked, x, torch.full_like(x, -100))
    dice = torch.rand(x.shape)
    y = x.clone()
    y[picked & (dice < 0.8)] = MASK
    swap = picked & (dice >= 0.8) & (dice < 0.9)
    y[swap] = torch.randint(len(SPECIAL), V, (int(swap.sum()),))
    return y, labels


class MiniBert(nn.Module):
    def __init__(self, d=32, heads=4, layers=1):
        super().__init__()
        self.word, self.pos = nn.Embedding(V, d, padding_idx=PAD), nn.Parameter(torch.randn(T, d) * .1)
        self.norm = nn.LayerNorm(d)
        block = nn.TransformerEncoderLayer(d, heads, 2 * d, dropout=0.05, activation="gelu", batch_first=True)
        self.body = nn.TransformerEncoder(block, layers, enable_nested_tensor=False)
        self.head = nn.Sequential(nn.Linear(d, d), nn.GELU(), nn.LayerNorm(d), nn.Linear(d, V))

    def forward(self, x):
        h = self.norm(self.word(x) + self.pos[:x.size(1)])
        return self.head(self.body(h, src_key_padding_mask=x.eq(PAD)))


net = MiniBert()
EPOCHS, BS = 6, 50
opt = torch.optim.AdamW(net.parameters(), lr=6e-3, weight_decay=0.01)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 6e-3, total_steps=EPOCHS * (len(train) // BS), pct_start=.15)
fixed = corrupt(dev)
fixed_train = corrupt(train[:400])


@torch.no_grad()
def score(pair):
    net.eval()
    x, labels = pair
    out = net(x)
    m = labels != -100
    hit = (out.argmax(-1)[m] == labels[m]).float().mean().item()
    net.train()
    return F.cross_entropy(out[m], labels[m]).item(), hit


common = train[train >= len(SPECIAL)].mode().values
m = fixed[1] != -100
print("picking the most frequent word: %.3f" % (fixed[1][m] == common).float().mean())
for ep in range(EPOCHS):
    run = 0.0
    for idx in torch.randperm(len(train)).split(BS):
        x, labels = corrupt(train[idx])             # new masks every time
        loss = F.cross_entropy(net(x).transpose(1, 2), labels, ignore_index=-100)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        run += loss.item() * len(idx)
    print("epoch %d  mlm loss %.3f  train acc %.3f  dev loss %.3f acc %.3f" % (ep + 1, run / len(train), score(fixed_train)[1], *score(fixed)))
