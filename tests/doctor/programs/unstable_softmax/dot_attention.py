import random

import torch
from torch import nn

random.seed(14)
torch.manual_seed(14)
ASPECTS = ["food", "service", "price", "music", "staff", "location"]
GOOD = ["great", "lovely", "perfect", "superb", "pleasant"]
BAD = ["awful", "poor", "horrible", "rude", "mediocre"]
REST = "the was and we thought that really quite but for a bit they very".split()
W = {w: i for i, w in enumerate(["<pad>"] + ASPECTS + GOOD + BAD + REST)}


def review():
    first, second = random.sample(ASPECTS, 2)
    y1, y2 = random.randint(0, 1), random.randint(0, 1)
    text = ["the", first, "was", random.choice([BAD, GOOD][y1])] + random.choices(REST, k=random.randint(1, 4))
    text += ["the", second, "was", random.choice([BAD, GOOD][y2])]
    return [W[t] for t in text], W[first], y1


def softmax(scores, mask):
    # fault:
    e = torch.exp(scores) * mask
    # mended:
    # e = torch.exp(scores - scores.amax(dim=1, keepdim=True)) * mask
    # end
    return e / e.sum(dim=1, keepdim=True)


class AspectNet(nn.Module):
    def __init__(self, d=128):
        super().__init__()
        self.emb = nn.Embedding(len(W), d, padding_idx=0)
        self.rnn = nn.GRU(d, d // 2, batch_first=True, bidirectional=True)
        self.top = nn.Linear(d, 2)

    def forward(self, x, aspect):
        n = (x != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        scores = torch.einsum("btd,bd->bt", self.emb(x), self.emb(aspect))
        a = softmax(scores, (x != 0).float())
        return self.top(torch.einsum("bt,btd->bd", a, h))


def batch(n):
    rows = [review() for _ in range(n)]
    x = nn.utils.rnn.pad_sequence([torch.tensor(r[0]) for r in rows], batch_first=True)
    return x, torch.tensor([r[1] for r in rows]), torch.tensor([r[2] for r in rows])


model = AspectNet()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()
for it in range(100):
    x, aspect, y = batch(32)
    loss = loss_fn(model(x, aspect), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if it % 20 == 19:
        print(f"{it + 1:4d} loss {loss.item():.4f}")
with torch.no_grad():
    x, aspect, y = batch(400)
    print("test accuracy", (model(x, aspect).argmax(1) == y).float().mean().item())
