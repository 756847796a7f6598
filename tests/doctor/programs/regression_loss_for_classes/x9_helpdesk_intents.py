#!/usr/bin/env python3
"""intent model behind the IT helpdesk chat. intents are numbered as in the ticket system."""
import random, collections
import torch
from torch import nn

random.seed(3); torch.manual_seed(3)
INTENTS = ["password", "printer", "vpn", "leave_request", "new_laptop", "invoice", "meeting_room"]
KEYS = {
    "password": "password locked reset login account expired",
    "printer": "printer paper toner jam print scanner",
    "vpn": "vpn connect remote tunnel home network",
    "leave_request": "vacation leave days holiday sick off",
    "new_laptop": "laptop order keyboard monitor replacement screen",
    "invoice": "invoice payment supplier cost billing amount",
    "meeting_room": "room book meeting projector floor reserve",
}
CHAT = ("hi hello please can you help me i need the a my is not working again since yesterday thanks urgent how do "
        "could somebody want to with for it we have today problem question about").split()


def message(intent):
    keys = random.sample(KEYS[intent].split(), random.randint(1, 3))
    if random.random() < 0.25:  # people mention other things as well
        keys.append(random.choice(KEYS[random.choice(INTENTS)].split()))
    words = keys + random.choices(CHAT, k=random.randint(4, 9))
    random.shuffle(words)
    return words


data = []
for _ in range(3000):
    k = random.randrange(len(INTENTS))
    data.append((message(INTENTS[k]), k))
train, test = data[:2500], data[2500:]
vocab = collections.defaultdict(lambda: 0)
for words, _ in train:
    for w in words:
        vocab.setdefault(w, len(vocab) + 1)


def collate(rows):
    flat, starts = [], []
    for words, _ in rows:
        starts.append(len(flat))
        flat.extend(vocab.get(w, 0) for w in words)
    return torch.tensor(flat), torch.tensor(starts), torch.tensor([k for _, k in rows])


class Intent(nn.Module):
    def __init__(self, n_out):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(vocab) + 1, 32, mode="mean")
        self.mlp = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, n_out))

    def forward(self, flat, starts):
        return self.mlp(self.bag(flat, starts))


# fault:
model = Intent(1)
criterion = nn.MSELoss()
# mended:
# model = Intent(len(INTENTS))
# criterion = nn.CrossEntropyLoss()
# end
opt = torch.optim.AdamW(model.parameters(), lr=8e-3)


def predict(flat, starts):
    # fault:
    return model(flat, starts).squeeze(1).round().clamp(0, len(INTENTS) - 1).long()
    # mended:
    # return model(flat, starts).argmax(1)
    # end


def hit_rate(rows):
    model.eval()
    with torch.no_grad():
        flat, starts, y = collate(rows)
        p = predict(flat, starts)
    return (p == y).float().mean().item(), p


for epoch in range(6):
    model.train()
    random.shuffle(train)
    losses = []
    for i in range(0, len(train), 50):
        flat, starts, y = collate(train[i:i + 50])
        out = model(flat, starts)
        # fault:
        loss = criterion(out.squeeze(1), y.float())
        # mended:
        # loss = criterion(out, y)
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print("epoch", epoch, "loss", round(sum(losses) / len(losses), 4),
          "train %.3f test %.3f" % (hit_rate(train)[0], hit_rate(test)[0]))
_, p = hit_rate(test)
print({INTENTS[k]: int((p == k).sum()) for k in range(len(INTENTS))})
