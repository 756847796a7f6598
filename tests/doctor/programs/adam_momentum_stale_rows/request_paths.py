"""Bot or person?  One pass over the access log, a bag of path parts, user-agent parts and ids per session.

The table is large and most of its keys are seen once or twice (ids, hashes, search terms).
"""
import random
import torch
from torch import nn

random.seed(12)
torch.manual_seed(12)
BOT = ["robots.txt", "sitemap.xml", "feed", "wp-login.php", "xmlrpc.php", ".env", "crawler", "curl", "python-requests", "head"]
MAN = ["cart", "checkout", "basket.css", "main.js", "logo.png", "profile", "firefox", "safari", "mobile", "favicon.ico"]
BOTH = ["index.html", "search", "products", "get", "post", "chrome", "api", "v1", "v2", "about", "contact", "blog"]
N_RARE = 20000
DIM = 8


def session(rnd):
    y = rnd.randrange(2)
    own, other = (BOT, MAN) if y else (MAN, BOT)
    keys = [rnd.choice(own) if rnd.random() < 0.8 else rnd.choice(other) for _ in range(rnd.randint(3, 5))]
    keys += rnd.choices(BOTH, k=rnd.randint(2, 4))
    keys += ["id%05d" % rnd.randrange(N_RARE) for _ in range(rnd.randint(4, 8))]
    rnd.shuffle(keys)
    return keys, float(y)


rnd = random.Random(4)
log = [session(rnd) for _ in range(9000)]
later = [session(rnd) for _ in range(1500)]
index = {}
for keys, _ in log + later:
    for k in keys:
        index.setdefault(k, len(index))


def batch(rows):
    flat = [index[k] for keys, _ in rows for k in keys]
    lens = [len(keys) for keys, _ in rows]
    off = torch.tensor([0] + lens[:-1]).cumsum(0)
    return torch.tensor(flat), off, torch.tensor([y for _, y in rows])


class Scorer(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        # fault:
        self.table = nn.EmbeddingBag(n, d, mode="sum")
        # mended:
        # self.table = nn.EmbeddingBag(n, d, mode="sum", sparse=True)
        # end
        nn.init.normal_(self.table.weight, std=0.05)
        self.out = nn.Linear(d, 1)

    def forward(self, flat, off):
        return self.out(self.table(flat, off)).squeeze(1)


model = Scorer(len(index), DIM)
# fault:
opt_table = torch.optim.Adam(model.table.parameters(), lr=0.02)
# mended:
# opt_table = torch.optim.SparseAdam(model.table.parameters(), lr=0.02)
# end
opt_out = torch.optim.Adam(model.out.parameters(), lr=0.005)
bce = nn.BCEWithLogitsLoss()


def evaluate():
    model.eval()
    with torch.no_grad():
        flat, off, y = batch(later)
        s = model(flat, off)
        return ((s > 0).float() == y).float().mean().item(), bce(s, y).item()


print(f"{len(log)} sessions, {len(index)} keys")
shown, seen = 0.0, 0
for i in range(0, len(log), 20):
    model.train()
    flat, off, y = batch(log[i:i + 20])
    loss = bce(model(flat, off), y)
    opt_table.zero_grad()
    opt_out.zero_grad()
    loss.backward()
    opt_table.step()
    opt_out.step()
    shown, seen = shown + loss.item(), seen + 1
    if seen == 90:
        acc, dev_loss = evaluate()
        print(f"session {i + 20:5d}  loss {shown / seen:.4f}  later sessions: accuracy {acc:.4f} loss {dev_loss:.4f}")
        shown, seen = 0.0, 0
