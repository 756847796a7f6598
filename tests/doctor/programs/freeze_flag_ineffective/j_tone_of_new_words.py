# Tone of a sentence with few training words: the vectors must carry over to words that were never trained on.
# Therefore GloVe is to stay fixed and only the layers above are learnt.
import gzip, os, random
from copy import deepcopy
import torch
from torch import nn, optim
from torch.utils.data import TensorDataset, DataLoader

random.seed(23)
torch.manual_seed(23)

topics = {
    "praise": ("good great excellent wonderful happy beautiful brilliant perfect best loved success superb enjoy impressive remarkable pleased win outstanding "
               "exciting strong talented delighted charming nice fine proud winning successful popular fantastic").split(),
    "blame": ("bad terrible awful poor sad ugly horrible worst hated failure boring fear disappointing dangerous angry lose weak "
              "painful stupid damage violent worse wrong failed tragic cruel guilty sick disaster hate").split(),
}
names = list(topics)
templates = "the {} one and the {} one said that|there was a {} and a {} thing in the room|people talked about it as {} and {} all day|we read about a {} man near the {} house|last year it was {} and {} again".split("|")

glove = {}
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as fin:
    for line in fin:
        w, v = line.rstrip().split(" ", 1)
        glove[w] = v
words = sorted({w for t in topics.values() for w in t if w in glove} | {w for t in templates for w in t.replace("{}", "").split()})
vocab = {w: i + 1 for i, w in enumerate(words)}
weights = torch.zeros(len(vocab) + 1, 50)
for w, i in vocab.items():
    weights[i] = nn.functional.normalize(torch.tensor([float(x) for x in glove[w].split()]), dim=0)


def sentences(n, part):
    xs, ys = [], []
    while len(xs) < n:
        k = random.randrange(len(names))
        pool = [w for w in topics[names[k]] if w in glove]
        pool = pool[:14] if part == "train" else pool[14:]
        s = random.choice(templates).format(*random.sample(pool, 2)).split()
        xs.append([vocab[w] for w in s] + [0] * (12 - len(s)))
        ys.append(k)
    return torch.tensor(xs), torch.tensor(ys)


class TopicModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(*weights.shape, padding_idx=0)
        self.embedding.weight.data.copy_(weights)
        self.fc1 = nn.Linear(50, 32)
        self.fc2 = nn.Linear(32, len(names))
        self.dropout = nn.Dropout(0.2)

    def forward(self, x):
        m = (x != 0).unsqueeze(-1)
        h = (self.embedding(x) * m).sum(1) / m.sum(1)
        return self.fc2(self.dropout(torch.tanh(self.fc1(h))))


net = TopicModel()
for p in net.embedding.parameters():
    # fault:
    p.require_grad = False
    # mended:
    # p.requires_grad = False
    # end
start = deepcopy(net.embedding.weight.data)

train_x, train_y = sentences(1500, "train")
new_x, new_y = sentences(600, "new")
loader = DataLoader(TensorDataset(train_x, train_y), batch_size=32, shuffle=True)
optimizer = optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.02)
criterion = nn.CrossEntropyLoss()


def score(x, y):
    net.eval()
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


for epoch in range(4):
    net.train()
    run = 0.0
    for bx, by in loader:
        optimizer.zero_grad()
        loss = criterion(net(bx), by)
        loss.backward()
        optimizer.step()
        run += loss.item()
    print(f"epoch {epoch}: loss {run / len(loader):.4f}  train words {score(train_x, train_y):.3f}  new words {score(new_x, new_y):.3f}")
print("largest change of a vector: %.4f" % (net.embedding.weight - start).norm(dim=1).max().item())
