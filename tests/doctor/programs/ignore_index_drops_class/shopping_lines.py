"""Tag every word of a shopping line: 0 item, 1 amount, 2 unit, 3 shop. Lines are padded, the loss is masked by hand."""
import random

import torch
from torch import nn

random.seed(51)
torch.manual_seed(51)
KINDS = [[f"item{i}" for i in range(40)], [f"{i}" for i in range(1, 12)], "kg g litre cup box bag".split(), [f"shop{i}" for i in range(8)]]
vocab = {"<pad>": 0}
for k in KINDS:
    for w in k:
        vocab[w] = len(vocab)
ROLE = [0, 1, 2, 3]


def line():
    words, tags = [], []
    for _ in range(random.randint(1, 3)):
        for k in random.choice([(1, 2, 0), (1, 0), (0,), (0, 3)]):
            words.append(vocab[random.choice(KINDS[k])])
            tags.append(ROLE[k])
    return words, tags


def batches(rows, size=25):
    for i in range(0, len(rows), size):
        part = rows[i : i + size]
        x = nn.utils.rnn.pad_sequence([torch.tensor(w) for w, _ in part], batch_first=True)
        y = nn.utils.rnn.pad_sequence([torch.tensor(t) for _, t in part], batch_first=True)
        yield x, y


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 16, padding_idx=0)
        self.rnn = nn.GRU(16, 16, batch_first=True)
        self.out = nn.Linear(16, 4)

    def forward(self, x):
        return self.out(self.rnn(self.emb(x))[0]).log_softmax(-1)


def masked_loss(logp, x, y):
    picked = -logp.gather(2, y.unsqueeze(2)).squeeze(2)
    # fault:
    mask = (y > 0).float()
    # mended:
    # mask = (x > 0).float()
    # end
    return (picked * mask).sum() / mask.sum()


train, dev = [line() for _ in range(1200)], [line() for _ in range(200)]
model = Tagger()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(5):
    random.shuffle(train)
    for x, y in batches(train):
        optimizer.zero_grad()
        loss = masked_loss(model(x), x, y)
        loss.backward()
        optimizer.step()
    right = total = 0
    with torch.no_grad():
        for x, y in batches(dev):
            real = x > 0
            right += (model(x).argmax(2) == y)[real].sum().item()
            total += real.sum().item()
    print(f"epoch {epoch} loss {loss.item():.4f} right {right / total:.3f}")
