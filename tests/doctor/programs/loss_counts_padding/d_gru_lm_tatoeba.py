"""GRU language model on English Tatoeba sentences (homework 4)."""
import gzip, os, random, re
from collections import Counter
import torch
import torch.nn as nn

random.seed(0); torch.manual_seed(0)
path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/tatoeba-fra-eng/fra.txt.gz")

with gzip.open(path, "rt", encoding="utf-8") as f:
    english = list(dict.fromkeys(line.split("\t")[0] for line in f))
english = [e for e in english if e.count(" ") < 24]
picked = random.sample(english[:-2000], 2300) + random.sample(english[-2000:], 20)   # sorted by length
random.shuffle(picked)
sents = [re.findall(r"[a-z']+|[.?!,]", e.lower()) for e in picked]

freq = Counter(w for s in sents for w in s)
PAD, UNK, BOS, EOS = range(4)
vocab = ["<pad>", "<unk>", "<bos>", "<eos>"] + [w for w, c in freq.most_common(200)]
w2i = {w: i for i, w in enumerate(vocab)}
T = max(len(s) for s in sents) + 2
X = torch.full((len(sents), T), PAD)
for n, s in enumerate(sents):
    ids = [BOS] + [w2i.get(w, UNK) for w in s] + [EOS]
    X[n, :len(ids)] = torch.tensor(ids)
X_train, X_val = X[:2000], X[2000:]
print("sentences", len(sents), "padded to", T)


class LM(nn.Module):
    def __init__(self, V, emb=32, hid=40):
        super().__init__()
        self.emb = nn.Embedding(V, emb, padding_idx=PAD)
        self.gru = nn.GRU(emb, hid, batch_first=True)
        self.out = nn.Linear(hid, V)

    def forward(self, x):
        h, _ = self.gru(self.emb(x))
        return self.out(h)


lm = LM(len(vocab))
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.CrossEntropyLoss(ignore_index=PAD)
# end
optimizer = torch.optim.SGD(lm.parameters(), lr=0.25, momentum=0.9)


def run(data, train):
    lm.train(train)
    total, count = 0.0, 0
    order = torch.randperm(len(data)) if train else torch.arange(len(data))
    for idx in order.split(30):
        b = data[idx]
        logits = lm(b[:, :-1])
        loss = criterion(logits.reshape(-1, logits.size(-1)), b[:, 1:].reshape(-1))
        if train:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item(); count += 1
    return total / count


scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [2, 3], gamma=0.2)
for epoch in range(1, 5):
    tr = run(X_train, True)
    with torch.no_grad():
        va = run(X_val, False)
    scheduler.step()
    print("Epoch %d | train loss %.3f | val loss %.3f | val ppl %.2f" % (epoch, tr, va, 2.718281828 ** va))

# how often is the next word the first guess?
lm.eval()
with torch.no_grad():
    pred = lm(X_val[:, :-1]).argmax(-1)
gold = X_val[:, 1:]
words = gold != PAD
print("next word accuracy %.3f" % (pred == gold)[words].float().mean().item())
print("always the most frequent word %.3f" % (torch.bincount(gold[words]).max() / words.sum()).item())
