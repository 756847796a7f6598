"""Knowledge distillation: a character CNN teaches a tiny linear n-gram student. French or English? (Tatoeba, short sentences)"""
import gzip, os, random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(6); torch.manual_seed(6)
path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/tatoeba-fra-eng/fra.txt.gz")
english, french = set(), set()
with gzip.open(path, "rt", encoding="utf-8") as f:
    for i, line in enumerate(f):
        if i > 30000:
            break
        if i % 6 == 0:
            english.add(line.split("\t")[0])
        elif i % 6 == 3:
            french.add(line.split("\t")[1])
clean = lambda s: "".join(c for c in s.lower() if c.isalpha() or c in " '")[:16]      # short pieces: not too easy
rows = sorted({(clean(s), 0) for s in english if len(s) > 8} | {(clean(s), 1) for s in french if len(s) > 8})
random.shuffle(rows)
rows, held = rows[:2600], rows[2600:3200]
have = {s for s, _ in rows}
held = [h for h in held if h[0] not in have]
alphabet = {c: i + 1 for i, c in enumerate(sorted({c for s, _ in rows for c in s}))}


def tensorise(part):
    x = torch.zeros(len(part), 16, dtype=torch.long)
    for i, (s, _) in enumerate(part):
        for j, c in enumerate(s):
            x[i, j] = alphabet.get(c, 0)
    return x, torch.tensor([l for _, l in part])


class Teacher(nn.Module):
    def __init__(self, v, d=12, f=40):
        super().__init__()
        self.char = nn.Embedding(v, d, padding_idx=0)
        self.conv = nn.ModuleList(nn.Conv1d(d, f, k, padding=k // 2) for k in (3, 5))
        self.drop, self.out = nn.Dropout(.4), nn.Linear(2 * f, 2)

    def forward(self, x):
        e = self.char(x).transpose(1, 2)
        mask = (x == 0).unsqueeze(1)
        pooled = [F.relu(c(e)).masked_fill(mask, 0.).amax(2) for c in self.conv]
        return self.out(self.drop(torch.cat(pooled, 1)))


class Student(nn.Module):
    """Additive bigram scores: one number per class and pair of characters."""
    def __init__(self, v):
        super().__init__()
        self.v = v
        self.table = nn.Parameter(torch.zeros(v * v, 2))

    def forward(self, x):
        pair = x[:, :-1] * self.v + x[:, 1:]
        real = ((x[:, :-1] > 0) & (x[:, 1:] > 0)).unsqueeze(-1)
        return (F.embedding(pair, self.table) * real).sum(1)


@torch.no_grad()
def accuracy(net, x, y):
    was = net.training
    net.eval()
    a = (net(x).argmax(1) == y).float().mean().item()
    net.train(was)
    return a


def fit(net, opt, objective, epochs, tag):
    net.train()
    for e in range(epochs):
        tot = n = 0
        for b in torch.randperm(len(X)).split(50):
            loss = objective(net(X[b]), b)
            opt.zero_grad(); loss.backward(); opt.step()
            tot += loss.item(); n += 1
        print(f"{tag} {e}: loss {tot / n:.4f} train {accuracy(net, X, Y):.3f} held {accuracy(net, Xh, Yh):.3f}")


X, Y = tensorise(rows); Xh, Yh = tensorise(held)
V = len(alphabet) + 1
teacher = Teacher(V)
fit(teacher, torch.optim.Adam(teacher.parameters(), lr=4e-3, weight_decay=1e-4), lambda z, b: F.cross_entropy(z, Y[b]), 4, "teacher")
teacher.eval().requires_grad_(False)
T, alpha = 2., .7
with torch.no_grad():
    soft = F.log_softmax(teacher(X) / T, 1)


def distil(z, b):
    kd = F.kl_div(F.log_softmax(z / T, 1), soft[b], log_target=True, reduction="batchmean") * T * T
    return alpha * kd + (1 - alpha) * F.cross_entropy(z, Y[b])


student = Student(V)
fit(student, torch.optim.Adam(student.parameters(), lr=.03), distil, 6, "student")
print("held rows", len(held), "majority %.3f" % max(Yh.float().mean().item(), 1 - Yh.float().mean().item()))
