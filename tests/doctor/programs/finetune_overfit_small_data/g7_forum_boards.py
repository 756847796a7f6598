"""Route new forum posts to a board. Only a handful of posts have been sorted so far, and
the volunteers who sorted them put about every fourth one on a wrong board."""
import gzip
import os
import random

import torch
import torch.nn as nn

torch.manual_seed(1)
random.seed(1)
data_dir = os.environ["WORDFIT_DATA"]

BOARDS = {
    "sports": "football league coach goal season player match stadium championship tennis referee team basketball score baseball runner racing defender".split(),
    "politics": "election parliament senate minister vote candidate party president campaign democrats congress governor reform policy government coalition opposition mayor".split(),
    "health": "doctor hospital disease patients drug treatment cancer medical symptoms virus infection surgery heart blood pain clinic therapy vaccine".split(),
    "travel": "hotel beach airport tourists flight island resort train passport trip mountain museum visitors harbor cruise airline restaurant river".split(),
}
FILLER = ("the my a about question help anyone please think know really about first last year good bad new old still "
          "why how what does never always again today problem idea some more two").split()
NAMES = list(BOARDS)


def read_vectors(path):
    out = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            word, numbers = line.rstrip().split(" ", 1)
            out[word] = numbers
    return out


glove = read_vectors(os.path.join(data_dir, "vectors", "glove.6B.50d.top10361.txt.gz"))


def post():
    k = random.randrange(len(NAMES))
    words = random.sample(BOARDS[NAMES[k]], 2) + random.sample(FILLER, random.randint(3, 6))
    random.shuffle(words)
    return words, k


posts, seen = [], set()
while len(posts) < 800:
    words, k = post()
    if tuple(sorted(words)) not in seen:
        seen.add(tuple(sorted(words)))
        posts.append((words, k))
test_rows, train_rows = posts[:600], posts[600:]
train_rows = [(w, random.choice([j for j in range(4) if j != k]) if random.random() < 0.25 else k) for w, k in train_rows]

stoi = {"<pad>": 0}
for words, _ in posts:
    for w in words:
        if w in glove:
            stoi.setdefault(w, len(stoi))
vecs = torch.zeros(len(stoi), 50)
for w, i in stoi.items():
    if i > 0:
        vecs[i] = torch.tensor([float(v) for v in glove[w].split()])


def encode(rows):
    ids = [torch.tensor([stoi[w] for w in words if w in stoi]) for words, _ in rows]
    return nn.utils.rnn.pad_sequence(ids, batch_first=True), torch.tensor([k for _, k in rows])


class Router(nn.Module):
    def __init__(self, vecs, n_boards):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(vecs, freeze=False, padding_idx=0)
        # mended:
        #self.emb = nn.Embedding.from_pretrained(vecs, freeze=True, padding_idx=0)
        # end
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(vecs.size(1), n_boards)

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True)
        return self.out(self.drop(self.emb(x).sum(1) / n))


net = Router(vecs, len(NAMES))
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.02)
loss_fn = nn.CrossEntropyLoss()
x_train, y_train = encode(train_rows)
x_test, y_test = encode(test_rows)


def report(x, y):
    net.eval()
    with torch.no_grad():
        out = net(x)
    return loss_fn(out, y).item(), (out.argmax(1) == y).float().mean().item()


for epoch in range(1, 21):
    net.train()
    for idx in torch.randperm(len(x_train)).split(20):
        loss = loss_fn(net(x_train[idx]), y_train[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        (tl, ta), (vl, va) = report(x_train, y_train), report(x_test, y_test)
        print(f"epoch {epoch:3d}  train loss {tl:.3f} acc {ta:.3f}  test loss {vl:.3f} acc {va:.3f}")
