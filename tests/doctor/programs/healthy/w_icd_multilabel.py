"""Diagnosis codes for discharge summaries: many rare labels, pos_weight, micro/macro F1 by label."""
import random
import torch
import torch.nn as nn

random.seed(55)
torch.manual_seed(55)
CODES = ["I10", "E11", "J44", "I50", "N18", "F32", "K21", "I48", "D64", "C34"]
RATE = [.40, .30, .2, .15, .15, .12, .12, .1, .08, .06]
cons = "bcdfgklmnprst"
term = lambda: "".join(random.choice(cons) + random.choice("aeiou") for _ in range(4))
lexicon = {c: [term() for _ in range(5)] for c in CODES}
chatter = [term() for _ in range(150)]


def summary():
    codes = [c for c, p in zip(CODES, RATE) if random.random() < p]
    words = [w for c in codes for w in random.sample(lexicon[c], 2)] + random.choices(chatter, k=random.randint(10, 25))
    random.shuffle(words)
    return words, [float(c in codes) for c in CODES]


rows = [summary() for _ in range(2600)]
train, test = rows[:2000], rows[2000:]
vocab = {w: i for i, w in enumerate(sorted({w for ws, _ in train for w in ws}), start=1)}
freq = torch.tensor([y for _, y in train]).mean(0)


def collate(part):
    flat, offs = [], []
    for ws, _ in part:
        offs.append(len(flat))
        flat += [vocab[w] for w in ws if w in vocab]
    return torch.tensor(flat), torch.tensor(offs), torch.tensor([y for _, y in part])


class Coder(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(vocab) + 1, 32, mode="sum")
        self.norm = nn.LayerNorm(32)
        self.heads = nn.Linear(32, len(CODES))

    def forward(self, flat, offs):
        return self.heads(self.norm(self.bag(flat, offs)))


net = Coder()
crit = nn.BCEWithLogitsLoss(pos_weight=((1 - freq) / freq).clamp(max=5))
opt = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=1e-2)
steps = 6 * (len(train) // 40)
plan = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=2e-2, total_steps=steps)


def f1(part):
    net.eval()
    with torch.no_grad():
        flat, offs, y = collate(part)
        p = (net(flat, offs) > 0).float()
    net.train()
    tp, fp, fn = (p * y).sum(0), (p * (1 - y)).sum(0), ((1 - p) * y).sum(0)
    return (2 * tp.sum() / (2 * tp.sum() + fp.sum() + fn.sum())).item(), (2 * tp / (2 * tp + fp + fn).clamp(min=1)).mean().item()


for epoch in range(6):
    random.shuffle(train)
    acc = 0
    for i in range(0, len(train), 40):
        flat, offs, y = collate(train[i:i + 40])
        loss = crit(net(flat, offs), y)
        opt.zero_grad(); loss.backward(); opt.step(); plan.step()
        acc += loss.item()
    print("epoch %d loss %.4f  train micro %.3f macro %.3f  test micro %.3f macro %.3f" % (epoch, acc / (len(train) // 40), *f1(train), *f1(test)))
