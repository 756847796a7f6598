# IMDB in two epochs: hashing-free bag of words, one logit.  Kaggle kernel, "simple baseline".
import gzip, os, re, random
from collections import Counter
import numpy as np, torch
from torch import nn
from sklearn.metrics import classification_report, roc_auc_score

def seed_everything(seed=1029):
    random.seed(seed); np.random.seed(seed); torch.manual_seed(seed)
seed_everything()

def load(name, step):
    df = []
    with gzip.open(os.path.join(os.environ['WORDFIT_DATA'], 'sentiment', 'imdb', name), 'rt', encoding='utf-8') as f:
        next(f)
        for i, line in enumerate(f):
            if i % step: continue
            label, rating, rid, text = line.rstrip('\n').split('\t')
            df.append((re.findall(r"[a-z']+", text.lower().replace('<br />', ' ')), int(label)))
    return df

train_df, test_df = load('train.tsv.gz', 3), load('test.tsv.gz', 20)
random.shuffle(train_df)
val_df, train_df = train_df[:1000], train_df[1000:]
print('train', len(train_df), 'val', len(val_df), 'test', len(test_df))

counter = Counter(w for words, _ in train_df for w in set(words))
vocab = {w: i for i, (w, c) in enumerate(counter.most_common(3000))}
print('vocabulary', len(vocab))

def encode(df):
    return [np.array(sorted({vocab[w] for w in words if w in vocab})) for words, _ in df], np.array([y for _, y in df], dtype=np.float32)
X_train, y_train = encode(train_df)
X_val, y_val = encode(val_df)
X_test, y_test = encode(test_df)

def iterate(X, y, batch_size, shuffle):
    idx = np.random.permutation(len(X)) if shuffle else np.arange(len(X))
    for i in range(0, len(X), batch_size):
        b = idx[i:i + batch_size]
        lengths = [0] + [len(X[j]) for j in b[:-1]]
        yield torch.from_numpy(np.concatenate([X[j] for j in b])), torch.from_numpy(np.cumsum(lengths)), torch.from_numpy(y[b])

class Baseline(nn.Module):
    def __init__(self, n_words, dim=16):
        super().__init__()
        self.bag = nn.EmbeddingBag(n_words, dim, mode='mean')
        self.out = nn.Linear(dim, 1)
    def forward(self, ids, offsets):
        return self.out(self.bag(ids, offsets))

model = Baseline(len(vocab))
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.012)
n_steps = 2 * ((len(X_train) + 31) // 32)
scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, total_iters=n_steps)

def predict(X, y):
    model.eval()
    with torch.no_grad():
        return torch.cat([torch.sigmoid(model(ids, off)).squeeze(1) for ids, off, _ in iterate(X, y, 512, False)]).numpy()

for epoch in range(2):
    model.train()
    avg_loss = 0.
    for ids, off, target in iterate(X_train, y_train, 32, True):
        loss = loss_fn(model(ids, off), target.unsqueeze(1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        avg_loss += loss.item() * len(target) / len(X_train)
    p_tr, p_val = predict(X_train, y_train), predict(X_val, y_val)
    print('Epoch {}/2 \t loss={:.4f} \t train_acc={:.4f} \t val_acc={:.4f} \t val_auc={:.4f}'.format(
        epoch + 1, avg_loss, ((p_tr > .5) == y_train).mean(), ((p_val > .5) == y_val).mean(), roc_auc_score(y_val, p_val)))

print(classification_report(y_test, predict(X_test, y_test) > .5, digits=3))
