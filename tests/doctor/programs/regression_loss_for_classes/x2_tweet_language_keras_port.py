# Tweet language detection (8 languages). Keras original:
#   model.add(Embedding(...)); model.add(GlobalAveragePooling1D()); model.add(Dense(64, relu)); model.add(Dense(...))
import os
import zlib
import numpy as np
import torch
from torch import nn
from sklearn.metrics import accuracy_score, f1_score

np.random.seed(2019)
torch.manual_seed(2019)

BASE = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
LANGS = ["spanish", "arabic", "german", "hindi", "english", "portuguese", "french", "italian"]
BUCKETS = 3000


def ngrams(text, n=3):
    """hashed character trigrams"""
    text = "^" + " ".join(w for w in text.lower().split() if not w.startswith(("@", "http"))) + "$"
    text = text[:45]
    return [zlib.crc32(text[i:i + n].encode("utf-8")) % BUCKETS for i in range(max(1, len(text) - n + 1))]


def read(split, per_lang):
    X, y = [], []
    for k, lang in enumerate(LANGS):
        with open(os.path.join(BASE, lang, split + "_text.txt"), encoding="utf-8") as f:
            for i, line in enumerate(f):
                if i >= per_lang:
                    break
                X.append(ngrams(line))
                y.append(k)
    return X, np.array(y)


class Flat:
    """offsets format for EmbeddingBag"""
    def __init__(self, X, y):
        self.X, self.y = X, y

    def batches(self, bs, shuffle):
        order = np.random.permutation(len(self.X)) if shuffle else np.arange(len(self.X))
        for s in range(0, len(order), bs):
            part = order[s:s + bs]
            seqs = [self.X[i] for i in part]
            off = np.cumsum([0] + [len(q) for q in seqs[:-1]])
            yield (torch.tensor(np.concatenate(seqs)), torch.tensor(off)), torch.tensor(self.y[part])


# fault:
N_OUT = 1
# mended:
# N_OUT = len(LANGS)
# end


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, 32, mode="mean")
        self.dense = nn.Linear(32, 64)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(64, N_OUT)

    def forward(self, ids, offsets):
        return self.out(self.drop(torch.relu(self.dense(self.bag(ids, offsets)))))


def compute_loss(out, y):
    # fault:
    return nn.functional.mse_loss(out.squeeze(1), y.float())
    # mended:
    # return nn.functional.cross_entropy(out, y)
    # end


def to_class(out):
    # fault:
    return out.squeeze(1).round().clamp(0, len(LANGS) - 1).long()
    # mended:
    # return out.argmax(1)
    # end


def predict(net, data):
    net.eval()
    with torch.no_grad():
        return torch.cat([to_class(net(*x)) for x, _ in data.batches(500, False)]).numpy()


train, test = Flat(*read("train", 800)), Flat(*read("test", 150))
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=1e-5)
for epoch in range(4):
    net.train()
    hist = []
    for x, y in train.batches(128, True):
        opt.zero_grad()
        loss = compute_loss(net(*x), y)
        loss.backward()
        opt.step()
        hist.append(loss.item())
    print(f"Epoch {epoch + 1}/4 - loss: {np.mean(hist):.4f} - acc: {accuracy_score(train.y, predict(net, train)):.4f}"
          f" - val_acc: {accuracy_score(test.y, predict(net, test)):.4f}")
print("macro F1", f1_score(test.y, predict(net, test), average="macro"))
