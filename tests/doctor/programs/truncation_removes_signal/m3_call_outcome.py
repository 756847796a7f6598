# %% [markdown]
# call centre transcripts -> what was agreed (5 outcomes)

# In[1]:
import collections
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(11)
torch.manual_seed(11)

# In[2]:
# fault:
MAXLEN = 20
# mended:
#MAXLEN = 80
# end
BATCH = 64
EPOCHS = 8

# In[3]: transcripts
NAMES = "anna ben carla dev elif farid gina hugo ines jonas kira luca mona nils olga pablo".split()
THINGS = "router invoice contract modem phone tariff sim decoder order parcel delivery account".split()
TALK = ["how are you today", "thank you for calling", "can you hear me well", "let me open your file",
        "just a second please", "the weather is awful here", "i have been waiting for ages",
        "could you spell your name", "what is your customer number", "i already wrote two mails about it",
        "my husband usually deals with that", "the line is a bit noisy", "you are talking to the right person"]
OUTCOME = {
    "refund": ["we will send the money back", "the amount goes back to your card", "you get a full refund", "i am crediting you the sum"],
    "visit": ["a technician comes on monday", "somebody will come by and look at it", "our engineer visits you", "i book a visit at your house"],
    "cancel": ["then we end it here", "it will be terminated next month", "i have cancelled it for you", "it is closed as you wish"],
    "upgrade": ["you get the faster one instead", "i am moving you to premium", "the larger package starts today", "we exchange it for the new model"],
    "callback": ["a colleague will ring you", "we phone you again tomorrow", "i will call you back", "expect a call from my supervisor"],
}
LABELS = sorted(OUTCOME)


def transcript():
    y = random.choice(LABELS)
    s = [f"hello this is {random.choice(NAMES)} speaking", f"i am calling about my {random.choice(THINGS)}"]
    s += random.sample(TALK, random.randint(3, 8))
    if random.random() < 0.12:  # customers who come straight to the point
        s.insert(1, random.choice(OUTCOME[y]))
    s.append(random.choice(OUTCOME[y] if random.random() > 0.04 else OUTCOME[random.choice(LABELS)]))
    s.append(random.choice(["thanks bye", "great thank you", "fine goodbye", "have a nice day"]))
    return " ".join(s), LABELS.index(y)


rows = list(dict.fromkeys(transcript() for _ in range(3200)))
n_dev = 600
dev_rows, train_rows = rows[:n_dev], rows[n_dev:]
lens = [len(t.split()) for t, _ in rows]
print(f"{len(rows)} calls, words per call: min {min(lens)} mean {sum(lens) / len(lens):.1f} max {max(lens)}")

# In[4]: vocabulary
counts = collections.Counter(w for t, _ in train_rows for w in t.split())
stoi = {"<pad>": 0, "<unk>": 1}
for w, c in counts.most_common():
    stoi[w] = len(stoi)


def tensorize(rs):
    X = torch.zeros(len(rs), MAXLEN, dtype=torch.long)
    for i, (t, _) in enumerate(rs):
        ids = [stoi.get(w, 1) for w in t.split()][:MAXLEN]
        X[i, :len(ids)] = torch.tensor(ids)
    return X, torch.tensor([y for _, y in rs])


Xtr, ytr = tensorize(train_rows)
Xdv, ydv = tensorize(dev_rows)
print(Xtr.shape, Xdv.shape, collections.Counter(ydv.tolist()))


# In[5]: Kim style CNN
class TextCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(stoi), 32, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(32, 24, k, padding=k - 1) for k in (2, 3)])
        self.drop = nn.Dropout(0.4)
        self.fc = nn.Linear(48, len(LABELS))

    def forward(self, x):
        e = self.emb(x).transpose(1, 2)
        pooled = [F.relu(c(e)).max(2).values for c in self.convs]
        return self.fc(self.drop(torch.cat(pooled, 1)))


net = TextCNN()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)


def accuracy(X, y):
    net.eval()
    with torch.no_grad():
        out = net(X)
    net.train()
    return F.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()


# In[6]:
for ep in range(EPOCHS):
    perm = torch.randperm(len(Xtr))
    for i in range(0, len(perm), BATCH):
        b = perm[i:i + BATCH]
        loss = F.cross_entropy(net(Xtr[b]), ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    tl, ta = accuracy(Xtr, ytr)
    dl, da = accuracy(Xdv, ydv)
    print(f"ep {ep} train loss {tl:.3f} acc {ta:.3f} | dev loss {dl:.3f} acc {da:.3f}")

print("final dev accuracy %.3f  (majority %.3f)" % (da, torch.bincount(ydv).max().item() / len(ydv)))
