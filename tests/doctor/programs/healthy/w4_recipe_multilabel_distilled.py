# Multi-label recipe tags. A Transformer teacher is trained first and then frozen; a bag-of-words student copies it.
import torch, random
from torch import nn
torch.manual_seed(40); random.seed(40)
TAGS = {"vegan": ["lentils", "tofu", "chickpeas", "oats"], "meat": ["beef", "chicken", "bacon", "lamb"], "sweet": ["sugar", "honey", "chocolate", "jam"],
        "hot": ["chili", "jalapeno", "harissa", "pepper"], "baked": ["oven", "flour", "yeast", "dough"]}
OTHER = "salt water onion garlic bowl mix cook add serve slice pan minutes oil stir then cool plate".split()
NAMES = list(TAGS); L = 12
words = ["<pad>"] + OTHER + sum(TAGS.values(), [])
num = {w: i for i, w in enumerate(words)}

def recipe():
    y = [float(random.random() < .35) for _ in NAMES]
    w = [random.choice(TAGS[t]) for t, on in zip(NAMES, y) if on]
    w += random.choices(OTHER, k=random.randint(4, L - len(w)))
    random.shuffle(w)
    return [num[a] for a in w] + [0] * (L - len(w)), y

pairs = [recipe() for _ in range(3000)]
X = torch.tensor([p[0] for p in pairs]); Y = torch.tensor([p[1] for p in pairs])
Xl, Yl, Xt, Yt = X[:2500], Y[:2500], X[2500:], Y[2500:]

class Teacher(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(len(words), d, padding_idx=0)
        self.layer = nn.TransformerEncoderLayer(d, 2, 48, dropout=0.05, batch_first=True, norm_first=True)
        self.labels = nn.Parameter(torch.randn(len(NAMES), d) * .2)      # one query for each tag
        self.bias = nn.Parameter(torch.zeros(len(NAMES)))
    def forward(self, x):
        pad = x == 0
        h = self.layer(self.emb(x), src_key_padding_mask=pad)
        att = torch.einsum("ld,btd->blt", self.labels, h).masked_fill(pad[:, None], float("-inf")).softmax(-1)
        return ((att @ h) * self.labels).sum(-1) + self.bias

class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.EmbeddingBag(len(words), len(NAMES), mode="sum", padding_idx=0)
        self.b = nn.Parameter(torch.zeros(len(NAMES)))
        nn.init.normal_(self.table.weight, std=.1)
        with torch.no_grad(): self.table.weight[0].zero_()
    def forward(self, x): return self.table(x) + self.b

def f1(model, x, y):
    model.eval()
    with torch.no_grad(): p = model(x) > 0
    tp = (p & (y > 0)).sum().item()
    return 2 * tp / max(1, p.sum().item() + y.sum().item())

def fit(model, loss_of, epochs, lr, title):
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    for e in range(epochs):
        model.train(); s = []
        for i in torch.randperm(len(Xl)).split(50):
            loss = loss_of(i)
            opt.zero_grad(); loss.backward(); opt.step(); s.append(loss.item())
        print(f"{title} {e}: loss {sum(s) / len(s):.4f} micro-F1 train {f1(model, Xl, Yl):.3f} test {f1(model, Xt, Yt):.3f}")

bce = nn.BCEWithLogitsLoss()
teacher, student = Teacher(), Student()
fit(teacher, lambda i: bce(teacher(Xl[i]), Yl[i]), 3, 6e-3, "teacher")
teacher.eval().requires_grad_(False)
with torch.no_grad(): soft = torch.sigmoid(teacher(Xl) / 2.0)
fit(student, lambda i: 0.7 * bce(student(Xl[i]) / 2.0, soft[i]) + 0.3 * bce(student(Xl[i]), Yl[i]), 6, 0.1, "student")
