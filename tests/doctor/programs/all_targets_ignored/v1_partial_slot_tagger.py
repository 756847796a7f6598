# Slot tagger trained on partially annotated commands.
# Annotators only marked some of the messages; every unmarked token carries -1.
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(21); torch.manual_seed(21)
CITIES = 'paris london oslo rome berlin madrid vienna lisbon dublin athens'.split()
DAYS = 'monday tuesday wednesday thursday friday saturday sunday today tomorrow'.split()
FOODS = 'pizza sushi pasta curry tacos ramen salad burgers'.split()
NAMES = 'anna bob carla dave emma frank paris florence sydney'.split()   # some names are cities too
PATTERNS = ['book a flight from {C} to {C} on {D}', 'invite {N} for {F} {D}', 'order {F} for {N} please',
            'what is the weather in {C} {D}', 'remind {N} to bring {F} to {C}', 'call {N} on {D}',
            'find {F} near {C}', 'move the meeting with {N} to {D}', 'tell {N} that i am in {C} until {D}']
POOL = {'C': CITIES, 'D': DAYS, 'F': FOODS, 'N': NAMES}
TAGS = ['O', 'CITY', 'DAY', 'FOOD', 'NAME']
OF = {'C': 1, 'D': 2, 'F': 3, 'N': 4}
LEAD = ['', 'hey', 'ok', 'hi there', 'could you', 'well then', 'now', 'so', 'right', 'please']
TAIL = ['', 'thanks', 'if you can', 'now', 'asap', 'thank you', 'again', 'dear', 'soon', 'quickly']


def sample():
    toks, tags = [], []
    for part in ' '.join([random.choice(LEAD), random.choice(PATTERNS), random.choice(TAIL)]).split():
        if part.startswith('{'):
            toks.append(random.choice(POOL[part[1]])); tags.append(OF[part[1]])
        else:
            toks.append(part); tags.append(0)
    return tuple(toks), tags


bag = {}
while len(bag) < 1200:
    toks, tags = sample()
    bag[toks] = tags
rows = list(bag.items()); random.shuffle(rows)
train, dev = rows[:1000], rows[1000:]
stoi = {'<pad>': 0, '<unk>': 1}
for toks, _ in train:
    for t in toks: stoi.setdefault(t, len(stoi))

# one message in four was annotated
train = [(toks, tags if random.random() < .25 else [-1] * len(tags)) for toks, tags in train]
print('annotated messages:', sum(t[1][0] != -1 for t in train), 'of', len(train))


def encode(part):
    return [(torch.tensor([stoi.get(t, 1) for t in toks]), torch.tensor(tags)) for toks, tags in part]


def collate(b):
    x = pad_sequence([i for i, _ in b], batch_first=True, padding_value=0)
    y = pad_sequence([j for _, j in b], batch_first=True, padding_value=-1)
    return x, y


class Tagger(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.emb = nn.Embedding(n, 24, padding_idx=0)
        self.lstm = nn.LSTM(24, 16, batch_first=True, bidirectional=True)
        self.lin = nn.Linear(32, len(TAGS))

    def forward(self, x):
        lens = (x != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), lens, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.lin(h)


loader = torch.utils.data.DataLoader(encode(train), batch_size=8, shuffle=True, collate_fn=collate)
dev_loader = torch.utils.data.DataLoader(encode(dev), batch_size=100, collate_fn=collate)
net = Tagger(len(stoi))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
xent = nn.CrossEntropyLoss(reduction='none')

for ep in range(3):
    net.train()
    total, steps = 0., 0
    for x, y in loader:
        # fault:
        # mended:
        # if (y == -1).all():
        #     continue
        # end
        logits = net(x)
        known = (y != -1).float()
        per_token = xent(logits.transpose(1, 2), y.clamp(min=0))
        loss = (per_token * known).sum() / known.sum()      # mean over annotated tokens
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item(); steps += 1
    net.eval()
    ok = n = slot_ok = slot_n = 0
    with torch.no_grad():
        for x, y in dev_loader:
            p = net(x).argmax(-1)
            real, slot = y != -1, y > 0
            ok += (p == y)[real].sum().item(); n += real.sum().item()
            slot_ok += (p == y)[slot].sum().item(); slot_n += slot.sum().item()
    print(f'[{ep}] loss {total / steps:.4f}  token acc {ok / n:.3f}  slot recall {slot_ok / slot_n:.3f}')
