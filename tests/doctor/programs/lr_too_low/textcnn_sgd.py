"""TextCNN (Kim 2014) for the subject of school questions."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

random.seed(35)
torch.manual_seed(35)
subjects = {"maths": ["solve for x", "area of the circle", "square root", "prime numbers", "slope of the line"],
            "history": ["french revolution", "roman empire", "cold war", "signed the treaty", "industrial age"],
            "biology": ["cell wall", "food chain", "blood cells", "dna strand", "photosynthesis in plants"],
            "physics": ["speed of light", "electric charge", "force on the body", "kinetic energy", "magnetic field"],
            "grammar": ["past tense", "plural of the noun", "relative clause", "passive voice", "indirect speech"]}
lead = "what is the,can you explain the,i do not understand the,please help me with the,how do i find the,tell me about the".split(",")
tail = "for tomorrow,in my homework,on page ten,please,before the exam,in simple words,with an example,thanks".split(",")


def question():
    s = random.choice(list(subjects))
    parts = [random.choice(lead), random.choice(subjects[s]), random.choice(tail), random.choice(tail)]
    return " ".join(parts), list(subjects).index(s)


rows = sorted({question() for _ in range(4000)})
random.shuffle(rows)
rows = rows[:1900]
vocab = {}
for t, _ in rows:
    for w in t.split():
        vocab.setdefault(w, len(vocab) + 1)
LEN = max(len(t.split()) for t, _ in rows)
X = torch.tensor([[vocab[w] for w in t.split()] + [0] * (LEN - len(t.split())) for t, _ in rows])
Y = torch.tensor([y for _, y in rows])


class TextCNN(nn.Module):
    def __init__(self, n_words, dim=32, n_filters=16, sizes=(2, 3, 4), n_classes=5):
        super().__init__()
        self.embedding = nn.Embedding(n_words, dim, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(dim, n_filters, k) for k in sizes])
        self.dropout = nn.Dropout(0.3)
        self.fc = nn.Linear(n_filters * len(sizes), n_classes)

    def forward(self, x):
        e = self.embedding(x).permute(0, 2, 1)
        pooled = [F.relu(conv(e)).max(2).values for conv in self.convs]
        return self.fc(self.dropout(torch.cat(pooled, 1)))


model = TextCNN(len(vocab) + 1)
# fault:
optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9)
# mended:
# optimizer = torch.optim.SGD(model.parameters(), lr=5e-2, momentum=0.9)
# end
loader = DataLoader(TensorDataset(X[:1500], Y[:1500]), batch_size=32, shuffle=True)
for epoch in range(6):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        acc = (model(X[1500:]).argmax(1) == Y[1500:]).float().mean()
    print(f"epoch {epoch} loss {loss.item():.4f} dev accuracy {acc:.4f}")
