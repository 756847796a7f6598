# Word -> (nationality / past tense / plural) and word -> is it long?  Frozen GloVe, own optimiser for each head.
import gzip, os, random
import torch
import torch.nn as nn

random.seed(40); torch.manual_seed(40)
root = os.environ["WORDFIT_DATA"]
table, rows = {}, []
with gzip.open(os.path.join(root, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, r = line.split(" ", 1)
        table[w] = len(rows)
        rows.append(list(map(float, r.split())))
E = nn.Embedding.from_pretrained(torch.tensor(rows))       # never tuned: test words are new

kinds, col = {"gram6-nationality-adjective": 0, "gram7-past-tense": 1, "gram8-plural": 2}, None
items = {}
for line in open(os.path.join(root, "wordsim/analogy/questions-words.txt"), encoding="utf-8"):
    if line[0] == ":":
        col = kinds.get(line[2:].strip())
    elif col is not None:
        for w in line.lower().split()[1::2]:
            if w in table:
                items[w] = col
words = sorted(items); random.shuffle(words)
cut = int(0.7 * len(words))


def tensors(ws, n):
    pick = [random.choice(ws) for _ in range(n)]
    x = torch.tensor([table[p] for p in pick])
    return x, torch.tensor([items[p] for p in pick]), torch.tensor([float(len(p) > 7) for p in pick])


train, test = tensors(words[:cut], 2000), tensors(words[cut:], 400)
wkind = nn.Linear(50, 3)
wlen = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))   # sees letters, not vectors
spell = torch.zeros(len(rows), 3)
for w, i in table.items():
    spell[i] = torch.tensor([len(w) - 7.0, sum(c in "aeiou" for c in w) - 3.0, float(w.endswith("s"))])
opt_k = torch.optim.Adam(wkind.parameters(), lr=5e-3)
opt_l = torch.optim.SGD(wlen.parameters(), lr=0.1, momentum=0.9)
ce, bce = nn.CrossEntropyLoss(), nn.BCEWithLogitsLoss()

for epoch in range(6):
    s1 = s2 = 0.0
    for b in torch.randperm(len(train[0])).split(50):
        x = train[0][b]
        l1 = ce(wkind(E(x)), train[1][b])
        l2 = bce(wlen(spell[x]).squeeze(1), train[2][b])
        opt_k.zero_grad(); opt_l.zero_grad()
        (l1 + l2).backward()
        opt_k.step(); opt_l.step()
        s1 += l1.item() / 40; s2 += l2.item() / 40
    with torch.no_grad():
        a1 = (wkind(E(test[0])).argmax(1) == test[1]).float().mean()
        a2 = ((wlen(spell[test[0]]).squeeze(1) > 0) == test[2].bool()).float().mean()
    print(f"epoch {epoch + 1}: kind loss {s1:.3f} acc {a1:.3f} | length loss {s2:.3f} acc {a2:.3f}")
