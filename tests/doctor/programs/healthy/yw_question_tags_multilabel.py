# Suggest tags for forum questions (several tags may hold). TF-IDF weighted EmbeddingBag -> BCE per tag.
import math, random
from collections import Counter
import torch
from torch import nn

random.seed(2024); torch.manual_seed(2024)

topics = {
    "python": "python pip list dict lambda import script module".split(),
    "sql": "select join table query index database row column".split(),
    "linux": "bash shell sudo kernel grep terminal mount cron".split(),
    "web": "html css button browser page div layout http".split(),
    "git": "commit branch merge rebase push clone repo conflict".split(),
    "excel": "cell spreadsheet formula pivot sheet workbook chart macro".split(),
}
tags = list(topics)
common = "how do i the a to in my with error not work why is can when using get after it from value file".split()

def question():
    k = random.choices([1, 2, 3], [5, 3, 1])[0]
    ts = random.sample(tags, k)
    ws = random.choices(common, k=random.randint(6, 12))
    for t in ts:
        ws += random.choices(topics[t], k=random.randint(2, 4))
    if random.random() < .2:                                # a stray word of some other topic
        ws.append(random.choice(topics[random.choice(tags)]))
    random.shuffle(ws)
    return ws, [float(t in ts) for t in tags]

rows = [question() for _ in range(3000)]
train, valid = rows[:2400], rows[2400:]
df = Counter(w for ws, _ in train for w in set(ws))
vocab = {w: i for i, (w, _) in enumerate(df.most_common())}
idf = {w: math.log(len(train) / c) for w, c in df.items()}

def batch(rs):
    ids, wts, offs, ys = [], [], [0], []
    for ws, y in rs:
        tf = Counter(w for w in ws if w in vocab)
        norm = math.sqrt(sum((n * idf[w]) ** 2 for w, n in tf.items())) or 1.0
        for w, n in tf.items():
            ids.append(vocab[w]); wts.append(n * idf[w] / norm)
        offs.append(len(ids)); ys.append(y)
    return torch.tensor(ids), torch.tensor(offs[:-1]), torch.tensor(wts), torch.tensor(ys)

class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(vocab), 16, mode="sum")
        nn.init.uniform_(self.bag.weight, -.3, .3)
        self.lin = nn.Linear(16, len(tags))
    def forward(self, i, o, w):
        return self.lin(self.bag(i, o, per_sample_weights=w))

net = Tagger()
opt = torch.optim.Adagrad(net.parameters(), lr=.25)
bce = nn.BCEWithLogitsLoss(reduction="none")

def micro_f1(rs):
    i, o, w, y = batch(rs)
    with torch.no_grad():
        p = (net(i, o, w) > 0).float()
    tp = (p * y).sum()
    return (2 * tp / (p.sum() + y.sum())).item()

print("all-tags baseline f1 %.3f" % (2 * sum(map(sum, (y for _, y in valid))) / (sum(map(sum, (y for _, y in valid))) + 6 * len(valid))))
for epoch in range(8):
    random.shuffle(train)
    acc = 0.
    for k in range(0, len(train), 60):
        i, o, w, y = batch(train[k:k + 60])
        loss = bce(net(i, o, w), y).sum(1).mean()          # sum over tags, mean over questions
        opt.zero_grad(); loss.backward(); opt.step()
        acc += loss.item()
    print("epoch %d  loss %.3f  f1 train %.3f valid %.3f" % (epoch, acc / (len(train) / 60), micro_f1(train[:600]), micro_f1(valid)))
