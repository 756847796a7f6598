# coding: utf-8
# Which programming language is this line from?  Hashed character trigrams, small MLP.  (exported from a notebook)

# In[1]:
import random
import torch
import torch.nn as nn

random.seed(12)
torch.manual_seed(12)
NAMES = "item count total user name value index result path line key data node buffer size".split()
pick = lambda: random.choice(NAMES)
num = lambda: str(random.randint(0, 99))
LANGS = {
    "python": [lambda: f"for {pick()} in {pick()}:", lambda: f"def {pick()}(self, {pick()}):", lambda: f"{pick()} = [{pick()} for x in {pick()}]"],
    "c": [lambda: f"for (int i = 0; i < {num()}; i++) {{", lambda: f"char *{pick()} = malloc({num()});", lambda: f"{pick()}->{pick()} = {num()};"],
    "sql": [lambda: f"select {pick()} from {pick()} where {pick()} = {num()};", lambda: f"insert into {pick()} values ({num()}, {num()});"],
    "html": [lambda: f"<div class='{pick()}'>{pick()}</div>", lambda: f"<a href='{pick()}'>{num()}</a>"],
    "shell": [lambda: f"cat {pick()} | grep {pick()} > {pick()}", lambda: f"for {pick()} in $(ls); do echo ${pick()}; done", lambda: f"export {pick()}={num()}"],
    "js": [lambda: f"const {pick()} = ({pick()}) => {num()};", lambda: f"for (let i = 0; i < {num()}; i++) {{", lambda: f"{pick()}.{pick()} = {num()};"],
    "ruby": [lambda: f"{pick()}.each do |{pick()}|", lambda: f"def {pick()}({pick()})", lambda: f"{pick()} = {pick()}.map {{ |x| x }}"],
}
ORDER = list(LANGS)

# In[2]:
def line():
    k = random.randrange(len(ORDER))
    s = random.choice(LANGS[ORDER[k]])()
    if random.random() < 0.3:                       # a bit of dirt from copy and paste
        j = random.randrange(len(s))
        s = s[:j] + s[j + 1:]
    return s, k

import zlib
def featurize(s, width=1024):
    v = torch.zeros(width)
    s = f"^{s}$"
    for i in range(len(s) - 2):
        v[zlib.crc32(s[i:i + 3].encode()) % width] += 1.0
    return v / v.norm()

lines = list({s: (s, k) for s, k in (line() for _ in range(3500))}.values())[:2400]
random.shuffle(lines)
X = torch.stack([featurize(s) for s, _ in lines])
y = torch.tensor([k for _, k in lines])
X_train, y_train, X_val, y_val = X[:1900], y[:1900], X[1900:], y[1900:]

# In[3]:
# fault:
net = nn.Sequential(nn.Linear(1024, 48), nn.ReLU(), nn.Dropout(0.2), nn.Linear(48, 1), nn.Flatten(0))
loss_fn = lambda out, target: nn.functional.mse_loss(out, target.float())
decide = lambda out: out.round().clamp(0, len(ORDER) - 1).long()
# mended:
# net = nn.Sequential(nn.Linear(1024, 48), nn.ReLU(), nn.Dropout(0.2), nn.Linear(48, len(ORDER)))
# loss_fn = lambda out, target: nn.functional.cross_entropy(out, target)
# decide = lambda out: out.argmax(dim=1)
# end
opt = torch.optim.Adam(net.parameters(), lr=1e-3)

# In[4]:
for epoch in range(12):
    net.train()
    total = 0.0
    for idx in torch.randperm(len(X_train)).split(32):
        opt.zero_grad()
        loss = loss_fn(net(X_train[idx]), y_train[idx])
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    net.eval()
    with torch.no_grad():
        got = decide(net(X_val))
    print(epoch, "loss", round(total / len(X_train), 4), "val accuracy", round((got == y_val).float().mean().item(), 3))

# In[5]:
for k, name in enumerate(ORDER):
    print(name, round((got[y_val == k] == k).float().mean().item(), 2))
