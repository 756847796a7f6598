"""Few labelled examples, good vectors: keep the vectors as they are and fit an LSTM on top (wine notes, 3 price bands)."""
import argparse
import numpy as np
import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--epochs", type=int, default=15)
ap.add_argument("--lr", type=float, default=8e-3)
ap.add_argument("--n-train", type=int, default=240)
ap.add_argument("--seed", type=int, default=19)
args = ap.parse_args([])
rng = np.random.default_rng(args.seed)
torch.manual_seed(args.seed)

DIM, BANDS, PER = 20, 3, 260
centre = rng.normal(size=(BANDS + 1, DIM)) * 0.45
lexicon = [(f"{'cheap mid top misc'.split()[g]}{i}", g) for g in range(BANDS + 1) for i in range(PER)]
vectors = np.stack([centre[g] + rng.normal(size=DIM) * 0.4 for _, g in lexicon]).astype("float32")
weights = torch.from_numpy(np.vstack([np.zeros((1, DIM), "float32"), vectors]))


def note():
    y = int(rng.integers(BANDS))
    words = []
    for _ in range(int(rng.integers(6, 14))):
        g = y if rng.random() < 0.3 else (BANDS if rng.random() < 0.7 else int(rng.integers(BANDS)))
        words.append(1 + g * PER + int(rng.integers(PER)))
    return words, y


def tensors(n):
    rows = [note() for _ in range(n)]
    x = torch.zeros(n, 14, dtype=torch.long)
    for i, (w, _) in enumerate(rows):
        x[i, :len(w)] = torch.tensor(w)
    return x, torch.tensor([len(w) for w, _ in rows]), torch.tensor([y for _, y in rows])


class WineNet(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.embedding = nn.Embedding(*weights.shape, padding_idx=0)
        self.embedding.weight.data.copy_(weights)
        # fault:
        self.embedding.weight.data.requires_grad = False
        # mended:
        # self.embedding.weight.requires_grad = False
        # end
        self.lstm = nn.LSTM(weights.shape[1], 12, batch_first=True)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(12, BANDS)

    def forward(self, x, n):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(x), n, batch_first=True, enforce_sorted=False)
        out, _ = self.lstm(packed)
        out, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True)
        mean = out.sum(1) / n.unsqueeze(1)
        return self.fc(self.drop(mean))


xt, nt, yt = tensors(args.n_train)
xd, nd, yd = tensors(1000)
model = WineNet(weights)
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
for epoch in range(args.epochs):
    model.train()
    for b in torch.randperm(len(xt)).split(16):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(xt[b], nt[b]), yt[b])
        loss.backward()
        optimizer.step()
    if epoch % 5 == 4:
        model.eval()
        with torch.no_grad():
            tr = (model(xt, nt).argmax(1) == yt).float().mean()
            de = (model(xd, nd).argmax(1) == yd).float().mean()
        print(f"epoch {epoch + 1}  train {tr:.3f}  dev {de:.3f}")


def neighbours(word, k=5):
    e = nn.functional.normalize(model.embedding.weight.detach()[1:], dim=1)
    sims = e @ e[[w for w, _ in lexicon].index(word)]
    return [lexicon[i][0] for i in sims.topk(k + 1).indices[1:]]


print("neighbours of top0:", neighbours("top0"))
