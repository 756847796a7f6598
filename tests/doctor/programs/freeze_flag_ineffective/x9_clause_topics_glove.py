"""Sort short contract snippets by subject.  We have only a few hundred marked ones and clients use
other words than our annotators did, so the GloVe vectors stay as they are and only the small layer
on top is fitted."""
import gzip, os
import numpy as np
import torch
import torch.nn as nn

DATA = os.environ["WORDFIT_DATA"]
torch.manual_seed(5)
rs = np.random.RandomState(5)

words, mat = [], []
with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as fh:
    for line in fh:
        w, *v = line.rstrip().split(" ")
        words.append(w)
        mat.append(np.array(v, dtype=np.float32))
        if len(words) == 7000:
            break
mat = np.stack(mat)
unit = mat / np.linalg.norm(mat, axis=1, keepdims=True)
index = {w: i for i, w in enumerate(words)}

# word fields around a few anchors
SUBJECTS = {
    "medicine": ["doctor", "patient", "disease"],
    "court": ["court", "judge", "lawsuit"],
    "money": ["bank", "loan", "payment"],
    "transport": ["railway", "truck", "airport"],
    "farming": ["wheat", "cattle", "vegetables"],
}
cent = np.stack([unit[[index[a] for a in anchors]].mean(0) for anchors in SUBJECTS.values()])
sim = unit @ cent.T
fields, taken = [], set()
for k in range(len(cent)):
    own = [i for i in np.argsort(-sim[:, k]) if sim[i].argmax() == k][:90]
    fields.append(rs.permutation(own))
general = [i for i in range(60, 900) if sim[i].max() < .45]


def snippets(n, part):
    xs, ys = [], []
    for _ in range(n):
        k = rs.randint(len(fields))
        half = fields[k][:35] if part == "ours" else fields[k][35:]
        s = list(rs.choice(half, 2)) + list(rs.choice(general, 6))
        rs.shuffle(s)
        xs.append(s)
        ys.append(k)
    return torch.tensor(np.array(xs)), torch.tensor(ys)


x_ours, y_ours = snippets(700, "ours")
x_client, y_client = snippets(400, "client")


class SnippetNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.vectors = nn.Embedding(len(words), 50)
        self.vectors.weight.data.copy_(torch.from_numpy(mat))
        self.fc = nn.Linear(50, len(fields))

    def forward(self, ids):
        return self.fc(self.vectors(ids).mean(1))


net = SnippetNet()
# vectors are fixed
# fault:
net.vectors.requires_grad = False
# mended:
# net.vectors.weight.requires_grad = False
# end
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.03)
before = net.vectors.weight.detach().clone()

for epoch in range(1, 9):
    perm = torch.randperm(len(x_ours))
    total = 0
    for j in range(0, len(perm), 35):
        pick = perm[j:j + 35]
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x_ours[pick]), y_ours[pick])
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        a = (net(x_ours).argmax(1) == y_ours).float().mean()
        b = (net(x_client).argmax(1) == y_client).float().mean()
    print(f"{epoch}: loss {total / 20:.3f}  own snippets {a:.3f}  client snippets {b:.3f}")
moved = (net.vectors.weight.detach() - before).norm(dim=1).max().item()
print("largest change of a vector: %.4f" % moved)
