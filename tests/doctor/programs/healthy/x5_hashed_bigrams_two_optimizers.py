"""fastText in a few lines: hashed uni- and bigrams in a sparse table (SparseAdam), dense softmax head (Adam)."""
import random
import zlib
import torch
import torch.nn as nn

random.seed(64)
torch.manual_seed(64)
BUCKETS = 20000
GENRES = {
    "recipe": ["stir the sauce", "bake for an hour", "chop two onions", "add some salt", "let the dough rest", "melt the butter"],
    "manual": ["press the power button", "insert the battery", "update the firmware", "hold the reset key", "connect the cable", "close the cover"],
    "travel": ["take the night ferry", "the old harbour is lovely", "book a room early", "walk along the beach", "the museum opens late", "bring a good map"],
    "fitness": ["keep your back straight", "repeat ten times", "breathe out slowly", "rest one minute", "bend both knees", "lift the weight"],
    "garden": ["water the roses", "prune in march", "the soil is dry", "sow the seeds", "cover the bulbs", "pull out the weeds"],
}
LINK = "and then|after that|but first|if you like|as always|finally|in the end|do not forget".split("|")
genres = list(GENRES)


def document():
    k = random.randrange(len(genres))
    parts = random.sample(GENRES[genres[k]], 2)
    if random.random() < 0.4:
        parts.append(random.choice(GENRES[random.choice(genres)]))
        random.shuffle(parts)
    return f" {random.choice(LINK)} ".join(parts), k


docs = {}
while len(docs) < 3000:
    t, k = document()
    docs[t] = k
docs = list(docs.items())
random.shuffle(docs)


def features(text):
    w = text.split()
    grams = w + [a + "_" + b for a, b in zip(w, w[1:])]
    return torch.tensor([zlib.crc32(g.encode()) % BUCKETS for g in grams])


data = [(features(t), k) for t, k in docs]
train, test = data[:2400], data[2400:]


class FastText(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.EmbeddingBag(BUCKETS, 16, sparse=True)
        nn.init.uniform_(self.table.weight, -1 / 16, 1 / 16)
        self.head = nn.Linear(16, len(genres))

    def forward(self, feats):
        lens = torch.tensor([0] + [len(f) for f in feats[:-1]])
        return self.head(self.table(torch.cat(feats), lens.cumsum(0)))


net = FastText()
opts = [torch.optim.SparseAdam(net.table.parameters(), lr=1e-2), torch.optim.Adam(net.head.parameters(), lr=1e-2)]
criterion = nn.CrossEntropyLoss()


def test_accuracy(rows):
    net.eval()
    with torch.no_grad():
        pred = net([f for f, _ in rows]).argmax(1)
    return (pred == torch.tensor([k for _, k in rows])).float().mean().item()


for epoch in range(5):
    net.train()
    random.shuffle(train)
    running = 0.0
    for i in range(0, len(train), 40):
        chunk = train[i:i + 40]
        for o in opts:
            o.zero_grad()
        loss = criterion(net([f for f, _ in chunk]), torch.tensor([k for _, k in chunk]))
        loss.backward()
        for o in opts:
            o.step()
        running += loss.item() * len(chunk)
    print(f"pass {epoch + 1}: loss {running / len(train):.4f}, test accuracy {test_accuracy(test):.4f}")
print(f"train accuracy {test_accuracy(train):.4f}")
