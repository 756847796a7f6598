# Which FAQ entry answers the question? Two towers, in-batch negatives, one question at a time when serving.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(14)
torch.manual_seed(14)

ACTIONS = {'cancel': ['cancel', 'stop', 'end', 'quit'], 'change': ['change', 'edit', 'update', 'modify'],
           'find': ['find', 'locate', 'see', 'where'], 'share': ['share', 'send', 'forward', 'give'],
           'print': ['print', 'paper', 'hardcopy', 'printer'], 'export': ['export', 'download', 'save', 'extract']}
OBJECTS = {'subscription': ['subscription', 'plan', 'membership'], 'address': ['address', 'street', 'home'],
           'invoice': ['invoice', 'bill', 'receipt'], 'photo': ['photo', 'picture', 'image'],
           'calendar': ['calendar', 'schedule', 'appointments'], 'contact': ['contact', 'friend', 'person'],
           'report': ['report', 'statistics', 'summary'], 'playlist': ['playlist', 'songs', 'music']}
NOISE = 'how do i can my the please want to is there a way help me need'.split()
FAQ = [(a, o) for a in ACTIONS for o in OBJECTS]
words = sorted({w for d in (ACTIONS, OBJECTS) for ws in d.values() for w in ws} | set(NOISE))
index = {w: i + 1 for i, w in enumerate(words)}
SIZE = 10


def question(k):
    a, o = FAQ[k]
    ws = [random.choice(ACTIONS[a]), random.choice(OBJECTS[o])] + random.sample(NOISE, random.randint(2, 7))
    random.shuffle(ws)
    return [index[w] for w in ws] + [0] * (SIZE - len(ws))


def answer(k):
    a, o = FAQ[k]
    ws = [index[a], index[o], index['the'], index['to']]
    return ws + [0] * (SIZE - len(ws))


class Tower(nn.Module):
    def __init__(self, dim=8):
        super().__init__()
        self.emb = nn.Embedding(len(words) + 1, dim, padding_idx=0)
        self.fc = nn.Linear(dim, dim)

    def forward(self, x):
        v = self.emb(x).sum(1) / (x != 0).sum(1, keepdim=True)
        # fault:
        return F.normalize(self.fc(torch.tanh(v)), dim=0)
        # mended:
        # return F.normalize(self.fc(torch.tanh(v)), dim=1)
        # end


q_tower, a_tower = Tower(), Tower()
opt = torch.optim.Adam([*q_tower.parameters(), *a_tower.parameters()], lr=1.2e-2)
train = [(question(k), k) for k in range(len(FAQ)) for _ in range(50)]
test = [(question(k), k) for k in range(len(FAQ)) for _ in range(8)]
known = {tuple(sorted(q)) for q, _ in train}
test = [(q, k) for q, k in test if tuple(sorted(q)) not in known]
answers = torch.tensor([answer(k) for k in range(len(FAQ))])


def hit_rate(rows):
    q_tower.eval()
    a_tower.eval()
    hits = 0
    with torch.no_grad():
        bank = a_tower(answers)
        for q, k in rows:
            hits += int((bank @ q_tower(torch.tensor([q]))[0]).argmax()) == k
    return hits / len(rows)


for epoch in range(7):
    q_tower.train()
    a_tower.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 40):
        part = train[i:i + 40]
        q = torch.tensor([q for q, _ in part])
        target = torch.tensor([k for _, k in part])
        scores = q_tower(q) @ a_tower(answers).t() * 12.0
        loss = F.cross_entropy(scores, target)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(part)
    print(f'epoch {epoch + 1}: loss {total / len(train):.3f}  hit@1 on unseen questions {hit_rate(test):.3f}')
print(f'hit@1 train {hit_rate(train[:400]):.3f}, test {hit_rate(test):.3f} ({len(test)} questions, {len(FAQ)} answers)')
