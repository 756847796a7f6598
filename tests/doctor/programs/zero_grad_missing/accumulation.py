"""Sections of a newspaper with an LSTM; gradients are accumulated over four small batches."""
import random

import torch
from torch import nn

random.seed(124)
torch.manual_seed(124)
ACCUMULATE = 4
TOPIC = {
    0: "goal referee stadium coach league".split(),
    1: "senate ballot minister treaty campaign".split(),
    2: "orbit telescope galaxy rocket comet".split(),
}
PLAIN = "the of a said in for new after on was to and with at".split()
vocab = {w: i + 1 for i, w in enumerate(PLAIN + [w for t in TOPIC.values() for w in t])}


def headline():
    y = random.randrange(3)
    words = random.choices(PLAIN, k=random.randint(3, 7)) + random.choices(TOPIC[y], k=2) + random.choices(TOPIC[random.randrange(3)], k=1)
    random.shuffle(words)
    return torch.tensor([vocab[w] for w in words]), y


def collate(rows):
    return nn.utils.rnn.pad_sequence([r for r, _ in rows], batch_first=True), torch.tensor([y for _, y in rows])


class HeadlineLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 20, padding_idx=0)
        self.lstm = nn.LSTM(20, 24, batch_first=True)
        self.fc = nn.Linear(24, 3)

    def forward(self, x):
        n = (x != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        return self.fc(self.lstm(packed)[1][0][-1])


loader = torch.utils.data.DataLoader([headline() for _ in range(1600)], batch_size=8, shuffle=True, collate_fn=collate)
dev = collate([headline() for _ in range(400)])
model = HeadlineLSTM()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
optimizer.zero_grad()
for epoch in range(3):
    total = 0.0
    for step, (x, y) in enumerate(loader, start=1):
        loss = nn.functional.cross_entropy(model(x), y)
        (loss / ACCUMULATE).backward()
        if step % ACCUMULATE == 0:
            optimizer.step()
            # fault:
            # mended:
            # optimizer.zero_grad()
            # end
        total += loss.item()
    with torch.no_grad():
        acc = (model(dev[0]).argmax(1) == dev[1]).float().mean().item()
    print(f"epoch {epoch}: loss {total / len(loader):.4f} dev accuracy {acc:.4f}")
