"""Route helpdesk tickets to a queue. Bag of word embeddings, offsets layout."""
import random
import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(11)
torch.manual_seed(11)

QUEUES = {
    'network': 'wifi vpn router lan proxy dns signal cable firewall latency bandwidth hotspot'.split(),
    'printing': 'printer toner paper tray jam scanner duplex cartridge spooler copier staples ink'.split(),
    'accounts': 'password login locked reset username expired token mfa profile permissions badge pin'.split(),
    'hardware': 'laptop screen keyboard battery charger mouse dock fan hinge monitor headset webcam'.split(),
    'software': 'install excel update licence crash plugin outlook macro version browser java driver'.split(),
}
FILLER = ('hello hi please help me my the a is not working since this morning yesterday again on floor two three '
          'urgent thanks regards team we cannot i tried twice still same problem today meeting room near kitchen '
          'manager asked colleague also has issue with and it for from new old').split()
NAMES = list(QUEUES)


def make_ticket():
    y = random.randrange(len(NAMES))
    words = random.choices(FILLER, k=random.randint(5, 14))
    words += random.sample(QUEUES[NAMES[y]], random.randint(2, 4))
    if random.random() < 0.35:      # people mention other things as well
        words.append(random.choice(QUEUES[random.choice(NAMES)]))
    random.shuffle(words)
    return ' '.join(words), y


tickets, seen = [], set()
while len(tickets) < 2800:
    t, y = make_ticket()
    if t not in seen:
        seen.add(t)
        tickets.append((t, y))
train, valid = tickets[:2300], tickets[2300:]

vocab = {'<unk>': 0}
for t, _ in train:
    for w in t.split():
        vocab.setdefault(w, len(vocab))


def collate(batch):
    ids, offsets, ys = [], [], []
    for t, y in batch:
        offsets.append(len(ids))
        ids.extend(vocab.get(w, 0) for w in t.split())
        ys.append(y)
    return torch.tensor(ids), torch.tensor(offsets), torch.tensor(ys)


class Router(nn.Module):
    def __init__(self, n, d, k):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, d, mode='mean')
        self.out = nn.Linear(d, k)

    def forward(self, ids, offsets):
        return self.out(self.bag(ids, offsets))


net = Router(len(vocab), 32, len(NAMES))
sgd = torch.optim.SGD(net.parameters(), lr=1.0, momentum=0.9)
sched = torch.optim.lr_scheduler.StepLR(sgd, 3, gamma=0.3)
loss_fn = nn.CrossEntropyLoss()
train_dl = DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)
valid_dl = DataLoader(valid, batch_size=256, collate_fn=collate)


def accuracy(dl):
    net.eval()
    good = n = 0
    with torch.no_grad():
        for ids, off, y in dl:
            good += (net(ids, off).argmax(1) == y).sum().item()
            n += len(y)
    return good / n


for epoch in range(6):
    net.train()
    running = 0.0
    for ids, off, y in train_dl:
        sgd.zero_grad()
        loss = loss_fn(net(ids, off), y)
        loss.backward()
        sgd.step()
        running += loss.item() * len(y)
    sched.step()
    print(f'epoch {epoch + 1} | loss {running / len(train):.4f} | valid acc {accuracy(valid_dl):.3f}')
print(f'train {accuracy(train_dl):.3f} valid {accuracy(valid_dl):.3f}')
