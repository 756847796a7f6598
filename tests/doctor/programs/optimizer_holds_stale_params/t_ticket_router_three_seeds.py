# Assignment 2b: intent routing of short tickets. Report mean and std of the accuracy over three initialisations.
import random
import statistics

import torch
import torch.nn as nn

random.seed(0)
VERBS = {"refund": ["refund", "repay", "reimburse", "credit"], "login": ["login", "password", "signin", "unlock"],
         "ship": ["parcel", "courier", "delivery", "tracking"], "cancel": ["cancel", "terminate", "unsubscribe", "stop"],
         "bug": ["crash", "error", "freeze", "broken"]}
OBJ = ["order", "account", "invoice", "app", "phone", "contract", "package", "card"]
FILL = "please could you help me with the my i need to it is about from yesterday again still not since monday".split()
INTENTS = list(VERBS)


def ticket():
    """one key word of the intent, an object and chatter"""
    label = random.randrange(len(INTENTS))
    other = random.choice([k for k in range(len(INTENTS)) if k != label])
    words = random.choices(FILL, k=random.randint(3, 7)) + [random.choice(OBJ), random.choice(VERBS[INTENTS[label]])]
    random.shuffle(words)
    if random.random() < 0.3:
        words += ["instead", "of", random.choice(OBJ)]
    if random.random() < 0.08:                       # people pick a wrong category now and then
        label = other
    return words, label


rows = [ticket() for _ in range(1500)]
vocab = {"<pad>": 0}
for ws, _ in rows:
    for w in ws:
        vocab.setdefault(w, len(vocab))
width = max(len(ws) for ws, _ in rows)
X = torch.tensor([[vocab[w] for w in ws] + [0] * (width - len(ws)) for ws, _ in rows])
Y = torch.tensor([y for _, y in rows])
Xtr, Ytr, Xva, Yva = X[:1100], Y[:1100], X[1100:], Y[1100:]


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(len(vocab), 20, padding_idx=0)
        self.mid = nn.Linear(20, 20)
        self.top = nn.Linear(20, len(INTENTS))

    def forward(self, ids):
        there = (ids > 0).unsqueeze(-1).float()
        doc = (self.table(ids) * there).sum(1) / there.sum(1)
        return self.top(torch.tanh(self.mid(doc)))


def fit(model, optimizer):
    ce = nn.CrossEntropyLoss()
    for epoch in range(6):
        model.train()
        seen = 0.0
        for idx in torch.randperm(len(Xtr)).split(25):
            loss = ce(model(Xtr[idx]), Ytr[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            seen += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        a = (model(Xtr).argmax(1) == Ytr).float().mean().item()
        b = (model(Xva).argmax(1) == Yva).float().mean().item()
    return seen / len(Xtr), a, b


scores = []
# fault:
model = Router()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
# mended:
# end
for seed in (1, 2, 3):
    torch.manual_seed(seed)
    model = Router()
    # fault:
    # mended:
    # optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    # end
    loss, tr, va = fit(model, optimizer)
    print(f"seed {seed}: loss {loss:.3f}, train {tr:.3f}, validation {va:.3f}")
    scores.append(va)
print(f"validation accuracy {statistics.mean(scores):.3f} +- {statistics.stdev(scores):.3f}")
