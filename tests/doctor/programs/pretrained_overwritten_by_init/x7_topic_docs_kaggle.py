# Kaggle kernel -> script. Short documents, four topics; the test set is full of words that never occur in train.
import gzip
import os
import warnings

import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import accuracy_score, f1_score

warnings.filterwarnings('ignore')


def seed_everything(seed=1029):
    np.random.seed(seed)
    torch.manual_seed(seed)


seed_everything()
GLOVE = os.environ['WORDFIT_DATA'] + '/vectors/glove.6B.50d.top10361.txt.gz'
SEEDS = {'sport': ['football', 'tennis', 'coach', 'goals'], 'music': ['guitar', 'album', 'jazz', 'singer'],
         'medicine': ['disease', 'doctors', 'patients', 'cancer'], 'military': ['troops', 'tanks', 'missile', 'army']}
MAXLEN, N_TRAIN, N_TEST = 14, 1500, 600

itos, mat = ['<pad>'], [np.zeros(50, dtype=np.float32)]
with gzip.open(GLOVE, 'rt', encoding='utf-8') as fh:
    for row in fh:
        word, rest = row.split(' ', 1)
        itos.append(word)
        mat.append(np.fromstring(rest, sep=' ', dtype=np.float32))
mat = np.vstack(mat)
stoi = {w: i for i, w in enumerate(itos)}

# ---- documents: topic words around the seeds, with common words in between
unit = mat / np.maximum(np.linalg.norm(mat, axis=1, keepdims=True), 1e-6)
centres = np.stack([unit[[stoi[w] for w in ws]].mean(0) for ws in SEEDS.values()])
sim = unit @ centres.T
pools = []
for k in range(len(SEEDS)):
    near = np.argsort(-sim[:, k])[:260]
    pools.append(np.array([i for i in near if sim[i].argmax() == k])[:200])


def write_docs(n, rng, train):
    docs, ys = np.zeros((n, MAXLEN), dtype=np.int64), rng.integers(0, len(SEEDS), n)
    for r in range(n):
        pool = pools[ys[r]][::4] if train else pools[ys[r]]
        length = rng.integers(6, MAXLEN + 1)
        words = np.where(rng.random(length) < .45, rng.choice(pool, length), rng.integers(1, 400, length))
        docs[r, :length] = words
    return torch.from_numpy(docs), torch.from_numpy(ys)


rng = np.random.default_rng(5)
x_train, y_train = write_docs(N_TRAIN, rng, True)
x_test, y_test = write_docs(N_TEST, rng, False)


class Net(nn.Module):
    def __init__(self, weight, n_out):
        super().__init__()
        self.embedding = nn.Embedding(*weight.shape, padding_idx=0)
        # fault:
        self.embedding.weight.data.copy_(torch.from_numpy(weight))
        self.conv = nn.Conv1d(weight.shape[1], 32, kernel_size=1)
        self.fc = nn.Linear(32, n_out)
        self.apply(self.init_weights)
        # mended:
        # self.conv = nn.Conv1d(weight.shape[1], 32, kernel_size=1)
        # self.fc = nn.Linear(32, n_out)
        # self.apply(self.init_weights)
        # self.embedding.weight.data.copy_(torch.from_numpy(weight))
        # end
        self.drop = nn.Dropout(0.2)

    @staticmethod
    def init_weights(m):
        if isinstance(m, (nn.Linear, nn.Conv1d)):
            nn.init.xavier_uniform_(m.weight)
            nn.init.zeros_(m.bias)
        elif isinstance(m, nn.Embedding):
            nn.init.normal_(m.weight, 0, 0.4)
            with torch.no_grad():
                m.weight[0].zero_()

    def forward(self, x):
        h = torch.relu(self.conv(self.embedding(x).transpose(1, 2)))
        mask = (x > 0).unsqueeze(1)
        pooled = (h * mask).sum(-1) / mask.sum(-1)
        return self.fc(self.drop(pooled))


model = Net(mat, len(SEEDS))
optimizer = torch.optim.Adam([{'params': model.embedding.parameters(), 'lr': 2e-4},
                              {'params': list(model.conv.parameters()) + list(model.fc.parameters())}], lr=5e-3)
loss_fn = nn.CrossEntropyLoss()
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x_train, y_train), batch_size=50, shuffle=True)

for epoch in range(5):
    model.train()
    avg_loss = 0.
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(xb), yb)
        loss.backward()
        optimizer.step()
        avg_loss += loss.item() / len(loader)
    model.eval()
    with torch.no_grad():
        p_tr, p_te = model(x_train).argmax(1).numpy(), model(x_test).argmax(1).numpy()
    print('Epoch {}/5 \t loss={:.4f} \t train_acc={:.4f} \t val_acc={:.4f} \t val_f1={:.4f}'.format(
        epoch + 1, avg_loss, accuracy_score(y_train, p_tr), accuracy_score(y_test, p_te), f1_score(y_test, p_te, average='macro')))
