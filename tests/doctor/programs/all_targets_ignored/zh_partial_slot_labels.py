# Team "Late Checkout", hackathon day 2: slot tagger for travel requests.
# Volunteers only had time to mark a few words in each request, the other positions carry -100.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(33)
torch.manual_seed(33)

cities = 'berlin paris oslo rome lima cairo delhi tokyo quito perth miami dublin'.split()
days = 'monday tuesday wednesday thursday friday saturday sunday'.split()
airlines = 'skyjet bluewing nordair aerolux quickfly'.split()
TAGS = ['O', 'FROM', 'TO', 'DAY', 'AIRLINE']
patterns = [
    'book a flight from {F} to {T} on {D}', 'i need to go to {T} from {F} next {D} please', 'any seats with {A} on {D} to {T}',
    'leave {F} with {A} and land in {T}', 'from {F} to {T} with {A}', 'what is the cheapest fare to {T} on {D}',
]


def request():
    f, t = random.sample(cities, 2)
    fill = {'{F}': (f, 1), '{T}': (t, 2), '{D}': (random.choice(days), 3), '{A}': (random.choice(airlines), 4)}
    return [fill.get(w, (w, 0)) for w in random.choice(patterns).split()]


data = [request() for _ in range(1300)]
words = sorted({w for r in data for w, _ in r})
idx = {w: i + 1 for i, w in enumerate(words)}
MARKED = 0.12
train = []
for r in data[:900]:
    train.append(([idx[w] for w, _ in r], [t if random.random() < MARKED else -100 for _, t in r]))
test = [([idx[w] for w, _ in r], [t for _, t in r]) for r in data[900:]]


def pack(chunk):
    n = max(len(a) for a, _ in chunk)
    x = torch.tensor([a + [0] * (n - len(a)) for a, _ in chunk])
    y = torch.tensor([b + [-100] * (n - len(b)) for _, b in chunk])
    return x, y


class WindowTagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(words) + 1, 32, padding_idx=0)
        self.conv = nn.Conv1d(32, 48, 5, padding=2)
        self.lin = nn.Linear(48, len(TAGS))

    def forward(self, x):
        return self.lin(F.relu(self.conv(self.e(x).transpose(1, 2))).transpose(1, 2))


tagger = WindowTagger()
optim = torch.optim.Adam(tagger.parameters(), lr=2e-3)
for ep in range(4):
    tagger.train()
    random.shuffle(train)
    tot, nb = 0., 0
    for i in range(0, len(train), 5):
        x, y = pack(train[i:i + 5])
        marked = (y != -100).float()
        logp = F.log_softmax(tagger(x), dim=-1)
        nll = -logp.gather(2, y.clamp(min=0).unsqueeze(2)).squeeze(2) * marked
        # fault:
        loss = nll.sum() / marked.sum()
        # mended:
        # loss = nll.sum() / marked.sum().clamp(min=1)
        # end
        optim.zero_grad()
        loss.backward()
        optim.step()
        tot += loss.item()
        nb += 1
    tagger.eval()
    with torch.no_grad():
        x, y = pack(test)
        p = tagger(x).argmax(-1)
        slot = y > 0
        print(f'epoch {ep + 1}: loss {tot / nb:.3f}, slots right {(p == y)[slot].float().mean():.3f}, all words {(p == y)[y >= 0].float().mean():.3f}')
