"""Route support tickets to one of six queues."""
import random

import torch
import torch.nn as nn

random.seed(17)
torch.manual_seed(17)
QUEUES = {
    "billing": "invoice charged refund payment price receipt".split(),
    "login": "password locked account sign username reset".split(),
    "delivery": "parcel courier late tracking address damaged".split(),
    "technical": "crash error screen freezes install bug".split(),
    "contract": "cancel renewal terms subscription notice upgrade".split(),
    "praise": "thanks great helpful wonderful friendly excellent".split(),
}
NOISE = "hello i my the is it and with you please since yesterday again order team about can not".split()
tok = {w: i + 1 for i, w in enumerate(NOISE + [w for q in QUEUES.values() for w in q])}


def ticket():
    label = random.randrange(6)
    words = random.choices(NOISE, k=random.randint(5, 10)) + random.choices(list(QUEUES.values())[label], k=2)
    random.shuffle(words)
    return [tok[w] for w in words], label


def batches(rows, size):
    for i in range(0, len(rows), size):
        part = rows[i : i + size]
        width = max(len(r) for r, _ in part)
        yield torch.tensor([r + [0] * (width - len(r)) for r, _ in part]), torch.tensor([y for _, y in part])


class Router(nn.Module):
    def __init__(self, n_out):
        super().__init__()
        self.e = nn.Embedding(len(tok) + 1, 24, padding_idx=0)
        self.rnn = nn.GRU(24, 32, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(64, n_out)

    def forward(self, x):
        n = (x != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.e(x), n, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        h = h.masked_fill((x == 0).unsqueeze(-1), -1e4)
        return self.fc(h.max(1).values)


train, dev = [ticket() for _ in range(1500)], [ticket() for _ in range(400)]
# fault:
model, criterion = Router(1), nn.MSELoss()
# mended:
# model, criterion = Router(6), nn.CrossEntropyLoss()
# end
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(3):
    model.train()
    random.shuffle(train)
    log = []
    for x, y in batches(train, 30):
        optimizer.zero_grad()
        # fault:
        loss = criterion(model(x).squeeze(1), y.float())
        # mended:
        # loss = criterion(model(x), y)
        # end
        loss.backward()
        optimizer.step()
        log.append(loss.item())
    print(f"epoch {epoch} train loss {sum(log) / len(log):.4f}")
model.eval()
right = 0
with torch.no_grad():
    for x, y in batches(dev, 100):
        # fault:
        guess = model(x).squeeze(1).round().clamp(0, 5).long()
        # mended:
        # guess = model(x).argmax(1)
        # end
        right += (guess == y).sum().item()
print("dev accuracy", right / len(dev))
