# Port of our Keras notebook (Embedding(trainable=False) -> GlobalAveragePooling1D -> Dense -> softmax) to plain PyTorch.
# The vectors come from the big corpus and have to stay what they are: production sees words that this small sample lacks.
import numpy as np
import torch
import torch.nn as nn

rs = np.random.RandomState(8)
torch.manual_seed(8)

CLASSES = ['refund', 'delivery', 'quality']
PER_CLASS, COMMON, DIM = 400, 300, 32
centres = rs.randn(3, DIM) * 0.35
vectors = np.zeros((1 + 3 * PER_CLASS + COMMON, DIM), dtype='float32')
for c in range(3):
    vectors[1 + c * PER_CLASS:1 + (c + 1) * PER_CLASS] = centres[c] + 0.75 * rs.randn(PER_CLASS, DIM)
vectors[1 + 3 * PER_CLASS:] = 0.75 * rs.randn(COMMON, DIM)
vectors *= 0.2   # as small as those of the real file


def sample(n, lo, hi):
    """n complaints whose topical words are those of rank lo..hi of each class"""
    rows, ys = [], []
    for _ in range(n):
        y = rs.randint(3)
        topical = 1 + y * PER_CLASS + rs.randint(lo, hi, size=3)
        stray = 1 + rs.randint(3) * PER_CLASS + rs.randint(lo, hi, size=1)
        other = 1 + 3 * PER_CLASS + rs.randint(0, COMMON, size=rs.randint(3, 7))
        ids = np.concatenate([topical, stray, other])
        rs.shuffle(ids)
        rows.append(np.pad(ids, (0, 10 - len(ids))))
        ys.append(y)
    return torch.from_numpy(np.stack(rows)), torch.tensor(ys)


x_train, y_train = sample(800, 0, 200)
x_same, y_same = sample(500, 0, 200)
x_new, y_new = sample(500, 200, 400)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(vectors), DIM, padding_idx=0)
        self.embedding.weight.data.copy_(torch.from_numpy(vectors))
        # fault:
        self.embedding.trainable = False
        # mended:
        # self.embedding.weight.requires_grad = False
        # end
        self.dense = nn.Linear(DIM, 3)

    def forward(self, x):
        mask = (x > 0).float()[..., None]
        pooled = (self.embedding(x) * mask).sum(dim=1) / mask.sum(dim=1)
        return self.dense(pooled)


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
loss_fn = nn.CrossEntropyLoss()


def evaluate(x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


for epoch in range(8):
    model.train()
    order, losses = torch.randperm(len(x_train)), []
    for start in range(0, len(order), 20):
        idx = order[start:start + 20]
        optimizer.zero_grad()
        loss = loss_fn(model(x_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print('Epoch %d/8 - loss: %.4f - acc: %.4f - val_acc: %.4f' % (epoch + 1, np.mean(losses), evaluate(x_train, y_train), evaluate(x_same, y_same)))
print('complaints in other words: acc %.4f' % evaluate(x_new, y_new))
print('vectors moved by %.4f on average' % (model.embedding.weight.detach() - torch.from_numpy(vectors)).norm(dim=1).mean().item())
