"""Company press sentences: good or bad news for the share? Financial PhraseBank, the neutral sentences left out.
Bad news is rarer, so the loss is weighted. GloVe start vectors, tuned more gently than the rest."""
import gzip
import os
import random

import torch
from sklearn.metrics import f1_score
from torch import nn
from torch.nn.utils.rnn import pad_sequence

DATA = os.environ["WORDFIT_DATA"]
random.seed(0)
torch.manual_seed(0)

rows, seen = [], set()
with open(f"{DATA}/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf-8") as f:
    for line in f:
        text, label = line.strip().rsplit("@", 1)
        words = ["<num>" if any(c.isdigit() for c in w) else w for w in text.lower().split()]
        key = " ".join(words)
        if label != "neutral" and key not in seen and len(words) > 3:
            seen.add(key)
            rows.append((words, int(label == "positive")))
random.shuffle(rows)
cut = int(len(rows) * 0.8)
train, test = rows[:cut], rows[cut:]

count = {}
for words, _ in train:
    for w in words:
        count[w] = count.get(w, 0) + 1
vocab = {"<pad>": 0, "<unk>": 1}
for w, c in count.items():
    if c > 2:
        vocab[w] = len(vocab)
vectors = torch.randn(len(vocab), 50) * 0.4
vectors[0] = 0
found = 0
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.rstrip().split(" ", 1)
        if w in vocab:
            vectors[vocab[w]] = torch.tensor([float(v) for v in rest.split()])
            found += 1
print(f"{len(train)} + {len(test)} sentences, {found} of {len(vocab)} words have vectors")


class NewsNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=False, padding_idx=0)
        self.conv = nn.Conv1d(50, 32, 3, padding=1)
        self.drop_words = nn.Dropout(0.2)
        self.drop = nn.Dropout(0.5)
        self.out = nn.Linear(32, 2)

    def forward(self, x):
        h = torch.relu(self.conv(self.drop_words(self.emb(x)).transpose(1, 2)))
        h = h.masked_fill((x == 0).unsqueeze(1), 0.0).amax(2)
        return self.out(self.drop(h))


def batch(rows):
    x = pad_sequence([torch.tensor([vocab.get(w, 1) for w in words[:32]]) for words, _ in rows], batch_first=True)
    return x, torch.tensor([y for _, y in rows])


net = NewsNet()
share = torch.tensor([sum(1 - y for _, y in train), sum(y for _, y in train)], dtype=torch.float)
criterion = nn.CrossEntropyLoss(weight=share.sum() / (2 * share))
opt = torch.optim.Adam([{"params": net.emb.parameters(), "lr": 1e-3},
                        {"params": [*net.conv.parameters(), *net.out.parameters()], "lr": 3e-3}])
xt, yt = batch(test)
xa, ya = batch(train)
for epoch in range(9):
    net.train()
    random.shuffle(train)
    for i in range(0, len(train), 32):
        x, y = batch(train[i:i + 32])
        loss = criterion(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        a, t = net(xa), net(xt)
    print(f"epoch {epoch}: train {criterion(a, ya):.3f} acc {(a.argmax(1) == ya).float().mean():.3f} | test {criterion(t, yt):.3f} "
          f"acc {(t.argmax(1) == yt).float().mean():.3f} macro F1 {f1_score(yt, t.argmax(1), average='macro'):.3f}"
          f" (always good news: {yt.float().mean():.3f})")
