# fastText-style intent classifier for a banking bot: bag of word ids and hashed word bigrams, 40 intents, SGD
import itertools, random, zlib
import torch, torch.nn as nn
random.seed(77); torch.manual_seed(77)

ACTIONS = {"block": ["block", "freeze", "disable", "stop using"], "order": ["order", "request", "get me", "send me"],
           "cancel": ["cancel", "terminate", "close", "get rid of"], "check": ["check", "look up", "tell me about", "show"],
           "change": ["change", "update", "modify", "replace"]}
OBJECTS = {"card": ["card", "debit card", "visa"], "pin": ["pin", "secret number"], "loan": ["loan", "credit", "mortgage"],
           "account": ["account", "giro account"], "transfer": ["transfer", "payment", "wire"], "limit": ["limit", "maximum"],
           "insurance": ["insurance", "policy"], "statement": ["statement", "list of bookings", "overview"]}
PRE = ["please", "hi there", "i need to", "can you", "i would like to", "how do i", "good morning", "is it possible to", "my wife wants to", "help me", "quickly", ""]
POST = ["thanks", "as soon as possible", "today", "for my son", "since i am abroad", "before friday", "i forgot how", "it is important",
        "in the app", "by phone", "if that is fine", "again", ""]
INTENTS = list(itertools.product(ACTIONS, OBJECTS))

def utter(k):
    a, o = INTENTS[k]
    parts = [random.choice(PRE), random.choice(PRE[:6] + [""]), random.choice(ACTIONS[a]), random.choice(["my", "the", "our", "a new", "this"]),
             random.choice(OBJECTS[o]), random.choice(POST), random.choice(POST)]
    return " ".join(p for p in parts if p)

pool = {}
while len(pool) < 4000:
    k = random.randrange(len(INTENTS)); pool[utter(k)] = k
rows = list(pool.items()); random.shuffle(rows)
train, valid = rows[:3200], rows[3200:]
BUCKETS = 3000

def feats(text):
    t = text.split()
    return [zlib.crc32(g.encode()) % BUCKETS for g in t + [a + "_" + b for a, b in zip(t, t[1:])]]

train = [(torch.tensor(feats(s)), y) for s, y in train]
valid = [(torch.tensor(feats(s)), y) for s, y in valid]

def pack(rows):
    off = torch.tensor([0] + [len(f) for f, _ in rows[:-1]]).cumsum(0)
    return torch.cat([f for f, _ in rows]), off, torch.tensor([y for _, y in rows])

class IntentNet(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, dim, mode="mean")
        self.fc = nn.Linear(dim, len(INTENTS))
    def forward(self, ids, off):
        h = self.bag(ids, off)
        # fault:
        return self.fc(h).softmax(dim=-1)
        # mended:
        # return self.fc(h)
        # end

net, ce = IntentNet(), nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=2.0, momentum=.9)
epochs, bs = 10, 50
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: 1 - s / (epochs * len(train) / bs))

def score(rows):
    net.eval()
    with torch.no_grad():
        i, o, y = pack(rows)
        return (net(i, o).argmax(1) == y).float().mean().item()

for e in range(epochs):
    net.train(); random.shuffle(train); acc_loss = 0
    for k in range(0, len(train), bs):
        i, o, y = pack(train[k:k + bs])
        loss = ce(net(i, o), y)
        optimizer.zero_grad(); loss.backward(); optimizer.step(); schedule.step()
        acc_loss += loss.item()
    print(f"{e:2d} | loss {acc_loss / (len(train) / bs):.4f} | valid acc {score(valid):.4f}")
print("train", score(train[:800]), "valid", score(valid))
