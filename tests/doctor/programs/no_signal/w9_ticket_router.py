import csv, io, random
from collections import Counter
import torch, torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence

random.seed(77); torch.manual_seed(77)

# ---------------------------------------------------------------- helpdesk export
TEAMS = ['billing', 'network', 'hardware', 'accounts']
ASK = {'billing': ['invoice', 'charged', 'refund', 'payment', 'price', 'receipt'],
       'network': ['wifi', 'vpn', 'router', 'slow', 'offline', 'ping'],
       'hardware': ['screen', 'battery', 'printer', 'keyboard', 'fan', 'broken'],
       'accounts': ['password', 'login', 'locked', 'reset', 'username', 'profile']}
TALK = 'please my the is again since yesterday and i can not get help with it this still need for you'.split()
OPEN = ['hi', 'hello', 'dear', 'good', 'morning', 'team', 'all', 'support', 'friends', 'there', 'everybody', 'afternoon']
CLOSE = ['thanks', 'best', 'regards', 'cheers', 'kind', 'many', 'bye', 'yours', 'sent', 'from', 'phone', 'greetings']

buf = io.StringIO()
wr = csv.writer(buf)
wr.writerow(['ticket', 'opening', 'problem', 'closing', 'team'])
for t in range(2400):
    team = random.choice(TEAMS)
    said = random.sample(ASK[team], 2) + random.choices(TALK, k=random.randint(3, 6))
    if random.random() < .35:
        said.append(random.choice(ASK[random.choice(TEAMS)]))
    random.shuffle(said)
    wr.writerow([f'T-{t:05d}', ' '.join(random.choices(OPEN, k=random.randint(3, 4))), ' '.join(said),
                 ' '.join(random.choices(CLOSE, k=random.randint(3, 5))), team])
buf.seek(0)

rows = list(csv.reader(buf))[1:]
# fault:
data = [(r[1].split() + r[3].split(), TEAMS.index(r[4])) for r in rows]
# mended:
# data = [(r[1].split() + r[2].split(), TEAMS.index(r[4])) for r in rows]
# end
train, test = data[:1900], data[1900:]
freq = Counter(w for s, _ in train for w in s)
vocab = {w: i + 2 for i, (w, _) in enumerate(freq.most_common())}
print(len(vocab), 'words;', train[0])

def batches(rows, bs, shuffle):
    rows = random.sample(rows, len(rows)) if shuffle else rows
    for i in range(0, len(rows), bs):
        part = rows[i:i + bs]
        ids = [torch.tensor([vocab.get(w, 1) for w in s]) for s, _ in part]
        yield (pad_sequence(ids), torch.tensor([len(s) for s in ids])), torch.tensor([y for _, y in part])

class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(vocab) + 2, 16, padding_idx=0)
        self.rnn = nn.GRU(16, 12, bidirectional=True)
        self.out = nn.Linear(24, len(TEAMS))
    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.embed(ids), lengths, enforce_sorted=False)
        _, h = self.rnn(packed)
        return self.out(torch.cat((h[0], h[1]), dim=1))

model = Router()
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
crit = nn.CrossEntropyLoss()
for epoch in range(1, 5):
    total = 0
    for x, y in batches(train, 56, True):
        opt.zero_grad()
        loss = crit(model(*x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.)
        opt.step()
        total += loss.item() * len(y)
    with torch.no_grad():
        tr = sum((model(*x).argmax(1) == y).sum().item() for x, y in batches(train, 200, False)) / len(train)
        te = sum((model(*x).argmax(1) == y).sum().item() for x, y in batches(test, 200, False)) / len(test)
    print('epoch %d  loss %.4f  train acc %.3f  test acc %.3f' % (epoch, total / len(train), tr, te))
