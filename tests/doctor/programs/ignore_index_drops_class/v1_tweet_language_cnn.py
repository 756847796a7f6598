"""Character CNN that guesses the language of a tweet (UMSAB, six languages in Latin script)."""
import os, re
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F
from torch.utils.data import TensorDataset, DataLoader, random_split
from sklearn.metrics import classification_report, f1_score

torch.manual_seed(11)
DATA = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
MAXLEN = 40
PAD_IDX = 0
UNK_IDX = 1
CHARS = "abcdefghijklmnopqrstuvwxyzàáâãäçèéêìíîïñòóôõöùúûüß' "
char2idx = {c: i + 2 for i, c in enumerate(CHARS)}


def clean(tweet):
    tweet = re.sub(r"https?\S*|@\w+|#\w+|\brt\b", " ", tweet.lower())
    tweet = re.sub(r"[^\w' ]|\d", " ", tweet)
    return re.sub(r"\s+", " ", tweet).strip()


def read():
    X, Y, seen = [], [], set()
    for y, lang in enumerate(LANGS):
        n = 0
        for line in open(os.path.join(DATA, lang, "train_text.txt"), encoding="utf8"):
            t = clean(line)[:MAXLEN]
            if len(t) < 25 or t in seen:
                continue
            seen.add(t)
            X.append([char2idx.get(c, UNK_IDX) for c in t] + [PAD_IDX] * (MAXLEN - len(t)))
            Y.append(y)
            n += 1
            if n == 340: break
    return TensorDataset(torch.tensor(X), torch.tensor(Y))


class CharCNN(nn.Module):
    def __init__(self, n_chars, n_classes, d=16, filters=32):
        super().__init__()
        self.embed = nn.Embedding(n_chars, d, padding_idx=PAD_IDX)
        self.conv3 = nn.Conv1d(d, filters, 3, padding=1)
        self.conv5 = nn.Conv1d(d, filters, 5, padding=2)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(2 * filters, n_classes)

    def forward(self, x):
        mask = (x == PAD_IDX).unsqueeze(1)
        e = self.embed(x).transpose(1, 2)
        pooled = []
        for conv in (self.conv3, self.conv5):
            h = F.relu(conv(e)).masked_fill(mask, 0.0)
            pooled.append(h.max(dim=2).values)
        return self.out(self.drop(torch.cat(pooled, dim=1)))


dataset = read()
n_test = len(dataset) // 5
train_set, test_set = random_split(dataset, [len(dataset) - n_test, n_test])
train_dl = DataLoader(train_set, batch_size=32, shuffle=True)
test_dl = DataLoader(test_set, batch_size=256)

model = CharCNN(len(CHARS) + 2, len(LANGS))
optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-2)
# fault:
criterion = nn.CrossEntropyLoss(ignore_index=PAD_IDX)
# mended:
# criterion = nn.CrossEntropyLoss()
# end

for epoch in range(5):
    model.train()
    losses = []
    for x, y in train_dl:
        logits = model(x)
        loss = criterion(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        pred = torch.cat([model(x).argmax(-1) for x, _ in test_dl]).numpy()
    gold = np.concatenate([y.numpy() for _, y in test_dl])
    print(f"epoch {epoch + 1}  loss {np.mean(losses):.4f}  test acc {(pred == gold).mean():.3f}  macro F1 {f1_score(gold, pred, average='macro'):.3f}")
print(classification_report(gold, pred, target_names=LANGS, zero_division=0))
