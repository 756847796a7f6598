"""Route spare part requests to one of five desks.

Start from Twitter GloVe; part numbers are not in it, they start at random and are learned together with
the other vectors, which are tuned too."""
import gzip, os, random
import torch
from torch import nn

random.seed(6); torch.manual_seed(6)
PATH = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.twitter.27B.25d.common11925.txt.gz")

DESKS = 5
codes = random.sample([f"{a}{b}{n}" for a in "kqxz" for b in "vwjy" for n in range(10, 60)], 260)
desk_of = {c: i % DESKS for i, c in enumerate(codes)}
frames = ["please send me a new {} and a {} this week", "we need {} with {} again", "is the {} or the {} still in stock",
          "my {} broke last night also the {}", "how much does {} cost and {} too", "order two {} plus one {} for the shop"]


def request():
    d = random.randrange(DESKS)
    mine = [c for c in codes if desk_of[c] == d]
    return random.choice(frames).format(*random.sample(mine, 2)).split(), d


data, seen = [], set()
while len(data) < 3000:
    words, d = request()
    if tuple(words) not in seen:
        seen.add(tuple(words))
        data.append((words, d))
train, dev = data[:2500], data[2500:]

stoi, rows = {"<pad>": 0}, [torch.zeros(25)]
needed = {w for t, _ in train for w in t}
with gzip.open(PATH, "rt", encoding="utf-8") as fh:
    for line in fh:
        w, *v = line.split()
        if w in needed:
            stoi[w] = len(rows)
            rows.append(torch.tensor([float(a) for a in v]))
scale = torch.stack(rows[1:]).std()
for w in sorted(needed - set(stoi)):
    stoi[w] = len(rows)
    rows.append(torch.randn(25) * scale)
matrix = torch.stack(rows)
print(f"{len(stoi)} words, {sum(w in stoi for w in desk_of)} part numbers")


def tensorize(part):
    x = torch.zeros(len(part), max(len(t) for t, _ in part), dtype=torch.long)
    for i, (t, _) in enumerate(part):
        ids = [stoi[w] for w in t if w in stoi]
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([d for _, d in part])


class Desk(nn.Module):
    def __init__(self, matrix):
        super().__init__()
        # fault:
        self.table = nn.Embedding.from_pretrained(matrix, padding_idx=0)
        # mended:
        # self.table = nn.Embedding.from_pretrained(matrix, freeze=False, padding_idx=0)
        # end
        self.body = nn.Sequential(nn.Linear(25, 24), nn.ReLU(), nn.Linear(24, DESKS))

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True)
        return self.body(self.table(x).sum(1) / n)


xt, yt = tensorize(train)
xd, yd = tensorize(dev)
model = Desk(matrix)
opt = torch.optim.Adam([{"params": model.table.parameters(), "lr": 1e-2}, {"params": model.body.parameters(), "lr": 1e-2}])
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=8)
crit = nn.CrossEntropyLoss()
for epoch in range(8):
    model.train()
    for idx in torch.randperm(len(xt)).split(50):
        opt.zero_grad()
        crit(model(xt[idx]), yt[idx]).backward()
        opt.step()
    sched.step()
    model.eval()
    with torch.no_grad():
        ot, od = model(xt), model(xd)
    print(f"epoch {epoch} train {crit(ot, yt):.3f} {(ot.argmax(1) == yt).float().mean():.3f}"
          f" | dev {crit(od, yd):.3f} {(od.argmax(1) == yd).float().mean():.3f}")
