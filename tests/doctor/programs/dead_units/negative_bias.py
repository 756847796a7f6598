"""Which of five household devices does the manual describe?"""
import random

import torch
from torch import nn

random.seed(64)
torch.manual_seed(64)
DEVICES = {
    "dishwasher": "rinse plates cutlery basket detergent".split(),
    "fridge": "freezer shelf cooling celsius milk".split(),
    "radio": "antenna station volume tuner signal".split(),
    "vacuum": "dust hose carpet suction bag".split(),
    "oven": "bake tray grill preheat roast".split(),
}
MANUAL = "press the button to start do not open while running always unplug before cleaning see page".split()
token = {w: i + 1 for i, w in enumerate(MANUAL + [w for d in DEVICES.values() for w in d])}


def sentence():
    y = random.randrange(5)
    words = random.choices(MANUAL, k=random.randint(5, 9)) + random.choices(list(DEVICES.values())[y], k=2)
    random.shuffle(words)
    return torch.tensor([token[w] for w in words]), y


class ManualNet(nn.Module):
    def __init__(self, dim=24, hidden=64):
        super().__init__()
        self.emb = nn.Embedding(len(token) + 1, dim, padding_idx=0)
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, 5)
        self.reset_parameters()

    def reset_parameters(self):
        nn.init.xavier_uniform_(self.fc1.weight)
        nn.init.xavier_uniform_(self.fc2.weight)
        # fault:
        nn.init.constant_(self.fc1.bias, -6.0)
        # mended:
        # nn.init.constant_(self.fc1.bias, 0.0)
        # end
        nn.init.zeros_(self.fc2.bias)

    def forward(self, x):
        pooled = self.emb(x).sum(1) / (x != 0).sum(1, keepdim=True)
        return self.fc2(torch.relu(self.fc1(pooled)))


def tensors(n):
    rows = [sentence() for _ in range(n)]
    return nn.utils.rnn.pad_sequence([r for r, _ in rows], batch_first=True), torch.tensor([y for _, y in rows])


x, y = tensors(1500)
xd, yd = tensors(400)
model = ManualNet()
adam = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(8):
    for idx in torch.randperm(1500).split(30):
        loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
        adam.zero_grad()
        loss.backward()
        adam.step()
    with torch.no_grad():
        acc = (model(xd).argmax(1) == yd).float().mean().item()
    print(f"epoch {epoch}  loss {loss.item():.3f}  dev accuracy {acc:.3f}")
