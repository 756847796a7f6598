"""Intent of an order; nn.TransformerEncoder with time first, and a mask that says which words are real."""
import random

import torch
from torch import nn

random.seed(55)
torch.manual_seed(55)
intents = [[f"i{k}_{j}" for j in range(10)] for k in range(4)]
plain = [f"w{i}" for i in range(40)]
stoi = {w: i + 1 for i, w in enumerate(sum(intents, []) + plain)}


def order():
    y = random.randrange(4)
    t = random.sample(intents[y], 2) + random.choices(plain, k=random.randint(1, 9))
    random.shuffle(t)
    return torch.tensor([stoi[w] for w in t]), y


class Intent(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(stoi) + 1, 24, padding_idx=0)
        self.enc = nn.TransformerEncoder(nn.TransformerEncoderLayer(24, 2, 48, dropout=0.0), 1, enable_nested_tensor=False)
        self.out = nn.Linear(24, 4)

    def forward(self, x):  # T x B
        real = x != 0
        # fault:
        h = self.enc(self.e(x), src_key_padding_mask=real.t())
        # mended:
        # h = self.enc(self.e(x), src_key_padding_mask=~real.t())
        # end
        return self.out((h * real.unsqueeze(-1)).sum(0) / real.sum(0).unsqueeze(-1))


data = [order() for _ in range(1200)]
net = Intent()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(6):
    random.shuffle(data[:1000])
    for i in range(0, 1000, 25):
        part = data[i : i + 25]
        x, y = nn.utils.rnn.pad_sequence([t for t, _ in part]), torch.tensor([y for _, y in part])
        loss = nn.functional.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        x, y = nn.utils.rnn.pad_sequence([t for t, _ in data[1000:]]), torch.tensor([y for _, y in data[1000:]])
        print(epoch, round(loss.item(), 3), (net(x).argmax(1) == y).float().mean().item())
