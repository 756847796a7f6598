# web address: honest or not?  pieces of the address -> small net -> one probability
import random, string, zlib
import torch, torch.nn as nn

random.seed(19); torch.manual_seed(19)
brands = ["bank", "post", "shop", "mail", "pay", "cloud", "tax", "city"]
def address():
    b = random.choice(brands); bad = random.random() < 0.5
    tail = "".join(random.choices(string.ascii_lowercase, k=random.randint(2, 5)))
    if bad:
        trick = random.choice(["login-", "secure-", "verify.", "0"])
        return (trick + b + random.choice(["-", "."]) + tail + random.choice([".xyz", ".top", ".info"])), 1.0
    return random.choice(["www.", ""]) + b + random.choice(["", tail]) + random.choice([".com", ".org", ".info"]), 0.0

pool = sorted({address() for _ in range(2600)}); random.shuffle(pool)
train, dev = pool[:1500], pool[1500:2000]
SIZE = 2048
def grams(u):
    u = "^" + u + "$"
    return [zlib.crc32(u[i:i + n].encode()) % SIZE for n in (2, 3, 4) for i in range(len(u) - n + 1)]

net = nn.Sequential(
    nn.Linear(SIZE, 32),
    nn.ReLU(),
    nn.Linear(32, 1),
    # fault:
    nn.Softmax(dim=1),
    # mended:
    # nn.Sigmoid(),
    # end
)
bce = nn.BCELoss()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)

def enc(rows):
    x = torch.zeros(len(rows), SIZE)
    for r, (u, _) in enumerate(rows):
        x[r, grams(u)] = 1.0
    return x, torch.tensor([[y] for _, y in rows])

xd, yd = enc(dev)
for epoch in range(6):
    random.shuffle(train)
    for i in range(0, len(train), 30):
        x, y = enc(train[i:i+30])
        p = net(x)
        loss = bce(p, y)
        opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():
        print("epoch", epoch, "loss", loss.item(), "dev", ((net(xd) > 0.5).float() == yd).float().mean().item())
