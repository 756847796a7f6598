"""Additive attention over LSTM states, topic of a voicemail."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(65); torch.manual_seed(65)
topic = [w.split() for w in ("dentist teeth checkup filling crown", "parcel courier doorstep signature delivery", "school pupil homework teacher class")]
fill = "hello this is a message for you please call back when have time about the thanks bye number again".split()
LENGTH = 24


def mail():
    y = random.randrange(3)
    t = random.choices(fill, k=random.randint(5, 20))
    t[random.randrange(len(t))] = random.choice(topic[y])
    return t, y


rows = [mail() for _ in range(1000)]
train, dev = rows[:750], rows[750:]
voc = {w: i + 1 for i, w in enumerate(sorted(set(fill + sum(topic, []))))}
to = lambda part: (torch.tensor([[voc[w] for w in t] + [0] * (LENGTH - len(t)) for t, _ in part]), torch.tensor([len(t) for t, _ in part]), torch.tensor([y for _, y in part]))


class VoiceMail(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(voc) + 1, 16, padding_idx=0)
        self.lstm = nn.LSTM(16, 12, batch_first=True, bidirectional=True)
        self.w = nn.Linear(24, 12)
        self.u = nn.Linear(12, 1, bias=False)
        self.fc = nn.Linear(24, 3)

    def forward(self, x, n):
        h, _ = self.lstm(nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False))
        h, _ = nn.utils.rnn.pad_packed_sequence(h, batch_first=True, total_length=LENGTH)
        scores = self.u(torch.tanh(self.w(h))).squeeze(-1)
        mask = torch.arange(LENGTH)[None, :] < n[:, None]
        # fault:
        scores = scores.masked_fill(mask, -1e9)
        # mended:
        # scores = scores.masked_fill(~mask, -1e9)
        # end
        return self.fc(torch.bmm(F.softmax(scores, -1).unsqueeze(1), h).squeeze(1))


net = VoiceMail()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
x, n, y = to(train)
xd, nd, yd = to(dev)
for epoch in range(6):
    net.train()
    s = 0
    for b in torch.randperm(750).split(30):
        loss = F.cross_entropy(net(x[b], n[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item() / 25
    net.eval()
    with torch.no_grad():
        print(f"epoch {epoch} loss {s:.4f} dev acc {(net(xd, nd).argmax(1) == yd).float().mean().item():.4f}")
