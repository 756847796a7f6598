# Triage of machine reports: rare "critical" class, oversampled in the training part only (split first).
# Part numbers are open vocabulary -> unknown-word buckets by crc32; word dropout; max-norm of the output rows
# is restored after every step (Hinton style), under no_grad.
import zlib, random
import torch
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler

rng = random.Random(9); torch.manual_seed(9)
CUES = {'routine': 'inspected cleaned oiled lubricated replaced checked adjusted'.split(),
        'warning': 'vibration noisy worn slow leaking warm squeaking'.split(),
        'critical': 'fire smoke explosion ruptured collapsed jammed injury'.split()}
KINDS = list(CUES)
FILL = 'the unit at line was and then after shift during test by crew found still near valve pump motor belt'.split()
N_BUCKETS, DROP_WORD = 40, 0.1


def report():
    y = rng.choices([0, 1, 2], weights=[70, 25, 5])[0]
    w = [rng.choice(FILL) for _ in range(rng.randint(5, 10))]
    w += rng.sample(CUES[KINDS[y]], rng.randint(1, 2))
    if y and rng.random() < .5: w.append(rng.choice(CUES[KINDS[y - 1]]))    # worst cue decides
    w.append('p%05d' % rng.randrange(100000))
    rng.shuffle(w)
    return w, y


reports = [report() for _ in range(3000)]
train_rows, dev_rows = reports[:2300], reports[2300:]
counts = {}
for w, _ in train_rows:
    for t in w: counts[t] = counts.get(t, 0) + 1
vocab = {t: i for i, t in enumerate(sorted(t for t, c in counts.items() if c >= 3), start=1)}
lookup = lambda t: vocab[t] if t in vocab else 1 + len(vocab) + zlib.crc32(t.encode()) % N_BUCKETS


class Reports(Dataset):
    def __init__(self, rows, augment):
        self.rows = [([lookup(t) for t in w], y) for w, y in rows]
        self.augment = augment

    def __len__(self): return len(self.rows)

    def __getitem__(self, i):
        ids, y = self.rows[i]
        if self.augment:                      # a dropped word becomes a random unknown bucket
            ids = [t if rng.random() > DROP_WORD else 1 + len(vocab) + rng.randrange(N_BUCKETS) for t in ids]
        return ids, y


def collate(items):
    n = max(len(i) for i, _ in items)
    return {'ids': torch.tensor([i + [0] * (n - len(i)) for i, _ in items]), 'label': torch.tensor([y for _, y in items])}


class Model(torch.nn.Module):
    def __init__(self, limit=2.5):
        super().__init__()
        self.limit = limit
        self.emb = torch.nn.Embedding(1 + len(vocab) + N_BUCKETS, 16, padding_idx=0)
        self.mix = torch.nn.Linear(16, 16)
        self.out = torch.nn.Linear(32, 3)

    def forward(self, ids):
        mask = (ids > 0).unsqueeze(2)
        h = torch.relu(self.mix(self.emb(ids)))
        return self.out(torch.cat([h.masked_fill(~mask, 0).amax(1), (h * mask).sum(1) / mask.sum(1)], 1))

    @torch.no_grad()
    def constrain(self):
        norm = self.out.weight.norm(dim=1, keepdim=True)
        self.out.weight.mul_(self.limit / norm.clamp(min=self.limit))


per_class = [sum(y == c for _, y in train_rows) for c in range(3)]
sampler = WeightedRandomSampler([1 / per_class[y] ** .5 for _, y in train_rows], num_samples=len(train_rows))
loader = DataLoader(Reports(train_rows, True), batch_size=32, sampler=sampler, collate_fn=collate)
plain = {n: collate(list(Reports(r, False))) for n, r in (('train', train_rows), ('dev', dev_rows))}
model = Model()
opt = torch.optim.Adam(model.parameters(), lr=6e-3)
print('class counts', per_class)
for epoch in range(5):
    model.train(); losses = []
    for batch in loader:
        loss = torch.nn.functional.cross_entropy(model(batch['ids']), batch['label'])
        opt.zero_grad(); loss.backward(); opt.step()
        model.constrain()
        losses.append(loss.item())
    model.eval(); line = f'epoch {epoch} loss {sum(losses) / len(losses):.4f}'
    for name, b in plain.items():
        with torch.no_grad(): p = model(b['ids']).argmax(1)
        rec = [(p[b['label'] == c] == c).float().mean().item() for c in range(3)]
        line += f'  {name} balanced acc {sum(rec) / 3:.3f} critical recall {rec[2]:.3f}'
    print(line)
