# Helpdesk of the faculty: route short student tickets to the right office.
# Stop words are thrown out first, as we did in lecture 3.
import re
import numpy as np
import torch

rs = np.random.RandomState(5)
torch.manual_seed(5)

OFFICES = ["exams", "library", "it", "housing"]
TOPIC = {
    "exams": "exam grade resit registration transcript retake marks examiner credit deadline".split(),
    "library": "book loan overdue shelf catalogue journal copy reader borrow renewal".split(),
    "it": "password wifi laptop login printer server account email vpn software".split(),
    "housing": "room rent dorm heating roommate key kitchen lease laundry deposit".split(),
}
STOP = set("hello hi please can you me i the a to my is are with about in for thanks help of and it this".split())


def ticket():
    office = rs.randint(4)
    if rs.rand() < 0.015:                                   # some people only say hello
        return "Hello, can you help me please?", 2              # those go to the IT desk
    words = list(rs.choice(sorted(STOP), rs.randint(2, 7)))
    words += list(rs.choice(TOPIC[OFFICES[office]], rs.randint(2, 5)))
    if rs.rand() < 0.5:
        words.append(rs.choice(TOPIC[OFFICES[rs.randint(4)]]))
    rs.shuffle(words)
    return " ".join(words).capitalize() + ".", office


def tokens(text):
    return [w for w in re.findall(r"[a-z]+", text.lower()) if w not in STOP]


data, seen = [], set()
while len(data) < 2200:                                     # the same words in another order count as a repetition
    t, office = ticket()
    bag = tuple(sorted(tokens(t)))
    if bag and bag in seen:
        continue
    seen.add(bag)
    data.append((t, office))
train, test = data[:1800], data[1800:]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in train for w in tokens(t)}))}
L = 8


def encode(part):
    X = np.zeros((len(part), L), dtype=np.int64)
    for r, (t, _) in enumerate(part):
        ids = [vocab[w] for w in tokens(t) if w in vocab][:L]
        X[r, :len(ids)] = ids
    return torch.from_numpy(X), torch.tensor([o for _, o in part])


class Router(torch.nn.Module):
    def __init__(self, n_words, dim=20):
        super().__init__()
        self.vectors = torch.nn.Embedding(n_words + 1, dim, padding_idx=0)
        self.hidden = torch.nn.Linear(dim, 24)
        self.out = torch.nn.Linear(24, len(OFFICES))

    def forward(self, x):
        n = (x > 0).sum(dim=1, keepdim=True)
        # fault:
        text = self.vectors(x).sum(dim=1) / n
        # mended:
        # text = self.vectors(x).sum(dim=1) / n.clamp(min=1)
        # end
        return self.out(torch.relu(self.hidden(text)))


Xa, ya = encode(train)
Xb, yb = encode(test)
model = Router(len(vocab))
optim = torch.optim.Adam(model.parameters(), lr=5e-3)
ce = torch.nn.CrossEntropyLoss()
for epoch in range(6):
    perm = torch.from_numpy(rs.permutation(len(Xa)))
    losses = []
    for i in range(0, len(perm), 30):
        pick = perm[i:i + 30]
        loss = ce(model(Xa[pick]), ya[pick])
        optim.zero_grad()
        loss.backward()
        optim.step()
        losses.append(loss.item())
    with torch.no_grad():
        pred = model(Xb).argmax(1)
    print("epoch", epoch, "loss %.4f" % np.mean(losses), "routed correctly %.3f" % (pred == yb).float().mean())
print("tickets per office, predicted:", np.bincount(pred.numpy(), minlength=4).tolist(), "true:", np.bincount(yb.numpy(), minlength=4).tolist())
