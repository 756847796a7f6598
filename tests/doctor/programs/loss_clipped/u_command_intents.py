# Intent recognition for a home assistant. Convolution over words, max over time.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(5)
torch.manual_seed(5)

intents = {
    "light_on": ["switch on", "turn on", "light up"], "light_off": ["switch off", "turn off", "put out"],
    "heat_up": ["warm up", "heat", "make warmer"], "heat_down": ["cool down", "make colder", "chill"],
    "play": ["play music in", "start a song in", "put a record on in"], "stop": ["stop music in", "silence", "mute"],
    "lock": ["lock", "close up", "secure"], "unlock": ["unlock", "open up", "let me into"],
    "clean": ["vacuum", "sweep", "hoover"], "status": ["how warm is", "what is on in", "report on"],
    "film": ["show a film in", "start the projector in", "movie night in"], "alarm": ["wake me up in", "set the alarm in", "ring at six in"],
}
rooms = ["kitchen", "bedroom", "hall", "garage", "attic", "cellar", "study", "bathroom", "nursery", "porch"]
polite = ["please", "could you", "hey", "ok house", "would you kindly", "i want you to", "now", ""]
tails = ["right away", "in ten minutes", "when i am home", "thanks", "for the guests", "before dinner", "until noon", ""]
adjs = ["big", "small", "old", "new", "blue", "upper", "lower", "left", "right", ""]
names = list(intents)


def utter():
    y = random.randrange(len(names))
    s = " ".join([random.choice(polite), random.choice(intents[names[y]]), "the", random.choice(adjs),
                  random.choice(rooms), random.choice(tails)])
    if random.random() < 0.35:
        s += " and " + random.choice(["also the", "then the"]) + " " + random.choice(rooms)
    return " ".join(s.split()), y


bank = {}
while len(bank) < 3000:
    t, y = utter()
    bank[t] = y
items = list(bank.items())
random.shuffle(items)
vocab = {"_": 0}
for t, _ in items:
    for w in t.split():
        vocab.setdefault(w, len(vocab))
L = max(len(t.split()) for t, _ in items)
X = torch.zeros(len(items), L, dtype=torch.long)
for i, (t, _) in enumerate(items):
    ids = [vocab[w] for w in t.split()]
    X[i, :len(ids)] = torch.tensor(ids)
Y = torch.tensor([y for _, y in items])
Xtr, Ytr, Xte, Yte = X[:2400], Y[:2400], X[2400:], Y[2400:]


class TextCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 32, padding_idx=0)
        self.conv = nn.Conv1d(32, 64, 3, padding=1)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(64, len(names))

    def forward(self, x):
        h = F.relu(self.conv(self.emb(x).transpose(1, 2)))
        h = h.masked_fill((x == 0).unsqueeze(1), 0.0)
        return self.fc(self.drop(h.max(dim=2).values))


net = TextCNN()
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(1, 6):
    net.train()
    perm = torch.randperm(len(Xtr))
    total = 0.0
    for idx in perm.split(50):
        per_item = F.cross_entropy(net(Xtr[idx]), Ytr[idx], reduction="none")
        # fault:
        loss = per_item.clamp(max=2.0).mean()   # a few odd rows shall not dominate
        # mended:
        # loss = per_item.mean()
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx)
    net.eval()
    with torch.no_grad():
        pred = net(Xte).argmax(1)
        acc = (pred == Yte).float().mean().item()
        acc_tr = (net(Xtr).argmax(1) == Ytr).float().mean().item()
    print("epoch", epoch, "loss %.3f" % (total / len(Xtr)), "train %.3f" % acc_tr, "test %.3f" % acc)
hit = (pred == Yte)
print({n: round(hit[Yte == k].float().mean().item(), 2) for k, n in enumerate(names)})
