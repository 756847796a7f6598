# language identification of short snippets, fastText style: hashed character n-grams, EmbeddingBag, SGD with linear decay
import gzip, os, random, zlib
import torch, torch.nn as nn, torch.nn.functional as F

random.seed(0); torch.manual_seed(0)
D = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
BUCKETS = 1500


def load(split, n, taken=()):
    rows = {}
    for k, lang in enumerate(LANGS):
        with gzip.open(f"{D}/{split}.{lang}.gz", "rt", encoding="utf-8") as f:
            lines = f.read().lower().splitlines()
        random.shuffle(lines)
        for l in lines[:n]:
            w = l.strip(" .").split()
            s = random.randrange(max(len(w) - 1, 1))
            snippet = " ".join(w[s:s + 2])           # two words only
            if len(snippet) > 3 and snippet not in taken:
                rows[snippet] = k
    rows = list(rows.items())
    random.shuffle(rows)
    return rows


def features(text):
    t = f"<{text.replace(' ', '><')}>"
    return [zlib.crc32(t[i:i + n].encode()) % BUCKETS for n in (2, 3) for i in range(len(t) - n + 1)]


def bag(rows):
    flat, offsets = [], []
    for r, _ in rows:
        offsets.append(len(flat))
        flat += r
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor([k for _, k in rows])


train = load("train", 3000)
val = load("val", 400, taken={s for s, _ in train})
train = [(features(s), k) for s, k in train]
val = [(features(s), k) for s, k in val]


class FastText(nn.Module):
    def __init__(self, n, dim=16, classes=4):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, dim, mode="mean", sparse=True)
        self.out = nn.Linear(dim, classes, bias=False)
        nn.init.uniform_(self.bag.weight, -0.1, 0.1)

    def forward(self, flat, offsets):
        return self.out(self.bag(flat, offsets))


net = FastText(BUCKETS)
EPOCHS, BS = 4, 16
steps = EPOCHS * ((len(train) + BS - 1) // BS)
opt = torch.optim.SGD(net.parameters(), lr=2.0)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: max(1 - s / steps, 0.0))
print(len(train), "training snippets,", len(val), "validation snippets")
vf, vo, vy = bag(val)
for epoch in range(EPOCHS):
    random.shuffle(train)
    net.train()
    run = hit = 0.0
    for i in range(0, len(train), BS):
        f, o, y = bag(train[i:i + BS])
        opt.zero_grad()
        logits = net(f, o)
        loss = F.cross_entropy(logits, y)
        loss.backward()
        opt.step(); sched.step()
        run += loss.item() * len(y)
        hit += (logits.argmax(1) == y).sum().item()
    net.eval()
    with torch.no_grad():
        logits = net(vf, vo)
    print("epoch %d  loss %.4f  acc %.3f | val loss %.4f  val acc %.3f" % (
        epoch, run / len(train), hit / len(train), F.cross_entropy(logits, vy), (logits.argmax(1) == vy).float().mean()))
