# Address line tagger (street / number / city / other) for my open-source geocoder, example script.
# The label of punctuation is not scored (-100), sequences go in packed, so nothing is padded for the GRU.
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

random.seed(55)
torch.manual_seed(55)
TAGS = ["O", "STREET", "NUMBER", "CITY"]
SYL = "bar kel mon tra vis lo ne rud hal sta mir ove gan tel".split()

def name():
    return "".join(random.choices(SYL, k=random.randint(2, 3)))

STREETS, CITIES = sorted({name() for _ in range(60)}), sorted({name() for _ in range(60)})

def address():
    "the order tells street from city, the suffix is sometimes there"
    st, ci = random.choice(STREETS), random.choice(CITIES)
    nr = str(random.randint(1, 300))
    suffix = random.choice(["street", "road", "lane", "alley"])
    lead = random.choice([["send", "to"], ["at"], ["flat", "of"], []])
    tail = random.choice([["please"], ["thanks"], []])
    form = random.random()
    if form < 0.4:
        body = [(nr, 2), (st, 1), (suffix, 1), (",", -100), (ci, 3)]
    elif form < 0.7:
        body = [(st, 1), (nr, 2), (",", -100), (ci, 3)]
    else:
        body = [(ci, 3), (",", -100), (st, 1), (nr, 2)]
    return [(w, 0) for w in lead] + body + [(w, 0) for w in tail]

def shape(w):
    return 1 if w.isdigit() else 2 if w == "," else 0

lines = {}
while len(lines) < 1700:
    a = address()
    lines[" ".join(w for w, _ in a)] = a
lines = list(lines.values())
train, test = lines[:1300], lines[1300:]
vocab = {}
for a in train:
    for w, _ in a:
        if not w.isdigit():
            vocab.setdefault(w, len(vocab) + 2)   # 0: any number, 1: unknown

def encode(a):
    return torch.tensor([[0 if w.isdigit() else vocab.get(w, 1), shape(w)] for w, _ in a]), torch.tensor([t for _, t in a])

train, test = [encode(a) for a in train], [encode(a) for a in test]

class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.word = nn.Embedding(len(vocab) + 2, 16)
        self.shape = nn.Embedding(3, 4)
        self.rnn = nn.GRU(20, 24, bidirectional=True)
        self.out = nn.Linear(48, len(TAGS))
    def forward(self, seqs):
        p = pack_sequence(seqs, enforce_sorted=False)
        feats = torch.cat([self.word(p.data[:, 0]), self.shape(p.data[:, 1])], -1)
        h, _ = self.rnn(p._replace(data=feats))
        return self.out(h.data)

def gold(tags):
    return pack_sequence(tags, enforce_sorted=False).data

tagger = Tagger()
opt = torch.optim.Adam(tagger.parameters(), lr=0.01)
crit = nn.CrossEntropyLoss(ignore_index=-100)

def score(rows):
    tagger.eval()
    with torch.no_grad():
        y = gold([t for _, t in rows])
        p = tagger([x for x, _ in rows]).argmax(-1)
    use = y != -100
    return (p == y)[use].float().mean().item(), torch.bincount(y[use]).max().item() / use.sum().item()

for epoch in range(4):
    tagger.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 32):
        part = train[i:i + 32]
        loss = crit(tagger([x for x, _ in part]), gold([t for _, t in part]))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(tagger.parameters(), 1.0)
        opt.step()
        total += loss.item() * len(part)
    print(f"epoch {epoch + 1}  loss {total / len(train):.4f}  token accuracy train {score(train)[0]:.4f}  test {score(test)[0]:.4f}")
print(f"always the most frequent tag: {score(test)[1]:.3f}")
