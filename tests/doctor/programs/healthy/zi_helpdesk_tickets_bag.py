# Week 4 exercise: route helpdesk tickets to the right team (EmbeddingBag baseline)
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(11)
torch.manual_seed(11)

TOPICS = {
    "network": "wifi router vpn cable ping firewall proxy dns latency switch".split(),
    "printing": "printer toner paper tray scanner duplex jam queue cartridge copier".split(),
    "accounts": "password login username locked expired token badge reset permission email".split(),
    "hardware": "laptop keyboard battery screen charger mouse dock monitor fan webcam".split(),
    "software": "install license update crash plugin excel version compile matlab driver".split(),
}
FILLER = ("hello please help me my the a since yesterday again does not work it is and i cannot on in "
          "today urgent thanks room office colleague says still after before with this very").split()
NAMES = list(TOPICS)


def ticket():
    k = random.randrange(len(NAMES))
    n = random.randint(6, 16)
    words = [random.choice(FILLER) for _ in range(n)]
    for _ in range(random.randint(1, 3)):
        words.insert(random.randint(0, len(words)), random.choice(TOPICS[NAMES[k]]))
    if random.random() < 0.3:       # people mention other things too
        words.insert(random.randint(0, len(words)), random.choice(TOPICS[random.choice(NAMES)]))
    return " ".join(words), k


tickets = [ticket() for _ in range(2400)]
train, test = tickets[:1800], tickets[1800:]
stoi = {}
for text, _ in train:
    for w in text.split():
        stoi.setdefault(w, len(stoi))


def collate(batch):
    ids, offsets, labels = [], [0], []
    for text, y in batch:
        enc = [stoi[w] for w in text.split() if w in stoi]
        ids += enc
        offsets.append(offsets[-1] + len(enc))
        labels.append(y)
    return torch.tensor(ids), torch.tensor(offsets[:-1]), torch.tensor(labels)


class TicketRouter(nn.Module):
    def __init__(self, vocab, dim=24, n_cls=5):
        super().__init__()
        self.bag = nn.EmbeddingBag(vocab, dim, mode="mean")
        self.fc = nn.Linear(dim, n_cls)
        nn.init.uniform_(self.bag.weight, -0.5, 0.5)
        nn.init.zeros_(self.fc.bias)

    def forward(self, ids, offsets):
        return self.fc(self.bag(ids, offsets))


loader = DataLoader(train, batch_size=64, shuffle=True, collate_fn=collate)
test_loader = DataLoader(test, batch_size=256, collate_fn=collate)
model = TicketRouter(len(stoi))
opt = torch.optim.Adam(model.parameters(), lr=0.02)
loss_fn = nn.CrossEntropyLoss()


def accuracy(dl):
    model.eval()
    hit = tot = 0
    with torch.no_grad():
        for ids, off, y in dl:
            hit += (model(ids, off).argmax(1) == y).sum().item()
            tot += len(y)
    return hit / tot


for epoch in range(1, 6):
    model.train()
    running = 0.0
    for ids, off, y in loader:
        loss = loss_fn(model(ids, off), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item() * len(y)
    print(f"epoch {epoch}  loss {running / len(train):.4f}  train {accuracy(loader):.3f}  test {accuracy(test_loader):.3f}")
