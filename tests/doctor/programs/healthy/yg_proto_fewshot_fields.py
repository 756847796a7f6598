# Prototypical networks (Snell et al. 2017). A "class" is a semantic field (cluster of GloVe words), an example is a
# short list of words of it with distractors. The fields of meta-test are never seen in meta-training.
import gzip
import os
import random
import numpy as np
import torch
from sklearn.cluster import MiniBatchKMeans
from torch import nn

random.seed(5)
np.random.seed(5)
torch.manual_seed(5)

words, rows = [], []
for line in gzip.open(os.environ['WORDFIT_DATA'] + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8'):
    w, v = line.split(' ', 1)
    if w.isalpha() and len(words) < 6000:
        words.append(w)
        rows.append(np.array(v.split(), dtype=np.float32))
E = torch.from_numpy(np.stack(rows))
E = (E - E.mean(0)) / E.std(0)
cl = MiniBatchKMeans(120, random_state=0, n_init=1, batch_size=1024).fit_predict(E.numpy())
fields = [np.flatnonzero(cl == k) for k in range(120)]
fields = [torch.from_numpy(f) for f in fields if 25 <= len(f) <= 150]
random.shuffle(fields)
cut = int(0.7 * len(fields))
meta_train, meta_test = fields[:cut], fields[cut:]
print(len(meta_train), 'training fields', len(meta_test), 'new fields')
LEN, NOISE = 6, 0.6


class Encoder(nn.Module):
    """words -> weights and values -> one vector (every text has LEN words, so there is nothing to pad)"""

    def __init__(self, out=16):
        super().__init__()
        self.value = nn.Linear(50, out)
        self.weight = nn.Sequential(nn.Linear(50, 16), nn.Tanh(), nn.Linear(16, 1))

    def forward(self, ids):
        e = E[ids]
        a = self.weight(e).softmax(-2)
        return (a * self.value(e)).sum(-2)


def examples(field, n):
    x = field[torch.randint(len(field), (n, LEN))]
    noise = torch.rand(n, LEN) < NOISE
    return torch.where(noise, torch.randint(len(words), (n, LEN)), x)


def run_episode(net, pool, way=5, shot=5, query=5):
    chosen = random.sample(pool, way)
    z = net(torch.stack([examples(f, shot + query) for f in chosen]))
    proto, q = z[:, :shot].mean(1), z[:, shot:].reshape(way * query, -1)
    y = torch.arange(way).repeat_interleave(query)
    d = -torch.cdist(q, proto).pow(2)
    return nn.functional.cross_entropy(d, y), (d.argmax(1) == y).float().mean().item()


net = Encoder()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, 180, 0.3)
losses = []
for it in range(1, 451):
    net.train()
    loss, _ = run_episode(net, meta_train)
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    losses.append(loss.item())
    if it % 90 == 0:
        net.eval()
        with torch.no_grad():
            seen = np.mean([run_episode(net, meta_train)[1] for _ in range(30)])
            new = np.mean([run_episode(net, meta_test)[1] for _ in range(30)])
        print(f'{it:4d} episodes  loss {np.mean(losses[-90:]):.3f}  accuracy on seen fields {seen:.3f}, on new fields {new:.3f}')
