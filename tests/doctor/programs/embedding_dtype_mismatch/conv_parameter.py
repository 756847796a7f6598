"""Quick text CNN on domain vectors kept in a compressed npz."""
import pathlib
import random
import tempfile

import numpy as np
import torch
from torch import nn

random.seed(13); np.random.seed(13); torch.manual_seed(13)
A = "oak elm pine birch maple cedar willow ash".split()
B = "shark trout salmon cod tuna herring perch pike".split()
C = "we saw a big in the small some near two of it was very old and".split()
mu = np.random.randn(2, 24) * 0.5
store = pathlib.Path(tempfile.mkdtemp()) / "vectors.npz"
np.savez_compressed(store, words=np.array(A + B + C), matrix=np.vstack([mu[0] + 0.3 * np.random.randn(8, 24), mu[1] + 0.3 * np.random.randn(8, 24), 0.4 * np.random.randn(len(C), 24)]))

blob = np.load(store)
stoi = {str(w): i + 1 for i, w in enumerate(blob["words"])}
# fault:
weight = torch.tensor(np.vstack([np.zeros(24), blob["matrix"]]))
# mended:
# weight = torch.tensor(np.vstack([np.zeros(24), blob["matrix"]]), dtype=torch.float32)
# end


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embeddings = nn.Embedding(*weight.shape, padding_idx=0)
        self.embeddings.weight = nn.Parameter(weight, requires_grad=False)
        self.conv = nn.Conv1d(24, 16, kernel_size=2)
        self.fc = nn.Linear(16, 1)

    def forward(self, x):
        h = self.conv(self.embeddings(x).transpose(1, 2)).relu()
        real = (x[:, 1:] != 0).unsqueeze(1)
        return self.fc((h * real).amax(2)).squeeze(1)


def rows(n):
    out = []
    for i in range(n):
        t = random.choices(C, k=random.randint(3, 9)) + [random.choice(B if i % 2 else A)]
        random.shuffle(t)
        out.append((torch.tensor([stoi[w] for w in t]), float(i % 2)))
    return out


train, dev = rows(300), rows(200)
net = Net()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=6e-3)


def batch(part):
    return nn.utils.rnn.pad_sequence([x for x, _ in part], batch_first=True), torch.tensor([y for _, y in part])


for epoch in range(8):
    random.shuffle(train)
    for i in range(0, 300, 20):
        x, y = batch(train[i:i + 20])
        loss = nn.functional.binary_cross_entropy_with_logits(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch", epoch, "loss %.4f" % loss.item())
with torch.no_grad():
    x, y = batch(dev)
    print("dev accuracy %.4f" % ((net(x) > 0) == (y > 0)).float().mean().item())
