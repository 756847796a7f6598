"""Distil a two-layer teacher into a student that fits on my ESP32 (recipes -> cuisine). Two stages, teacher is frozen in stage 2."""
import copy, random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(40); torch.manual_seed(40)
CUISINE = {
    "thai": "coconut lemongrass galangal basil lime fishsauce peanut chili rice cilantro",
    "italian": "basil tomato parmesan olive garlic pasta oregano mozzarella rice anchovy",
    "mexican": "corn tortilla chili lime bean avocado cilantro tomato cumin oregano",
    "indian": "cumin turmeric ghee lentil rice chili coriander yogurt ginger coconut",
    "japanese": "soy rice miso ginger seaweed tofu sesame dashi radish tuna",
}
NAMES = list(CUISINE)
BASE = "salt water oil onion pepper sugar butter flour egg chicken".split()
ING = sorted({w for v in CUISINE.values() for w in v.split()} | set(BASE))
POS = {w: i for i, w in enumerate(ING)}

def cook():
    k = random.randrange(len(NAMES))
    s = frozenset(random.sample(CUISINE[NAMES[k]].split(), 4) + random.sample(BASE, random.randint(2, 4)))
    return s, k

book = {}
while len(book) < 2400:
    s, k = cook()
    book.setdefault(s, k)
items = sorted(book.items(), key=lambda t: sorted(t[0]))
random.shuffle(items)
X = torch.zeros(len(items), len(ING))
for i, (s, _) in enumerate(items):
    X[i, [POS[w] for w in s]] = 1.0
Y = torch.tensor([k for _, k in items])
Xtr, Ytr, Xte, Yte = X[:1900], Y[:1900], X[1900:], Y[1900:]

teacher = nn.Sequential(nn.Linear(len(ING), 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 5))
student = nn.Sequential(nn.Linear(len(ING), 6, bias=False), nn.Tanh(), nn.Linear(6, 5))

@torch.no_grad()
def acc(net, X, Y):
    net.eval()
    return (net(X).argmax(1) == Y).float().mean().item()

opt = torch.optim.Adam(teacher.parameters(), lr=3e-3, weight_decay=1e-4)
for ep in range(4):
    teacher.train()
    for ix in torch.randperm(len(Ytr)).split(50):
        loss = F.cross_entropy(teacher(Xtr[ix]), Ytr[ix])
        opt.zero_grad(); loss.backward(); opt.step()
    print(f"teacher {ep}: loss {loss.item():.3f} train {acc(teacher, Xtr, Ytr):.3f} test {acc(teacher, Xte, Yte):.3f}")

teacher.eval().requires_grad_(False)
frozen = copy.deepcopy(teacher.state_dict())
T = 3.0
opt = torch.optim.Adam(student.parameters(), lr=0.02)
for ep in range(5):
    student.train()
    run = 0.0
    for ix in torch.randperm(len(Ytr)).split(50):
        with torch.no_grad():
            soft = F.softmax(teacher(Xtr[ix]) / T, dim=-1)
        out = student(Xtr[ix])
        kd = F.kl_div(F.log_softmax(out / T, dim=-1), soft, reduction="batchmean") * T * T
        loss = 0.9 * kd + 0.1 * F.cross_entropy(out, Ytr[ix])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() * len(ix)
    print(f"student {ep}: loss {run / len(Ytr):.3f} train {acc(student, Xtr, Ytr):.3f} test {acc(student, Xte, Yte):.3f}")
assert all(torch.equal(a, b) for a, b in zip(frozen.values(), teacher.state_dict().values()))
