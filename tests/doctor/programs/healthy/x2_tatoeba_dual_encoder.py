"""English/French sentence matching: two bag encoders, in-batch negatives, symmetric InfoNCE."""
import gzip, os, re
from collections import Counter
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(99)
rs = np.random.RandomState(99)
path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/tatoeba-fra-eng/fra.txt.gz")

seen_en, seen_fr, pairs = set(), set(), []
with gzip.open(path, "rt", encoding="utf-8") as f:
    for n, line in enumerate(f):
        if n < 20000 or n % 3:
            continue
        en, fr = line.rstrip("\n").split("\t")[:2]
        if en in seen_en or fr in seen_fr:      # one translation for each sentence
            continue
        seen_en.add(en); seen_fr.add(fr)
        pairs.append((re.findall(r"\w+", en.lower()), re.findall(r"\w+", fr.lower())))
        if len(pairs) == 11000:
            break
rs.shuffle(pairs)
test, train = pairs[:400], pairs[400:]


def build_vocab(side):
    c = Counter(w for p in train for w in p[side])
    return {w: i + 1 for i, (w, k) in enumerate(c.most_common(2500)) if k > 2}      # 0 = unknown


voc = [build_vocab(0), build_vocab(1)]


def pack(batch, side):
    ids = [[voc[side].get(w, 0) for w in p[side]] for p in batch]
    starts = np.cumsum([0] + [len(i) for i in ids[:-1]])
    return torch.tensor([t for i in ids for t in i]), torch.from_numpy(starts)


class Tower(nn.Module):
    def __init__(self, n, d=48):
        super().__init__()
        self.words = nn.EmbeddingBag(n, d, mode="mean")
        self.drop = nn.Dropout(0.15)

    def forward(self, ids, starts):
        return F.normalize(self.drop(self.words(ids, starts)), dim=-1)


towers = nn.ModuleList([Tower(len(v) + 1) for v in voc])
log_temp = nn.Parameter(torch.tensor(2.5))
opt = torch.optim.Adam([{"params": towers.parameters(), "lr": 1e-2}, {"params": [log_temp], "lr": 1e-3}])
BS, EPOCHS = 250, 8
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * (len(train) // BS))


@torch.no_grad()
def recall(rows, k=1):
    towers.eval()
    sim = towers[0](*pack(rows, 0)) @ towers[1](*pack(rows, 1)).T
    return (sim.topk(k, 1).indices == torch.arange(len(rows))[:, None]).any(1).float().mean().item()


for epoch in range(EPOCHS):
    towers.train()
    rs.shuffle(train)
    losses = []
    for s in range(0, len(train) - BS + 1, BS):
        chunk = train[s:s + BS]
        a, b = towers[0](*pack(chunk, 0)), towers[1](*pack(chunk, 1))
        logits = a @ b.T * log_temp.exp().clamp(max=50)
        gold = torch.arange(BS)
        loss = (F.cross_entropy(logits, gold) + F.cross_entropy(logits.T, gold)) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        losses.append(loss.item())
    print(f"epoch {epoch} loss {np.mean(losses):.3f} scale {log_temp.exp().item():.1f} "
          f"R@1 train {recall(train[:400]):.3f} test {recall(test):.3f} R@5 test {recall(test, 5):.3f}")
