# Guess the missing letter of a word from its neighbours (4 left, 4 right). Brown corpus words.
import os, gzip, re, math
import numpy as np, torch
from torch import nn, optim

np.random.seed(99); torch.manual_seed(99)
with gzip.open(os.path.join(os.environ['WORDFIT_DATA'], 'corpora', 'brown.txt.gz'), 'rt') as fp:
    text = fp.read(2_500_000).lower()
types = sorted({w for w in re.findall(r'[a-z]{4,}', text)})
np.random.shuffle(types)
types = types[:15000]
n_dev = 1200
dev_words, train_words = types[:n_dev], types[n_dev:]

W = 4
def examples(words):
    xs, ys = [], []
    for w in words:
        k = np.random.permutation(len(w))[:3]
        padded = '#' * W + w + '#' * W
        for i in k:
            ctx = padded[i:i + W] + padded[i + W + 1:i + 2 * W + 1]
            xs.append([0 if c == '#' else ord(c) - 96 for c in ctx])
            ys.append(ord(w[i]) - 97)
    return torch.tensor(xs), torch.tensor(ys)

X, y = examples(train_words)
Xd, yd = examples(dev_words)

class Guess(nn.Module):
    def __init__(self):
        super(Guess, self).__init__()
        self.emb = nn.Embedding(27, 12)
        self.l1 = nn.Linear(12 * 2 * W, 80)
        self.l2 = nn.Linear(80, 26)
    def forward(self, x):
        h = torch.relu(self.l1(self.emb(x).view(x.size(0), -1)))
        # fault:
        return torch.softmax(self.l2(h), dim=1)
        # mended:
        # return torch.log_softmax(self.l2(h), dim=1)
        # end

net = Guess()
loss_function = nn.NLLLoss()
optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
print('letters to guess:', len(y), 'dev:', len(yd), 'most frequent letter %.3f' % (torch.bincount(yd).max().item() / len(yd)))
for epoch in range(4):
    running = 0.
    perm = torch.randperm(len(y))
    for s in range(0, len(y), 64):
        b = perm[s:s + 64]
        net.zero_grad()
        loss = loss_function(net(X[b]), y[b])
        loss.backward()
        optimizer.step()
        running += loss.item() * len(b)
    for group in optimizer.param_groups:
        group['lr'] *= 0.5
    with torch.no_grad():
        out = net(Xd)
        acc = (out.argmax(1) == yd).float().mean().item()
        top3 = (out.topk(3, 1)[1] == yd[:, None]).any(1).float().mean().item()
    print('Epoch %d, loss %.4f, dev loss %.4f, dev top-1 %.4f, top-3 %.4f' % (epoch + 1, running / len(y), loss_function(out, yd).item(), acc, top3))
