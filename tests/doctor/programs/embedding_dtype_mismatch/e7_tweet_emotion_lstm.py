# Tweet emotion (anger / joy only) with an LSTM on top of GloVe-twitter, for the NLP elective
import gzip
import os
import re
import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence
from sklearn.metrics import f1_score

root = os.environ["WORDFIT_DATA"]
torch.manual_seed(3)
np.random.seed(3)


def tokens(s):
    s = re.sub(r"@\w+|https?\S+|\\n", " ", s.lower().replace("’", "'"))
    return re.findall(r"[a-z]+(?:'[a-z]+)?", s)[:20]


def load(split):
    base = os.path.join(root, "sentiment", "tweeteval", "emotion", split)
    texts = open(base + "_text.txt", encoding="utf-8").read().splitlines()
    labels = open(base + "_labels.txt").read().split()
    out = []
    for t, l in zip(texts, labels):
        # 0 anger, 1 joy, 2 optimism, 3 sadness
        if l in ("0", "1") and tokens(t):
            out.append((tokens(t), int(l)))
    return out


train = load("train")
seen = {" ".join(t) for t, _ in train}
test = [r for r in load("test") if " ".join(r[0]) not in seen]
joy = [r for r in train if r[1] == 1]
anger = [r for r in train if r[1] == 0][:len(joy) + 200]
train = joy + anger
print(len(train), "train", len(test), "test")

# ---------------------------------------------------------------- embedding matrix
needed = {w for t, _ in train + test for w in t}
glove = {}
with gzip.open(os.path.join(root, "vectors", "glove.twitter.27B.25d.common11925.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        p = line.split()
        if p[0] in needed:
            glove[p[0]] = np.asarray(p[1:], dtype="float32")

word_index = {}
for t, _ in train + test:
    for w in t:
        if w in glove and w not in word_index:
            word_index[w] = len(word_index) + 2      # 0 pad, 1 unknown

embedding_matrix = np.zeros((len(word_index) + 2, 25))
embedding_matrix[1] = np.mean(list(glove.values()), axis=0)
for w, i in word_index.items():
    embedding_matrix[i] = glove[w]


class EmotionLSTM(nn.Module):
    def __init__(self, matrix):
        super().__init__()
        # fault:
        self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=True, padding_idx=0)
        # mended:
        #self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(matrix).float(), freeze=True, padding_idx=0)
        # end
        self.lstm = nn.LSTM(25, 20, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(40, 2)

    def forward(self, x, lengths):
        x = self.embedding(x)
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        _, (h, _) = self.lstm(packed)
        return self.fc(self.dropout(torch.cat([h[0], h[1]], dim=1)))


def to_tensor(rows):
    n = max(len(t) for t, _ in rows)
    x = torch.zeros(len(rows), n, dtype=torch.long)
    for k, (t, _) in enumerate(rows):
        x[k, :len(t)] = torch.tensor([word_index.get(w, 1) for w in t])
    return x, torch.tensor([len(t) for t, _ in rows]), torch.tensor([y for _, y in rows])


xt, lt, yt = to_tensor(train)
xe, le, ye = to_tensor(test)

model = EmotionLSTM(embedding_matrix)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=5e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3, gamma=0.4)


def check(x, l, y):
    model.eval()
    with torch.no_grad():
        out = model(x, l)
    return criterion(out, y).item(), out.argmax(1)


for epoch in range(5):
    model.train()
    losses = []
    for ix in torch.randperm(len(yt)).split(48):
        optimizer.zero_grad()
        loss = criterion(model(xt[ix], lt[ix]), yt[ix])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    tl, tp = check(xe, le, ye)
    print("epoch %d train %.3f test %.3f acc %.3f" % (epoch, np.mean(losses), tl, (tp == ye).float().mean()))

print("train acc %.3f" % (check(xt, lt, yt)[1] == yt).float().mean())
print("test acc %.3f macro F1 %.3f majority %.3f" % (
    (tp == ye).float().mean(), f1_score(ye, tp, average="macro"), ye.bincount().max() / len(ye)))
