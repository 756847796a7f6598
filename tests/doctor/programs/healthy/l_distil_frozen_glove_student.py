# teacher -> student: a wide conv teacher on frozen GloVe teaches a bag of 300 words. The teacher is fixed while the student learns.
import gzip, os, random, re
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F

random.seed(8); torch.manual_seed(8)
root = os.environ["WORDFIT_DATA"]

vec = {}
with gzip.open(root + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for i, line in zip(range(6000), f):
        w, *v = line.rstrip().split(" ")
        vec[w] = v
words = list(vec)
E = torch.tensor(np.array([[0.] * 50] * 2 + [vec[w] for w in words], dtype=np.float32))   # 0 pad, 1 unknown (mean)
E[1] = E[2:].mean(0)
stoi = {w: i + 2 for i, w in enumerate(words)}


def sents(path, n, sep=None):
    out = []
    op = gzip.open if path.endswith("gz") else open
    for line in op(os.path.join(root, path), "rt", encoding="utf-8"):
        toks = re.findall(r"[a-z]+|[.,?!]", (line.split(sep)[0] if sep else line).lower())
        if len(toks) > 5 and toks[:18] not in out:
            out.append(toks[:18])
        if len(out) == n:
            break
    return out


groups = [sents("seq2seq/multi30k/train.en.gz", 700), sents("sentiment/financial-phrasebank/Sentences_50Agree.txt", 700, "@"),
          sents("sentiment/SST-2-sentences/stsa.binary.train", 700), sents("sentiment/CR/custrev.pos", 700)]
# the SST lines start with a label digit, which the tokeniser drops
rows = [(t, k) for k, g in enumerate(groups) for t in g]
random.shuffle(rows)
X = torch.zeros(len(rows), 18, dtype=torch.long)
for i, (t, _) in enumerate(rows):
    X[i, :len(t)] = torch.tensor([stoi.get(w, 1) for w in t])
Y = torch.tensor([k for _, k in rows])
ntr = 2200
Xtr, Ytr, Xte, Yte = X[:ntr], Y[:ntr], X[ntr:], Y[ntr:]


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(E, freeze=True, padding_idx=0)
        self.conv = nn.Conv1d(50, 64, 3, padding=1)
        self.out = nn.Linear(64, 4)

    def forward(self, x):
        h = F.relu(self.conv(self.emb(x).transpose(1, 2)))
        h = h.masked_fill(x.eq(0).unsqueeze(1), 0.).amax(2)
        return self.out(F.dropout(h, .5, self.training))


class Student(nn.Module):
    """one score per word and class, averaged over real words"""

    def __init__(self, n):
        super().__init__()
        self.n = n
        self.w = nn.Embedding(n, 4, padding_idx=0)
        nn.init.zeros_(self.w.weight)
        self.scale = nn.Parameter(torch.tensor(10.))

    def forward(self, x):
        x = torch.where(x < self.n, x, torch.ones_like(x))
        real = x.ne(0).float()
        return self.scale * self.w(x).sum(1) / real.sum(1, keepdim=True)


def acc(m, x, y):
    m.eval()
    with torch.no_grad():
        return (m(x).argmax(1) == y).float().mean().item()


teacher, student = Teacher(), Student(1500)
opt = torch.optim.Adam([p for p in teacher.parameters() if p.requires_grad], lr=2e-3)
for ep in range(4):
    teacher.train()
    for b in torch.randperm(ntr).split(40):
        loss = F.cross_entropy(teacher(Xtr[b]), Ytr[b])
        opt.zero_grad(); loss.backward(); opt.step()
    print("teacher", ep, "train %.3f test %.3f" % (acc(teacher, Xtr, Ytr), acc(teacher, Xte, Yte)))

for p in teacher.parameters():
    p.requires_grad_(False)
teacher.eval()
with torch.no_grad():
    soft = teacher(Xtr)
T, alpha = 2.0, 0.7
opt = torch.optim.Adam(student.parameters(), lr=1e-2)
for ep in range(5):
    student.train()
    tot = 0.
    for b in torch.randperm(ntr).split(40):
        s = student(Xtr[b])
        kd = F.kl_div(F.log_softmax(s / T, 1), F.softmax(soft[b] / T, 1), reduction="batchmean") * T * T
        loss = alpha * kd + (1 - alpha) * F.cross_entropy(s, Ytr[b])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(b) / ntr
    print("student", ep, "loss %.3f train %.3f test %.3f" % (tot, acc(student, Xtr, Ytr), acc(student, Xte, Yte)))
