# product title tagging with crowd labels; tokens without agreement are not used for training
import argparse
import random
from collections import Counter

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

ap = argparse.ArgumentParser()
ap.add_argument("--titles", type=int, default=2400)
ap.add_argument("--min_votes", type=int, default=3)
ap.add_argument("--lr", type=float, default=6e-3)
ap.add_argument("--epochs", type=int, default=3)
ap.add_argument("--batch_size", type=int, default=4)
ap.add_argument("--seed", type=int, default=1)
args = ap.parse_args()
R = random.Random(args.seed)
torch.manual_seed(args.seed)

TAGS = ["other", "brand", "colour", "size", "type"]
SKIP = -100
WORDS = {
    "brand": [a + b for a in "nor vel kar zim tol ard mex".split() for b in "ix ano ella us ta".split()],
    "colour": "red blue green black white grey navy olive pink beige teal amber".split(),
    "type": "shirt jacket boots lamp chair kettle backpack socks mug towel table scarf".split(),
    "other": "with for and new classic premium soft home outdoor the set original best of light rose gold small".split(),
}


def make_title():
    toks, tags = [], []
    if R.random() < 0.8:
        toks.append(R.choice(WORDS["brand"])); tags.append("brand")
    for _ in range(R.randint(0, 2)):
        toks.append(R.choice(WORDS["other"])); tags.append("other")
    if R.random() < 0.7:
        c = R.choice(WORDS["colour"] + ["light", "rose", "gold"])
        toks.append(c); tags.append("colour")
    toks.append(R.choice(WORDS["type"])); tags.append("type")
    if R.random() < 0.6:
        toks.append("size"); tags.append("other")
        toks.append(R.choice(["s", "m", "l", "xl", "small", "38", "40", "42"])); tags.append("size")
    elif R.random() < 0.5:
        toks.append("for"); tags.append("other")
        toks.append(R.choice(WORDS["type"])); tags.append("other")
    return toks, [TAGS.index(t) for t in tags]


def crowd_vote(tags):
    """the page shows a title to workers; some titles only ever got one worker"""
    workers = R.choice([1, 2, 5, 5, 5])
    out = []
    for t in tags:
        votes = Counter(t if R.random() < 0.92 else R.randrange(len(TAGS)) for _ in range(workers))
        tag, n = votes.most_common(1)[0]
        out.append(tag if n >= args.min_votes else SKIP)
    return out


seen, pool = set(), []
while len(pool) < args.titles + 400:
    toks, tags = make_title()
    if tuple(toks) not in seen:
        seen.add(tuple(toks))
        pool.append((toks, tags))
test = pool[:400]
train = [(toks, crowd_vote(tags)) for toks, tags in pool[400:]]
# fault:
train = [r for r in train if len(r[0]) > 1]
# mended:
#train = [r for r in train if len(r[0]) > 1 and any(t != SKIP for t in r[1])]
# end
stoi = {w: i + 2 for i, w in enumerate(sorted({w for t, _ in train for w in t}))}
n_lab = sum(t != SKIP for _, y in train for t in y)
print(f"train titles {len(train)}, labelled tokens {n_lab} of {sum(len(y) for _, y in train)}, vocab {len(stoi)}")


def loader(rows, bs, shuffle=False):
    rows = R.sample(rows, len(rows)) if shuffle else rows
    for i in range(0, len(rows), bs):
        part = rows[i:i + bs]
        x = pad_sequence([torch.tensor([stoi.get(w, 1) for w in t]) for t, _ in part], batch_first=True)
        y = pad_sequence([torch.tensor(t) for _, t in part], batch_first=True, padding_value=SKIP)
        yield x, y


class Tagger(nn.Module):
    def __init__(self, dim=24, hid=32):
        super().__init__()
        self.emb = nn.Embedding(len(stoi) + 2, dim, padding_idx=0)
        self.c1 = nn.Conv1d(dim, hid, 3, padding=1)
        self.c2 = nn.Conv1d(hid, hid, 3, padding=1)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(hid + dim, len(TAGS))

    def forward(self, x):
        keep = (x != 0).unsqueeze(1)
        e = self.drop(self.emb(x))
        h = torch.relu(self.c1(e.transpose(1, 2))) * keep
        h = torch.relu(self.c2(h)) * keep
        return self.out(torch.cat([h.transpose(1, 2), e], 2))


model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=args.lr)
n_steps = args.epochs * ((len(train) + args.batch_size - 1) // args.batch_size)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.02, n_steps)
ce = nn.CrossEntropyLoss(reduction="none")


def masked_loss(logits, y):
    use = (y != SKIP).float()
    per_token = ce(logits.transpose(1, 2), y.clamp(min=0))
    return (per_token * use).sum() / use.sum()


def evaluate():
    model.eval()
    ok = n = 0
    with torch.no_grad():
        for x, y in loader(test, 100):
            use = y != SKIP
            ok += (model(x).argmax(-1)[use] == y[use]).sum().item()
            n += use.sum().item()
    return ok / n


step, run = 0, 1.6
for epoch in range(args.epochs):
    for x, y in loader(train, args.batch_size, shuffle=True):
        model.train()
        loss = masked_loss(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        step += 1
        run = 0.97 * run + 0.03 * loss.item()
        if step % 200 == 0:
            print(f"epoch {epoch} step {step} loss {run:.4f}")
    print(f"== epoch {epoch} test token accuracy {evaluate():.4f}")
top = Counter(t for _, y in test for t in y).most_common(1)[0][1] / sum(len(y) for _, y in test)
print(f"test token accuracy {evaluate():.4f}, most frequent tag {top:.4f}")
