# Only one log line in twenty is an alarm. Weighted positives, threshold tuned on its own split, average precision on test.
import random
import numpy as np
import torch
from torch import nn
from sklearn.metrics import average_precision_score, f1_score

random.seed(31)
torch.manual_seed(31)
calm = ["heartbeat", "ok", "sync", "login", "cache", "refresh", "done", "query", "index", "backup", "mount", "poll"]
loud = ["overheat", "smoke", "leak", "breach", "panic", "fault"]
rest = ["node", "disk", "unit", "task", "port", "rack", "at", "on", "by", "the"]


def line():
    alarm = random.random() < 0.05
    n = random.randint(5, 11)
    ws = [random.choice(calm if random.random() < 0.5 else rest) for _ in range(n)]
    if alarm:
        for _ in range(random.randint(1, 2)):
            ws[random.randrange(n)] = random.choice(loud)
    elif random.random() < 0.02:
        ws[0] = random.choice(loud)                                # false friends
    return ws, float(alarm)


logs = [line() for _ in range(6000)]
vocab = {w: i for i, w in enumerate(calm + loud + rest)}


class Lines(torch.utils.data.Dataset):
    def __init__(self, part):
        self.part = part

    def __len__(self):
        return len(self.part)

    def __getitem__(self, i):
        ws, y = self.part[i]
        return [vocab[w] for w in ws], y


def glue(items):
    flat = torch.tensor([i for ids, _ in items for i in ids])
    off = torch.tensor(np.cumsum([0] + [len(ids) for ids, _ in items[:-1]]))
    return flat, off, torch.tensor([y for _, y in items])


loader = torch.utils.data.DataLoader(Lines(logs[:4000]), batch_size=64, shuffle=True, collate_fn=glue)
tune, test = glue(list(Lines(logs[4000:5000]))), glue(list(Lines(logs[5000:])))
share = np.mean([y for _, y in logs[:4000]])

scorer = nn.EmbeddingBag(len(vocab), 8, mode="sum")
out = nn.Linear(8, 1)
opt = torch.optim.Adam([*scorer.parameters(), *out.parameters()], lr=3e-2)
bce = nn.BCEWithLogitsLoss(pos_weight=torch.tensor((1 - share) / share, dtype=torch.float32))


def logit(b):
    return out(scorer(b[0], b[1])).view(-1)


for epoch in range(5):
    tot = 0.
    for b in loader:
        opt.zero_grad()
        loss = bce(logit(b), b[2])
        loss.backward()
        opt.step()
        tot += loss.item()
    with torch.no_grad():
        p, q = torch.sigmoid(logit(tune)).numpy(), torch.sigmoid(logit(test)).numpy()
    grid = np.linspace(0.05, 0.95, 37)
    cut = max(grid, key=lambda c: f1_score(tune[2], p > c))
    print(f"epoch {epoch}: weighted loss {tot / len(loader):.3f}  AP {average_precision_score(test[2], q):.3f}  "
          f"F1 {f1_score(test[2], q > cut):.3f} at {cut:.2f}  (alarms: {share:.3f})")
