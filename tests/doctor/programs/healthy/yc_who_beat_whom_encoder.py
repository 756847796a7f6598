import math
import random
import torch
import torch.nn as nn

"""Match reports: did the FIRST named team win?  Word order is everything, so the encoder needs positions."""

seed = 2
random.seed(seed)
torch.manual_seed(seed)
teams = ["reds", "blues", "greens", "lions", "hawks", "bears", "wolves", "stars"]
win = ["beat", "defeated", "crushed", "edged"]
lose = ["lost", "fell", "succumbed", "bowed"]
fill = ["in", "the", "rain", "last", "night", "away", "home", "late", "after", "a", "long", "match"]


def report():
    a, b = random.sample(teams, 2)
    y = random.randint(0, 1)
    pre = random.choices(fill, k=random.randint(0, 4))
    post = random.choices(fill, k=random.randint(0, 4))
    body = [a, random.choice(win), b] if y else [a, random.choice(lose), "to", b]
    if random.random() < .5:                          # passive: who comes first has been beaten, or the other way round
        body = [a, "was", random.choice(win), "by", b]
        y = 0
        if random.random() < .5:
            body = ["by", b, "was", random.choice(win), a]
            y = 1
    return pre + body + post, y


seen = {}
while len(seen) < 2600:
    s, y = report()
    seen[" ".join(s)] = y
data = [(k.split(), v) for k, v in seen.items()]
random.shuffle(data)
itos = ["<pad>", "<cls>"] + sorted({w for s, _ in data for w in s})
stoi = {w: i for i, w in enumerate(itos)}


def batchify(chunk):
    n = max(len(s) for s, _ in chunk) + 1
    x = torch.tensor([[1] + [stoi[w] for w in s] + [0] * (n - 1 - len(s)) for s, _ in chunk])
    return x, torch.tensor([y for _, y in chunk])


class Enc(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.tok = nn.Embedding(len(itos), d, padding_idx=0)
        self.pos = nn.Embedding(20, d)
        nn.init.normal_(self.pos.weight, std=.3)
        layer = nn.TransformerEncoderLayer(d, 3, 48, dropout=0.05, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, norm=nn.LayerNorm(d), enable_nested_tensor=False)
        self.cls = nn.Linear(d, 2)

    def forward(self, x):
        h = self.tok(x) + self.pos(torch.arange(x.size(1)))
        h = self.enc(h, src_key_padding_mask=x.eq(0))
        return self.cls(h[:, 0])


train, dev = data[:2000], data[2000:]
model = Enc()
EP, BS = 5, 50
opt = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-2)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=6e-3, total_steps=EP * math.ceil(len(train) / BS), pct_start=.25)
ce = nn.CrossEntropyLoss()


def evaluate(rows):
    model.eval()
    good = 0
    with torch.inference_mode():
        for i in range(0, len(rows), 300):
            x, y = batchify(rows[i:i + 300])
            good += (model(x).argmax(1) == y).sum().item()
    model.train()
    return good / len(rows)


print("share of class 1 in dev: %.3f" % (sum(y for _, y in dev) / len(dev)))
for ep in range(EP):
    random.shuffle(train)
    losses = []
    for i in range(0, len(train), BS):
        x, y = batchify(train[i:i + BS])
        loss = ce(model(x), y)
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        losses.append(loss.item())
    print(f"[{ep}] loss={sum(losses) / len(losses):.4f} train_acc={evaluate(train):.3f} dev_acc={evaluate(dev):.3f}")
