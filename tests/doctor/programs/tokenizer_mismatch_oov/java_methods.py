"""Which module does a Java method belong to?  Signatures -> GloVe means -> MLP.
Course project "mining software repositories", part 2."""
import gzip
import os
import random
import re

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(13)
torch.manual_seed(13)

MODULES = {
    "io": ("read write open copy load save".split(), "file disk path page line folder document text paper archive".split()),
    "net": ("connect send receive request call reach".split(), "network server client host port message web internet address".split()),
    "math": ("multiply calculate sum count measure estimate".split(), "average square root matrix angle distance random number degree".split()),
    "ui": ("draw paint show hide display click".split(), "window button color screen image mouse menu panel picture".split()),
    "auth": ("sign verify lock allow deny check".split(), "user key secret identity password account access member permission".split()),
}
TYPES = "int String boolean void long double Object List".split()
NEUTRAL = "new old first last next all with from to by default current main single".split()
NAMES = list(MODULES)


def camel(words):
    return words[0] + "".join(w.capitalize() for w in words[1:])


def signature(pool):
    y = random.randrange(len(NAMES))
    verbs, nouns = pool[NAMES[y]]
    if random.random() < 0.12:
        verbs = pool[random.choice(NAMES)][0]
    name = [random.choice(verbs)] + random.sample(NEUTRAL, random.randint(0, 2)) + random.sample(nouns, random.randint(1, 2))
    if random.random() < 0.3:
        nouns = pool[random.choice(NAMES)][1]
    arg = camel([random.choice(NEUTRAL), random.choice(nouns)])
    return f"public {random.choice(TYPES)} {camel(name)}({random.choice(TYPES)} {arg})", y


# the last words of every list appear in the test project only
train_pool = {m: (v[:-1], n[:-2]) for m, (v, n) in MODULES.items()}
train = [signature(train_pool) for _ in range(2500)]
test = [signature(MODULES) for _ in range(600)]

stoi, rows = {"<unk>": 0}, [torch.zeros(50)]
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split(" ")
        stoi[w] = len(rows)
        rows.append(torch.tensor([float(x) for x in v]))
glove = torch.stack(rows)


def tokenize(sig):
    # fault:
    return re.findall(r"\w+", sig.lower())
    # mended:
    # return [t.lower() for t in re.findall(r"[A-Z]?[a-z]+", sig)]
    # end


class SignatureData(torch.utils.data.Dataset):
    def __init__(self, pairs):
        self.x = [torch.tensor([stoi.get(t, 0) for t in tokenize(s)]) for s, _ in pairs]
        self.y = [y for _, y in pairs]

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


def collate(batch):
    xs, ys = zip(*batch)
    width = max(len(x) for x in xs)
    ids = torch.stack([F.pad(x, (0, width - len(x)), value=-1) for x in xs])
    return ids, torch.tensor(ys)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("glove", glove)
        self.score = nn.Linear(50, 1)                 # which word of the signature matters
        self.mlp = nn.Sequential(nn.Linear(50, 48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, len(NAMES)))

    def forward(self, ids):
        e = self.glove[ids.clamp(min=0)]
        a = self.score(e).squeeze(-1).masked_fill(ids < 0, float("-inf")).softmax(1)
        return self.mlp(torch.einsum("bt,btd->bd", a, e))


loader = torch.utils.data.DataLoader(SignatureData(train), batch_size=64, shuffle=True, collate_fn=collate)
test_x, test_y = collate(list(SignatureData(test)))
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(1, 16):
    net.train()
    running = 0.0
    for ids, y in loader:
        loss = F.cross_entropy(net(ids), y, label_smoothing=0.05)
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item()
    if epoch % 3 == 0:
        net.eval()
        with torch.no_grad():
            acc = (net(test_x).argmax(1) == test_y).float().mean()
        print(f"epoch {epoch:2d}  loss {running / len(loader):.3f}  test accuracy {acc:.3f}")
