"""Semi-supervised genre classifier for made-up notes: mean teacher (Tarvainen & Valpola 2017).
600 labelled notes, 3000 unlabelled ones; EMA teacher, consistency under word dropout, ramp-up."""
import copy, math, random
import torch, torch.nn as nn, torch.nn.functional as F
random.seed(2); torch.manual_seed(2)
C, PER, FILL = 5, 60, 150
cue = [[f"c{k}_{i}" for i in range(PER)] for k in range(C)]
fill = [f"f{i}" for i in range(FILL)]
ID = {w: i for i, w in enumerate(fill + sum(cue, []))}
def note(k):
    half = random.random() < .5                           # two sub-styles per genre share few words
    own = cue[k][:36] if half else cue[k][24:]
    w = random.choices(fill, k=random.randint(6, 16)) + random.sample(own, random.randint(4, 7)) + random.choices(random.choice(cue), k=2)
    random.shuffle(w)
    return [ID[x] for x in w]
rows, seen = [], set()
while len(rows) < 4600:
    k = random.randrange(C); n = note(k)
    if tuple(n) not in seen: seen.add(tuple(n)); rows.append((n, k))
lab, unl, test = rows[:600], rows[600:3600], rows[3600:]
def flat(batch, drop=0.):
    keep = [[i for i in n if random.random() >= drop] or n for n, _ in batch]
    off = torch.tensor([0] + [len(k) for k in keep[:-1]]).cumsum(0)
    return torch.tensor(sum(keep, [])), off
class Net(nn.Module):
    def __init__(self):
        super().__init__(); self.bag = nn.EmbeddingBag(len(ID), 24, mode="mean"); self.drop = nn.Dropout(.2); self.out = nn.Linear(24, C)
    def forward(self, ids, off): return self.out(self.drop(self.bag(ids, off)))
student = Net(); teacher = copy.deepcopy(student).requires_grad_(False)
optimizer = torch.optim.Adam(student.parameters(), lr=.02, weight_decay=1e-4)
def acc(m, data):
    m.eval()
    with torch.no_grad(): return (m(*flat(data)).argmax(1) == torch.tensor([k for _, k in data])).float().mean().item()
EPOCHS, step = 8, 0
steps = EPOCHS * (len(unl) // 100)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
for epoch in range(EPOCHS):
    student.train(); teacher.train(False); random.shuffle(unl); sup = con = 0.
    for b in range(0, len(unl), 100):
        ub = unl[b:b + 100]; lb = random.sample(lab, 50)
        w = 3. * math.exp(-5 * (1 - min(1., step / (.4 * steps))) ** 2)
        ce = F.cross_entropy(student(*flat(lb, .2)), torch.tensor([k for _, k in lb]))
        with torch.no_grad(): p = teacher(*flat(ub, .1)).softmax(-1)
        mse = (student(*flat(ub, .3)).softmax(-1) - p).pow(2).sum(1).mean()
        optimizer.zero_grad(); (ce + w * mse).backward(); optimizer.step(); sched.step(); step += 1
        with torch.no_grad():
            a = min(.97, 1 - 1 / (step + 1))
            for t, s in zip(teacher.parameters(), student.parameters()): t.lerp_(s, 1 - a)
        sup += ce.item(); con += mse.item()
    print(f"epoch {epoch} supervised {sup/30:.4f} consistency {con/30:.4f} | test student {acc(student, test):.3f} teacher {acc(teacher, test):.3f}")
print(f"labelled {acc(teacher, lab):.3f} unlabelled {acc(teacher, unl):.3f} test {acc(teacher, test):.3f}")
