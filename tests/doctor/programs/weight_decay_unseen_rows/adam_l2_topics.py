"""Topic classifier on top of general word vectors; the test texts use many words that training never shows."""
import random

import torch
from torch import nn

random.seed(50)
torch.manual_seed(50)
DIM, CLASSES, PER_CLASS = 24, 6, 120
syll = "ba ke li mo nu pra stu ven dor sil kan rit".split()
lexicon = []
while len(lexicon) < CLASSES * PER_CLASS:
    w = "".join(random.choices(syll, k=3))
    if w not in lexicon:
        lexicon.append(w)
topic_of = {w: i // PER_CLASS for i, w in enumerate(lexicon)}
function_words = "the of and in to with on for by at from as".split()
vocab = {w: i for i, w in enumerate(["<pad>"] + function_words + lexicon)}

centres = torch.randn(CLASSES, DIM)
table = torch.randn(len(vocab), DIM) * 0.9
for w in lexicon:
    table[vocab[w]] += centres[topic_of[w]]
table[0] = 0

known = {w for w in lexicon if random.random() < 0.4}


def text(pool):
    y = random.randrange(CLASSES)
    words = random.choices([w for w in pool if topic_of[w] == y], k=3) + random.choices(sorted(known), k=2)
    words += random.choices(function_words, k=random.randint(3, 6))
    random.shuffle(words)
    return [vocab[w] for w in words], y


def make(n, pool):
    pool = sorted(pool)
    rows = [text(pool) for _ in range(n)]
    x = nn.utils.rnn.pad_sequence([torch.tensor(r) for r, _ in rows], batch_first=True)
    return x, torch.tensor([y for _, y in rows])


class TopicModel(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.vectors = nn.Embedding.from_pretrained(table.clone(), freeze=False, padding_idx=0)
        self.hidden = nn.Linear(DIM, 48)
        self.classes = nn.Linear(48, CLASSES)

    def forward(self, x):
        mean = self.vectors(x).sum(1) / (x != 0).sum(1, keepdim=True)
        return self.classes(torch.relu(self.hidden(mean)))


x, y = make(1500, known)
xt, yt = make(600, set(lexicon) - known)
model = TopicModel(table)
# fault:
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-2)
# mended:
# rest = [p for n, p in model.named_parameters() if n != "vectors.weight"]
# optimizer = torch.optim.Adam(
#     [{"params": rest, "weight_decay": 1e-3}, {"params": [model.vectors.weight], "weight_decay": 0.0}], lr=3e-3
# )
# end
for epoch in range(12):
    for idx in torch.randperm(len(x)).split(25):
        loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1} loss {loss.item():.4f}")
with torch.no_grad():
    acc = (model(xt).argmax(1) == yt).float().mean().item()
print(f"test accuracy {acc:.4f}")
