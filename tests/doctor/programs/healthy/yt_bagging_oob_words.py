import os, gzip, re, collections
import torch
import torch.nn as nn

# English or French? A single word is the input. Bagging, each row is judged by those members that did not draw it.
torch.manual_seed(0)
path = os.environ["WORDFIT_DATA"] + "/seq2seq/tatoeba-fra-eng/fra.txt.gz"
count = (collections.Counter(), collections.Counter())
for i, line in enumerate(gzip.open(path, "rt", encoding="utf-8")):
    if i % 5: continue
    for side, text in enumerate(line.lower().split("\t")[:2]):
        count[side].update(re.findall(r"[^\W\d_]{4,}", text))
words = []
for side in (0, 1):
    only = [w for w, _ in count[side].most_common() if w not in count[1 - side]][:2500]
    words += [(w, side) for w in only]
alphabet = {c: i for i, c in enumerate(sorted({c for w, _ in words for c in w}), 1)}
A, L = len(alphabet) + 1, 12
X = torch.zeros(len(words), L, dtype=torch.long)
for r, (w, _) in enumerate(words):
    ids = [alphabet[c] for c in w[-L:]]
    X[r, L - len(ids):] = torch.tensor(ids)     # right aligned: endings line up
Y = torch.tensor([s for _, s in words]).float()
N = len(words)


def member():
    return nn.Sequential(nn.Embedding(A, 8), nn.Flatten(), nn.Linear(8 * L, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))


votes, times = torch.zeros(N), torch.zeros(N)
bce = nn.BCEWithLogitsLoss()
for m in range(5):
    draw = torch.randint(N, (N,))                   # with replacement
    out_of_bag = torch.ones(N, dtype=torch.bool)
    out_of_bag[draw] = False
    net = member()
    opt = torch.optim.AdamW(net.parameters(), lr=8e-3, weight_decay=0.3)
    net.train()
    for epoch in range(4):
        run = 0
        for b in draw[torch.randperm(N)].split(128):
            loss = bce(net(X[b]).squeeze(1), Y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run += loss.item() * len(b) / N
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(X[out_of_bag]).squeeze(1))
        inside = ((net(X[draw]).squeeze(1) > 0).float() == Y[draw]).float().mean()
    votes[out_of_bag] += p
    times[out_of_bag] += 1
    got = ((p > .5).float() == Y[out_of_bag]).float().mean()
    print(f"member {m}: train loss {run:.3f}, in-bag accuracy {inside:.3f}, out-of-bag {int(out_of_bag.sum())} rows, accuracy {got:.3f}")
have = times > 0
ens = ((votes[have] / times[have] > .5).float() == Y[have]).float().mean()
print(f"bagged out-of-bag accuracy on {int(have.sum())} words: {ens:.3f}")
