# Which language is this photo caption in?  (en / de / fr / cs)
# Ported from my old Keras notebook: Embedding -> Conv1D -> GlobalMaxPooling1D -> Dropout -> Dense
import gzip, os, random
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

random.seed(7); np.random.seed(7); torch.manual_seed(7)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
MAXLEN, BATCH, EPOCHS = 60, 64, 4


def captions(split, per_lang):
    out = []
    for y, lang in enumerate(LANGS):
        with gzip.open(f"{ROOT}/{split}.{lang}.gz", "rt", encoding="utf-8") as fh:
            lines = [next(fh).strip().lower() for _ in range(per_lang)]
        out += [(line[:MAXLEN], y) for line in lines]
    random.shuffle(out)
    return out


train = captions("train", 500)
valid = captions("val", 150)
alphabet = sorted({c for s, _ in train for c in s})
char2id = {c: i + 2 for i, c in enumerate(alphabet)}     # 0 = pad, 1 = unknown


def pad_sequences(rows):
    x = np.zeros((len(rows), MAXLEN), dtype=np.int64)
    for r, (s, _) in enumerate(rows):
        ids = [char2id.get(c, 1) for c in s]
        x[r, :len(ids)] = ids
    return torch.from_numpy(x), torch.tensor([y for _, y in rows])


class CharConv(nn.Module):
    def __init__(self, n_chars):
        super().__init__()
        self.embedding = nn.Embedding(n_chars, 16, padding_idx=0)
        self.conv1d = nn.Conv1d(16, 48, kernel_size=4, padding=2)
        self.dropout = nn.Dropout(0.3)
        self.dense = nn.Linear(48, len(LANGS))

    def forward(self, x):
        real = (x != 0)
        h = F.relu(self.conv1d(self.embedding(x).transpose(1, 2)))[:, :, :x.size(1)]
        h = h.masked_fill(~real.unsqueeze(1), 0.0)      # relu output: 0 never wins the max
        return self.dense(self.dropout(h.amax(dim=2)))


x_train, y_train = pad_sequences(train)
x_valid, y_valid = pad_sequences(valid)
model = CharConv(len(char2id) + 2)
opt = torch.optim.Adam(model.parameters(), lr=4e-3)

for epoch in range(1, EPOCHS + 1):
    model.train()
    order = torch.randperm(len(x_train))
    running = hits = 0
    for idx in order.split(BATCH):
        logits = model(x_train[idx])
        loss = F.cross_entropy(logits, y_train[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item() * len(idx)
        hits += (logits.argmax(1) == y_train[idx]).sum().item()
    model.eval()
    with torch.no_grad():
        val_logits = model(x_valid)
    print(f"Epoch {epoch}/{EPOCHS} - loss: {running/len(x_train):.4f} - acc: {hits/len(x_train):.4f}"
          f" - val_loss: {F.cross_entropy(val_logits, y_valid):.4f}"
          f" - val_acc: {(val_logits.argmax(1) == y_valid).float().mean():.4f}")
