# Ported from our Keras notebook (Dense(64, relu) -> Dense(1)); features as before: mean GloVe vector of the text.
import gzip, os, re
import numpy as np
import torch
import torch.nn as nn

SEED = 2021
np.random.seed(SEED)
torch.manual_seed(SEED)
BASE = os.environ["WORDFIT_DATA"]

# %% vectors
emb = {}
with gzip.open(BASE + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        emb[w] = np.fromstring(rest, sep=" ", dtype=np.float32)

# %% texts: film reviews against encyclopedia sentences and customers' comments on gadgets
def read(path, enc="utf8"):
    with open(os.path.join(BASE, path), encoding=enc) as f:
        return [l.strip() for l in f if len(l.split()) > 7]

film = read("sentiment/MR/rt-polarity.pos", "latin-1")[:1200] + read("sentiment/MR/rt-polarity.neg", "latin-1")[:1200]
gadget = read("sentiment/CR/custrev.pos", "latin-1") + read("sentiment/CR/custrev.neg", "latin-1")
texts = film + gadget
labels = np.array([1.0] * len(film) + [0.0] * len(gadget), dtype=np.float32)


def featurise(t):
    vs = [emb[w] for w in re.findall(r"[a-z']+|[0-9]+", t.lower()) if w in emb]
    return np.mean(vs, axis=0) if vs else np.zeros(50, dtype=np.float32)


X = np.stack([featurise(t) for t in texts])
perm = np.random.permutation(len(X))
X, y = torch.from_numpy(X[perm]), torch.from_numpy(labels[perm]).unsqueeze(1)
cut = int(0.8 * len(X))
X_train, y_train, X_val, y_val = X[:cut], y[:cut], X[cut:], y[cut:]
print("train", tuple(X_train.shape), "val", tuple(X_val.shape), "share of film reviews in val %.3f" % y_val.mean().item())


# %% model
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense1 = nn.Linear(50, 64)
        self.dense2 = nn.Linear(64, 1)

    def forward(self, x):
        x = torch.relu(self.dense1(x))
        # fault:
        return torch.softmax(self.dense2(x), dim=1)
        # mended:
        # return torch.sigmoid(self.dense2(x))
        # end


model = Net()
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)

# %% model.fit(X_train, y_train, epochs=8, batch_size=32)
history = {"loss": [], "val_loss": [], "val_acc": []}
for epoch in range(8):
    model.train()
    idx = torch.randperm(cut)
    losses = []
    for k in range(0, cut, 32):
        sel = idx[k:k + 32]
        optimizer.zero_grad()
        loss = criterion(model(X_train[sel]), y_train[sel])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        p = model(X_val)
        history["loss"].append(np.mean(losses))
        history["val_loss"].append(criterion(p, y_val).item())
        history["val_acc"].append(((p > 0.5).float() == y_val).float().mean().item())
    print("Epoch %d/8 - loss: %.4f - val_loss: %.4f - val_accuracy: %.4f" % (
        epoch + 1, history["loss"][-1], history["val_loss"][-1], history["val_acc"][-1]))
