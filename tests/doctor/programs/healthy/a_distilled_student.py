"""A bag-of-words student learns from a GRU teacher (temperature 2) and a little from the labels."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(10); torch.manual_seed(10)
cls = [c.split() for c in ("bake stew roast grill spice", "swim run jump climb row", "sew knit weave stitch hem")]
pad_words = "we then often a with every for some our and you it while at home".split()


def row(i):
    y = i % 3
    t = random.choices(pad_words, k=random.randint(4, 12)) + random.choices(cls[y], k=random.randint(1, 3))
    random.shuffle(t)
    return t, y


rows = [row(i) for i in range(1000)]
random.shuffle(rows)
train, dev = rows[:700], rows[700:]
v = {w: i + 1 for i, w in enumerate(sorted(set(pad_words + sum(cls, []))))}


def tens(part):
    n = torch.tensor([len(t) for t, _ in part])
    x = nn.utils.rnn.pad_sequence([torch.tensor([v[w] for w in t]) for t, _ in part], batch_first=True)
    return x, n, torch.tensor([y for _, y in part])


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.e, self.g, self.o = nn.Embedding(len(v) + 1, 24, padding_idx=0), nn.GRU(24, 32, batch_first=True), nn.Linear(32, 3)

    def forward(self, x, n):
        return self.o(self.g(nn.utils.rnn.pack_padded_sequence(self.e(x), n, batch_first=True, enforce_sorted=False))[1][0])


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.e, self.o = nn.Embedding(len(v) + 1, 8, padding_idx=0), nn.Linear(8, 3)

    def forward(self, x, n):
        return self.o((self.e(x) * (x > 0).unsqueeze(-1)).sum(1) / n.unsqueeze(1))


def fit(model, loss_of, epochs, lr, tag):
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    for epoch in range(epochs):
        random.shuffle(train)
        model.train()
        tot = 0.0
        for i in range(0, 700, 28):
            x, n, y = tens(train[i:i + 28])
            loss = loss_of(model(x, n), x, n, y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item() / 25
        model.eval()
        with torch.no_grad():
            x, n, y = tens(dev)
            print(f"{tag} epoch {epoch} loss {tot:.4f} dev acc {(model(x, n).argmax(1) == y).float().mean().item():.4f}")


teacher, student, T = Teacher(), Student(), 2.0
fit(teacher, lambda out, x, n, y: F.cross_entropy(out, y), 5, 6e-3, "teacher")
for p in teacher.parameters():
    p.requires_grad_(False)


def distil(out, x, n, y):
    with torch.no_grad():
        soft = F.softmax(teacher(x, n) / T, dim=1)
    return T * T * F.kl_div(F.log_softmax(out / T, dim=1), soft, reduction="batchmean") + 0.2 * F.cross_entropy(out, y)


fit(student, distil, 12, 2e-2, "student")
