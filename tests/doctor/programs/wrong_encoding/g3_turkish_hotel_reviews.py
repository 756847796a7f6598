# Kaggle notebook -> script: Turkish hotel reviews with pretrained vectors
import os
import random
import tempfile

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 5
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)

# ---- cell 1: word lists --------------------------------------------------------------------------------------------
good = ["güzel", "mükemmel", "şahane", "hoş", "başarılı", "konforlu", "güleryüzlü", "sıcak", "çok-iyi", "lezzetli",
        "hızlı", "huzurlu", "kaliteli", "nazik", "müthiş", "düzenli", "ışıl", "hayranlık", "keyifli", "şık"]
bad = ["kötü", "berbat", "gürültülü", "soğuk", "çirkin", "kırık", "pis", "yavaş", "ilgisiz", "düşük",
       "kaba", "çöp", "hayalkırıklığı", "bozuk", "küflü", "rezalet", "sıkıcı", "şikayet", "pahalı", "yetersiz"]
neutral = ["otel", "oda", "banyo", "kahvaltı", "deniz", "personel", "havuz", "yatak", "plaj", "resepsiyon", "yemek",
           "manzara", "asansör", "gece", "aile", "tatil", "merkez", "balkon", "servis", "bar", "ve", "bir", "bu", "da"]
endings = ["", "di", "ydi", "dir", "ce", "lik", "ler", "mış", "ydı", "ten", "siz", "e", "i", "in"]

# ---- cell 2: vectors file (a cut of the fastText file, rebuilt here) ------------------------------------------------
DIM = 24
path = os.path.join(tempfile.mkdtemp(), "cc.tr.24.vec")
with open(path, "w", encoding="utf-8") as out:
    for group, sign in ((good, 1.0), (bad, -1.0), (neutral, 0.0)):
        for root in group:
            centre = np.random.randn(DIM) * 0.45
            centre[3] += 0.7 * sign
            centre[11] -= 0.5 * sign
            for e in endings:
                v = centre + np.random.randn(DIM) * 0.15
                out.write(root + e + " " + " ".join("%.4f" % a for a in v) + "\n")

vectors = {}
# fault:
with open(path, encoding="latin-1") as f:
# mended:
# with open(path, encoding="utf-8") as f:
# end
    for line in f:
        parts = line.rstrip("\n").split(" ")
        vectors[parts[0]] = np.array(parts[1:], dtype=np.float32)
print("vectors:", len(vectors))


# ---- cell 3: reviews -----------------------------------------------------------------------------------------------
def review(y):
    n = random.randint(6, 14)
    words = [random.choice(neutral) for _ in range(n)]
    for _ in range(random.randint(2, 3)):
        words.append(random.choice(good if y else bad))
    if random.random() < 0.35:
        words.append(random.choice(bad if y else good))
    random.shuffle(words)
    return [w + random.choice(endings) for w in words]


labels = [random.randint(0, 1) for _ in range(2600)]
texts = [review(y) for y in labels]
vocab = sorted({w for t in texts for w in t})
word_index = {w: i + 1 for i, w in enumerate(vocab)}
embedding_matrix = np.zeros((len(vocab) + 1, DIM), dtype=np.float32)
for w, i in word_index.items():
    if w in vectors:
        embedding_matrix[i] = vectors[w]

maxlen = max(map(len, texts))
X = np.zeros((len(texts), maxlen), dtype=np.int64)
for r, t in enumerate(texts):
    X[r, :len(t)] = [word_index[w] for w in t]
X, y = torch.from_numpy(X), torch.tensor(labels)
X_train, y_train, X_val, y_val = X[:2000], y[:2000], X[2000:], y[2000:]


# ---- cell 4: model -------------------------------------------------------------------------------------------------
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(embedding_matrix), freeze=True, padding_idx=0)
        self.fc1 = nn.Linear(DIM, 16)
        self.fc2 = nn.Linear(16, 2)

    def forward(self, x):
        real = (x != 0).unsqueeze(-1).float()
        pooled = (self.embedding(x) * real).sum(1) / real.sum(1)
        return self.fc2(torch.tanh(self.fc1(pooled)))


model = Net()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01)
train = torch.utils.data.TensorDataset(X_train, y_train)
for epoch in range(6):
    model.train()
    tot = 0
    for xb, yb in torch.utils.data.DataLoader(train, batch_size=50, shuffle=True):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(xb), yb)
        loss.backward()
        optimizer.step()
        tot += loss.item() * len(xb)
    model.eval()
    with torch.no_grad():
        val_acc = (model(X_val).argmax(1) == y_val).float().mean().item()
        train_acc = (model(X_train).argmax(1) == y_train).float().mean().item()
    print("Epoch {} loss {:.4f} acc {:.4f} val_acc {:.4f}".format(epoch + 1, tot / len(train), train_acc, val_acc))
