# Kaggle style: guess which corpus a snippet of 20 words was cut from (newswire, film review, encyclopedia)
import gzip, os, random, re
from collections import Counter
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED, WIN, N = 2021, 20, 2800
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
BASE = os.path.join(os.environ['WORDFIT_DATA'], 'corpora')
FILES = {'reuters': 'reuters-21578-bodies.txt.gz', 'imdb': 'imdb-unsup-25k.txt.gz', 'wiki': 'enwiki-2018-sample.txt.gz'}

# In[2]: running text is cut into windows; every seventh block of 40 windows is for validation
train, valid = [], []
for y, (name, fn) in enumerate(FILES.items()):
    stream = []
    with gzip.open(os.path.join(BASE, fn), 'rt', encoding='utf-8') as f:
        while len(stream) < WIN * N:
            stream += re.findall(r'[a-z]+', f.readline().lower().replace('<br />', ' '))
    wins = [stream[k * WIN:(k + 1) * WIN] for k in range(N)]
    for k, w in enumerate(wins):
        (valid if (k // 40) % 7 == 3 else train).append((w, y))
random.shuffle(train)

# In[3]:
freq = Counter(w for s, _ in train for w in s)
vocab = {w: k + 1 for k, (w, c) in enumerate(freq.most_common(3000))}  # 0 = rare word


def tensors(rows):
    return torch.tensor([[vocab.get(w, 0) for w in s] for s, _ in rows]), torch.tensor([y for _, y in rows])


Xt, Yt = tensors(train)
Xv, Yv = tensors(valid)
print(Xt.shape, Xv.shape)


# In[4]:
class TextCNN(nn.Module):
    def __init__(self, n_words, n_cls, d=24, maps=32, width=2):
        super().__init__()
        self.lookup = nn.Embedding(n_words, d)
        self.conv = nn.Conv1d(d, maps, width)
        self.drop = nn.Dropout(0.45)
        self.out = nn.Linear(maps, n_cls)

    def forward(self, x):
        e = self.drop(self.lookup(x)).transpose(1, 2)
        return self.out(self.drop(F.relu(self.conv(e)).amax(2)))


model = TextCNN(len(vocab) + 1, len(FILES))
nn.init.normal_(model.lookup.weight, std=0.3)
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=5e-2)
N_EP, BS = 4, 64
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, N_EP)


def predict(x):
    model.eval()
    with torch.no_grad():
        return torch.cat([model(c) for c in x.split(512)])


# In[5]:
for ep in range(N_EP):
    model.train()
    losses = []
    for c in torch.randperm(len(Xt)).split(BS):
        opt.zero_grad()
        loss = F.cross_entropy(model(Xt[c]), Yt[c])
        loss.backward()
        opt.step()
        losses.append(loss.item())
    sched.step()
    lv = predict(Xv)
    print('ep %d  loss %.3f  val loss %.3f  val acc %.3f' % (ep, np.mean(losses), F.cross_entropy(lv, Yv).item(),
                                                            (lv.argmax(1) == Yv).float().mean().item()))
# In[6]:
print('train acc', round((predict(Xt).argmax(1) == Yt).float().mean().item(), 3))
cm = np.zeros((3, 3), int)
np.add.at(cm, (Yv.numpy(), lv.argmax(1).numpy()), 1)
print(cm)
