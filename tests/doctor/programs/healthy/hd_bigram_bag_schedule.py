"""fastText-like classifier with word bigrams, SGD and a step schedule."""
import random

import torch
import torch.nn as nn

random.seed(50)
torch.manual_seed(50)
verbs = {"book": "flight hotel table seat".split(), "cancel": "flight hotel table subscription".split(), "change": "seat address date password".split()}
labels = [f"{v}_{o}" for v, os_ in verbs.items() for o in os_]
pre = "please,i want to,can you,could you please,i need to,help me to,hi i would like to".split(",")
post = "for tomorrow,today,as soon as possible,in london,for two people,thanks,next week,for my wife".split(",")


def utterance():
    lab = random.choice(labels)
    v, o = lab.split("_")
    w = f"{random.choice(pre)} {v} {random.choice(['the', 'my', 'a'])} {o} {random.choice(post)} {random.choice(post + [''])}".split()
    return tuple(w), labels.index(lab)


rows = sorted({utterance() for _ in range(3000)})
random.shuffle(rows)
rows = rows[:2200]
BUCKETS = 2000
unigrams = {}
for t, _ in rows[:1800]:
    for w in t:
        unigrams.setdefault(w, len(unigrams))


def features(t):
    ids = [unigrams[w] for w in t if w in unigrams]
    return ids + [len(unigrams) + sum(map(ord, a + "_" + b)) * 31 % BUCKETS for a, b in zip(t, t[1:])]


def collate(part):
    ids = [features(t) for t, _ in part]
    offsets = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
    return torch.tensor(sum(ids, [])), offsets, torch.tensor([y for _, y in part])


bag = nn.EmbeddingBag(len(unigrams) + BUCKETS, 16, mode="mean")
out = nn.Linear(16, len(labels))
nn.init.uniform_(bag.weight, -1 / 16, 1 / 16)
opt = torch.optim.SGD([*bag.parameters(), *out.parameters()], lr=1.0, momentum=0.9)
sched = torch.optim.lr_scheduler.StepLR(opt, step_size=3, gamma=0.3)
train, dev = rows[:1800], rows[1800:]
loader = torch.utils.data.DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)
for epoch in range(8):
    for ids, offsets, y in loader:
        loss = nn.functional.cross_entropy(out(bag(ids, offsets)), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    with torch.no_grad():
        ids, offsets, y = collate(dev)
        acc = (out(bag(ids, offsets)).argmax(1) == y).float().mean()
    print(f"epoch {epoch} lr {sched.get_last_lr()[0]:.4f} loss {loss.item():.4f} dev accuracy {acc:.4f}")
