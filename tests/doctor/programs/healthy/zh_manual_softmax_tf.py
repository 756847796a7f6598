# "Softmax regression in TF 1" re-done with raw tensors: no nn.Module, no optimizer, updates by hand, decaying rate
import numpy as np
import torch

gen = np.random.RandomState(123)
classes = ['fr', 'nl', 'it']
syll = {'fr': ['eau', 'oux', 'ille', 'ant', 'que', 'ois', 'ette', 'ais'], 'nl': ['oek', 'ijn', 'aar', 'sch', 'uit', 'een', 'oon', 'acht'],
        'it': ['ino', 'etta', 'zio', 'gli', 'are', 'one', 'ccio', 'issi']}
shared = ['ma', 'te', 'lo', 'ri', 'pa', 'se', 'ne', 'vi', 'do', 'ba']


def word():
    k = gen.randint(3)
    parts = [gen.choice(shared) for _ in range(gen.randint(1, 3))] + [gen.choice(syll[classes[k]]) for _ in range(2)]
    gen.shuffle(parts)
    return ''.join(parts), k


sample = [word() for _ in range(2500)]
bigrams = sorted({w[i:i + 2] for w, _ in sample[:2000] for i in range(len(w) - 1)})
at = {b: i for i, b in enumerate(bigrams)}
x = torch.zeros(len(sample), len(bigrams))
for r, (w, _) in enumerate(sample):
    for i in range(len(w) - 1):
        if w[i:i + 2] in at:
            x[r, at[w[i:i + 2]]] += 1
y = torch.tensor([k for _, k in sample])
onehot = torch.nn.functional.one_hot(y, 3).float()
W = torch.zeros(len(bigrams), 3, requires_grad=True)      # convex: zeros are a fine start
b = torch.zeros(3, requires_grad=True)

step = 0
for epoch in range(6):
    cost_sum = 0.
    for idx in torch.randperm(2000).split(40):
        logits = x[idx] @ W + b
        cost = -(onehot[idx] * torch.log_softmax(logits, dim=1)).sum(1).mean() + 1e-4 * W.pow(2).sum()
        cost.backward()
        rate = 0.5 / (1 + 0.01 * step)
        with torch.no_grad():
            W -= rate * W.grad
            b -= rate * b.grad
        W.grad = b.grad = None
        cost_sum += cost.item() / 50
        step += 1
    with torch.no_grad():
        right = (x @ W + b).argmax(1) == y
    print('epoch', epoch + 1, 'cost=%.4f' % cost_sum, 'train=%.4f' % right[:2000].float().mean(), 'test=%.4f' % right[2000:].float().mean())
