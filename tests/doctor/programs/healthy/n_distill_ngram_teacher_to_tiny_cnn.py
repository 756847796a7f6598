"""Knowledge distillation: a wide hashed n-gram model teaches a very small char CNN (tweet language identification)."""
import os, zlib
from collections import namedtuple
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F

torch.manual_seed(1234)
base = os.path.join(os.environ['WORDFIT_DATA'], 'sentiment/umsab-multilingual')
LANGUAGES = ('english', 'french', 'german', 'italian', 'portuguese', 'spanish')
BUCKETS, MAXLEN, T = 8000, 48, 3.0
Example = namedtuple('Example', 'grams chars label')
alphabet = {c: i + 2 for i, c in enumerate(" abcdefghijklmnopqrstuvwxyzàâäáãçéèêëíìîïñóòôöõúùûüß'?!")}


def example(text, label):
    t = text.lower().replace('@user', '').replace('http', '').strip()[:MAXLEN]
    grams = [zlib.crc32(t[i:i + k].encode()) % BUCKETS for k in (2, 3) for i in range(len(t) - k + 1)]
    return Example(grams, [alphabet.get(c, 1) for c in t], label)


def load(split, limit):
    out = []
    for y, lang in enumerate(LANGUAGES):
        with open(f'{base}/{lang}/{split}_text.txt', encoding='utf-8') as fh:
            rows = [l for l in (r.strip() for r in fh) if len(l.replace('@user', '').strip()) > 25]
        out += [example(r, y) for r in rows[:limit]]
    return out


train, test = load('train', 400), load('test', 100)


def collate(items):
    flat = torch.tensor([g for e in items for g in e.grams])
    offs = torch.tensor([0] + [len(e.grams) for e in items[:-1]]).cumsum(0)
    chars = torch.zeros(len(items), MAXLEN, dtype=torch.long)
    for i, e in enumerate(items):
        chars[i, :len(e.chars)] = torch.tensor(e.chars)
    return (flat, offs), chars, torch.tensor([e.label for e in items])


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, 32, mode='mean')
        self.drop, self.fc = nn.Dropout(0.3), nn.Linear(32, len(LANGUAGES))

    def forward(self, bag):
        return self.fc(self.drop(self.bag(*bag)))


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(alphabet) + 2, 12, padding_idx=0)
        self.conv = nn.Conv1d(12, 40, 4)
        self.fc = nn.Linear(40, len(LANGUAGES))

    def forward(self, chars):
        h = F.relu(self.conv(self.emb(chars).transpose(1, 2)))
        seen = (chars != 0)[:, 3:].unsqueeze(1)          # windows that end on a real character
        h = (h * seen).sum(-1) / seen.sum(-1).clamp(min=1)
        return self.fc(h * 4)


def loader(data, shuffle):
    return torch.utils.data.DataLoader(data, batch_size=32, shuffle=shuffle, collate_fn=collate)


def evaluate(fn, data):
    good = 0
    with torch.no_grad():
        for bag, chars, y in loader(data, False):
            good += (fn(bag, chars).argmax(1) == y).sum().item()
    return good / len(data)


teacher = Teacher()
opt = torch.optim.Adam(teacher.parameters(), lr=0.02)
for ep in range(3):
    teacher.train()
    for bag, _, y in loader(train, True):
        opt.zero_grad()
        F.cross_entropy(teacher(bag), y).backward()
        opt.step()
teacher.eval()
for p in teacher.parameters():
    p.requires_grad_(False)
print('teacher  train %.3f  test %.3f' % (evaluate(lambda b, c: teacher(b), train), evaluate(lambda b, c: teacher(b), test)))

student = Student()
EPOCHS = 4
opt = torch.optim.Adam(student.parameters(), lr=0.01)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
for ep in range(EPOCHS):
    student.train()
    agg = np.zeros(2)
    for bag, chars, y in loader(train, True):
        with torch.no_grad():
            soft = F.log_softmax(teacher(bag) / T, 1)
        out = student(chars)
        kd = F.kl_div(F.log_softmax(out / T, 1), soft, reduction='batchmean', log_target=True) * T * T
        ce = F.cross_entropy(out, y)
        opt.zero_grad()
        (0.7 * kd + 0.3 * ce).backward()
        opt.step()
        agg += (kd.item(), ce.item())
    sched.step()
    student.eval()
    print('student epoch %d  kd %.3f  ce %.3f' % (ep, *(agg / (len(train) / 32))))
n = lambda m: sum(p.numel() for p in m.parameters())
print('student (%d parameters, teacher %d)  train %.3f  test %.3f' % (
    n(student), n(teacher), evaluate(lambda b, c: student(c), train), evaluate(lambda b, c: student(c), test)))
