# coding: utf-8
# In[1]: which team does a work log line belong to? (GloVe-twitter 25d, exported from my notebook)
import os, gzip, time
import numpy as np
import torch, torch.nn as nn
from sklearn.metrics import f1_score

SEED = 2021
rng = np.random.RandomState(SEED); torch.manual_seed(SEED)
ROOT = os.environ['WORDFIT_DATA']

# In[2]: vectors
words, vecs = [], []
with gzip.open(f'{ROOT}/vectors/glove.twitter.27B.25d.common11925.txt.gz', 'rt', encoding='utf-8') as f:
    for line in f:
        w, *v = line.split()
        words.append(w); vecs.append(np.array(v, dtype=np.float32))
        if len(words) == 6000: break
stoi = {w: i for i, w in enumerate(words)}
matrix = torch.tensor(np.stack(vecs))

# In[3]: the log. Every team names its services after ordinary words (anonymised dump: the names were drawn again)
TEAMS = ['search', 'ads', 'infra', 'mobile', 'data', 'legal']
names = rng.choice(np.arange(400, 3000), size=(len(TEAMS), 16), replace=False)
common = np.arange(0, 300)

def dump(n):
    docs, y = [], rng.randint(0, len(TEAMS), n)
    for t in y:
        k = rng.randint(1, 4)
        line = list(rng.choice(names[t], k)) + list(rng.choice(common, rng.randint(4, 12)))
        if rng.rand() < .12: line.append(rng.choice(names[rng.randint(len(TEAMS))]))
        rng.shuffle(line)
        docs.append(' '.join(words[i] for i in line))
    return docs, y

train_x, train_y = dump(5000)
test_x, test_y = dump(1200)
print(train_x[0], '->', TEAMS[train_y[0]])

def numericalize(docs):
    return [[stoi[t] for t in d.split() if t in stoi] for d in docs]

train_ids, test_ids = numericalize(train_x), numericalize(test_x)

# In[4]: model. Vectors are the starting point and get tuned to our jargon, with a step size of their own
class BagNet(nn.Module):
    def __init__(self, matrix, n_out):
        super().__init__()
        # fault:
        self.emb = nn.EmbeddingBag.from_pretrained(matrix, mode='mean')
        # mended:
        # self.emb = nn.EmbeddingBag.from_pretrained(matrix, mode='mean', freeze=False)
        # end
        self.fc = nn.Linear(matrix.size(1), n_out)
    def forward(self, flat, offs):
        return self.fc(self.emb(flat, offs))

model = BagNet(matrix, len(TEAMS))
optimizer = torch.optim.Adam([{'params': model.emb.parameters(), 'lr': 2e-2},
                              {'params': model.fc.parameters(), 'lr': 1e-2}])
criterion = nn.CrossEntropyLoss()

def collate(ids, sel):
    lens = [len(ids[i]) for i in sel]
    offs = torch.tensor(np.concatenate([[0], np.cumsum(lens)[:-1]]))
    return torch.tensor(np.concatenate([ids[i] for i in sel])), offs

def predict(ids):
    model.eval()
    with torch.no_grad():
        return model(*collate(ids, range(len(ids)))).argmax(1).numpy()

# In[5]: train
for epoch in range(3):
    t0 = time.time(); model.train(); losses = []
    for sel in np.array_split(rng.permutation(len(train_ids)), len(train_ids) // 64):
        flat, offs = collate(train_ids, sel)
        loss = criterion(model(flat, offs), torch.from_numpy(train_y[sel]).long())
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        losses.append(loss.item())
    p, ptr = predict(test_ids), predict(train_ids)
    print(f'epoch {epoch} | loss {np.mean(losses):.4f} | train acc {(ptr == train_y).mean():.4f} '
          f'| test acc {(p == test_y).mean():.4f} | macro f1 {f1_score(test_y, p, average="macro"):.4f} | {time.time() - t0:.1f}s')

# In[6]: how far did a few service names travel
with torch.no_grad():
    for i in names[0][:3]:
        print(words[i], round((model.emb.weight[i] - torch.from_numpy(vecs[i])).norm().item(), 3))
