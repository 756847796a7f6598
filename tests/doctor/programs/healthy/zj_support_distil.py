# Compress the complaint classifier: a conv-attention teacher, then a bag-of-words student for the edge box.
import random, torch, torch.nn as nn, torch.nn.functional as F

SEED = 77
random.seed(SEED); torch.manual_seed(SEED)
ASPECTS = ["battery", "display", "delivery", "service", "price"]
POS, NEG = "great excellent quick bright cheap friendly solid".split(), "awful slow dim broken rude expensive weak".split()
SMALL = "the a very was is but and with this quite so really honestly".split()
VOC = {w: i + 1 for i, w in enumerate(ASPECTS + POS + NEG + SMALL)}


def make(n):
    seen = {}
    while len(seen) < n:
        a = random.randrange(len(ASPECTS)); s = random.random() < .5
        ws = [ASPECTS[a]] + random.sample(POS if s else NEG, 2)
        if random.random() < .3:
            ws.append(random.choice(NEG if s else POS))        # one against two
        ws += random.choices(SMALL, k=random.randint(1, 6)); random.shuffle(ws)
        seen[tuple(sorted(ws))] = (ws, 2 * a + int(s))
    return list(seen.values())


def tensors(rows):
    n = max(len(w) for w, _ in rows)
    return torch.tensor([[VOC[t] for t in w] + [0] * (n - len(w)) for w, _ in rows]), torch.tensor([y for _, y in rows])


class Teacher(nn.Module):
    def __init__(self, d=20):
        super().__init__()
        self.e = nn.Embedding(len(VOC) + 1, d, padding_idx=0)
        self.mix = nn.Conv1d(d, d, 3, padding=1)
        self.q = nn.Linear(d, 2)
        self.o = nn.Linear(2 * d, 2 * len(ASPECTS))

    def forward(self, x):
        pad = x.eq(0)
        h = self.e(x)
        h = h + torch.relu(self.mix(h.transpose(1, 2))).transpose(1, 2)
        w = self.q(h).masked_fill(pad[..., None], float("-inf")).softmax(1)    # over the words, two heads
        return self.o(F.dropout(torch.einsum("btk,btd->bkd", w, h).flatten(1), .3, self.training))


class Student(nn.Module):
    def __init__(self, rows=64, d=8):
        super().__init__()
        self.b = nn.EmbeddingBag(rows, d, mode="sum", padding_idx=0)
        self.o = nn.Linear(d, 2 * len(ASPECTS))

    def forward(self, x):
        return self.o(self.b(x))


def epochs(net, rows, n, lr, objective, tag):
    opt = torch.optim.Adam(net.parameters(), lr=lr)
    plan = torch.optim.lr_scheduler.StepLR(opt, max(1, n - 2), .2)
    for e in range(n):
        net.train(); random.shuffle(rows); s = 0.
        for i in range(0, len(rows), 50):
            x, y = tensors(rows[i:i + 50])
            loss = objective(net(x), x, y)
            opt.zero_grad(); loss.backward(); opt.step(); s += loss.item()
        plan.step()
        print(f"{tag} {e}: {s / (len(rows) / 50):.4f}")


def acc(net, rows):
    net.eval()
    with torch.no_grad():
        x, y = tensors(rows)
        return (net(x).argmax(1) == y).float().mean().item()


data = make(2400); train, dev = data[:2000], data[2000:]
teacher = Teacher()
epochs(teacher, train, 4, 5e-3, lambda out, x, y: F.cross_entropy(out, y), "teacher")
print(f"teacher train {acc(teacher, train):.3f} dev {acc(teacher, dev):.3f}")
teacher.eval().requires_grad_(False)
T = 2.0


def distil(out, x, y):
    with torch.no_grad():
        soft = F.log_softmax(teacher(x) / T, -1)
    kd = F.kl_div(F.log_softmax(out / T, -1), soft, log_target=True, reduction="batchmean") * T * T
    return .8 * kd + .2 * F.cross_entropy(out, y)


student = Student()
epochs(student, train, 6, 2e-2, distil, "student")
agree = (student(tensors(dev)[0]).argmax(1) == teacher(tensors(dev)[0]).argmax(1)).float().mean().item()
print(f"student train {acc(student, train):.3f} dev {acc(student, dev):.3f}  agrees with teacher {agree:.3f}")
