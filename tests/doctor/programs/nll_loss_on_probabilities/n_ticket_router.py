# Routes support tickets to one of eight desks. Tickets come from a generator because the real ones are confidential.
import random
import torch
import torch.nn as nn

random.seed(8)
torch.manual_seed(8)

TOPICS = {
    'billing': 'invoice charge refund payment card receipt tax amount',
    'login': 'password account locked reset code email signin profile',
    'delivery': 'parcel courier late tracking address depot driver doorstep',
    'hardware': 'screen battery cable keyboard fan noise broken charger',
    'network': 'wifi router signal slow outage cable connection speed',
    'mobile': 'phone app crash android update battery screen freeze',
    'returns': 'refund label box return parcel exchange size wrong',
    'sales': 'quote discount price order bulk amount offer contract',
}
FILLER = 'hello please i my the is was since yesterday cannot and help with it again thanks you me today'.split()
DESKS = list(TOPICS)


def ticket():
    y = random.randrange(len(DESKS))
    words = random.choices(TOPICS[DESKS[y]].split(), k=random.randint(2, 4)) + random.choices(FILLER, k=random.randint(4, 9))
    if random.random() < 0.25:
        words.append(random.choice(TOPICS[random.choice(DESKS)].split()))
    random.shuffle(words)
    return words, y


tickets = [ticket() for _ in range(2400)]
index = {}
for words, _ in tickets:
    for w in words:
        index.setdefault(w, len(index))
train, test = tickets[:2000], tickets[2000:]


def bag(rows):
    ids = [index[w] for words, _ in rows for w in words]
    starts = [0]
    for words, _ in rows[:-1]:
        starts.append(starts[-1] + len(words))
    return torch.tensor(ids), torch.tensor(starts), torch.tensor([y for _, y in rows])


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(index), 32, mode='sum')
        self.hidden = nn.Linear(32, 32)
        self.desk = nn.Linear(32, len(DESKS))
        # fault:
        self.activation = nn.Softmax(dim=1)
        # mended:
        # self.activation = nn.LogSoftmax(dim=1)
        # end

    def forward(self, ids, starts):
        h = torch.relu(self.hidden(self.bag(ids, starts)))
        return self.activation(self.desk(h))


router = Router()
criterion = nn.NLLLoss()
optimizer = torch.optim.SGD(router.parameters(), lr=0.05)


def accuracy(rows):
    router.eval()
    with torch.no_grad():
        ids, starts, y = bag(rows)
        return (router(ids, starts).argmax(1) == y).float().mean().item()


for epoch in range(8):
    router.train()
    random.shuffle(train)
    running = 0.0
    for k in range(0, len(train), 20):
        ids, starts, y = bag(train[k:k + 20])
        optimizer.zero_grad()
        loss = criterion(router(ids, starts), y)
        loss.backward()
        optimizer.step()
        running += loss.item()
    print('epoch %d: loss %.3f, train %.3f, test %.3f' % (epoch + 1, running / (len(train) / 20), accuracy(train), accuracy(test)))
