#!/usr/bin/env python3
# Chatbot intent detector for the campus help desk (IIT project course). BoW -> hidden -> intent.
import random
from collections import Counter
import torch
from torch import nn

random.seed(21)
torch.manual_seed(21)

INTENTS = {
    "hostel":  ["room", "hostel", "warden", "mess", "bed", "laundry", "roommate"],
    "fees":    ["fee", "payment", "receipt", "fine", "refund", "scholarship", "challan"],
    "exam":    ["exam", "marks", "grade", "hall", "ticket", "revaluation", "midsem"],
    "library": ["book", "library", "renew", "journal", "borrow", "shelf", "overdue"],
    "network": ["wifi", "password", "vpn", "router", "login", "slow", "proxy"],
    "travel":  ["bus", "cab", "airport", "train", "timing", "route", "station"],
}
FILL = "i want to know about my the please sir when can is it how do help need regarding tomorrow today".split()
labels = list(INTENTS)


def sentence():
    y = random.randrange(len(labels))
    ws = random.choices(FILL, k=random.randint(3, 7)) + random.choices(INTENTS[labels[y]], k=random.randint(1, 3))
    if random.random() < 0.15:
        ws.append(random.choice(INTENTS[random.choice(labels)]))
    random.shuffle(ws)
    return ws, y


corpus = [sentence() for _ in range(2000)]
train, test = corpus[:1600], corpus[1600:]
counts = Counter(w for ws, _ in train for w in ws)
index = {w: i for i, (w, _) in enumerate(counts.most_common())}


def vectorise(data):
    X = torch.zeros(len(data), len(index))
    for r, (ws, _) in enumerate(data):
        for w in ws:
            if w in index:
                X[r, index[w]] += 1
    return X, torch.tensor([y for _, y in data])


Xtr, ytr = vectorise(train)
Xte, yte = vectorise(test)

net = nn.Sequential(nn.Linear(len(index), 32), nn.Tanh(), nn.Linear(32, len(labels)))


def reset(m):
    if isinstance(m, nn.Linear):
        # fault:
        nn.init.constant_(m.weight, 0.05)
        # mended:
        # nn.init.xavier_uniform_(m.weight)
        # end
        nn.init.zeros_(m.bias)


net.apply(reset)
opt = torch.optim.SGD(net.parameters(), lr=0.2, momentum=0.9)
ce = nn.CrossEntropyLoss()

for epoch in range(1, 9):
    net.train()
    total = 0.0
    for b in torch.randperm(len(Xtr)).split(32):
        opt.zero_grad()
        l = ce(net(Xtr[b]), ytr[b])
        l.backward()
        opt.step()
        total += l.item() * len(b)
    net.eval()
    with torch.no_grad():
        pred = net(Xte).argmax(1)
    print(f"epoch {epoch} loss {total / len(Xtr):.4f} test accuracy {(pred == yte).float().mean():.3f}")
for k, name in enumerate(labels):
    m = yte == k
    print(f"  {name:8s} recall {(pred[m] == k).float().mean():.2f}")
