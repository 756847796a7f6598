import random

import torch
import torch.nn as nn

random.seed(66)
torch.manual_seed(66)
MOODS = {
    "question": "what who where when why how".split(),
    "request": "please could would kindly may might".split(),
    "order": "stop go bring take give wait".split(),
    "thanks": "thanks grateful cheers appreciated obliged bless".split(),
}
BASE = "you the it my this that now here some more book door water".split()
v = {w: i for i, w in enumerate(BASE + [w for m in MOODS.values() for w in m])}


def utt():
    y = random.randrange(4)
    s = [random.choice(list(MOODS.values())[y])] + random.choices(BASE, k=5)
    return [v[w] for w in s], y


class DialogueAct(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(v), 16)
        self.l1 = nn.Linear(16, 32)
        self.l2 = nn.Linear(32, 32)
        self.l3 = nn.Linear(32, 4)
        for layer in (self.l1, self.l2, self.l3):
            # fault:
            nn.init.constant_(layer.weight, 0.05)
            # mended:
            # nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
            # end
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        h = self.emb(x).mean(1)
        h = torch.relu(self.l1(h))
        h = torch.relu(self.l2(h))
        return self.l3(h)


pool = [utt() for _ in range(2000)]
X, Y = torch.tensor([a for a, _ in pool]), torch.tensor([b for _, b in pool])
model = DialogueAct()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(8):
    model.train()
    for b in torch.randperm(1600).split(32):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(X[b]), Y[b])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        print(epoch, round(loss.item(), 4), "dev acc", (model(X[1600:]).argmax(1) == Y[1600:]).float().mean().item())
