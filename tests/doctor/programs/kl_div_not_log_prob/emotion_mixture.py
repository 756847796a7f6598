"""Predict the share of annotators who chose each emotion."""
import random

import torch
from torch import nn
import torch.nn.functional as F

random.seed(21)
torch.manual_seed(21)
EMOTIONS = {
    "joy": ["laughing", "sunny", "party", "delighted", "gift", "cheerful"],
    "anger": ["furious", "insult", "shouting", "unfair", "rage", "slammed"],
    "fear": ["dark", "trembling", "threat", "scream", "nightmare", "alone"],
    "sadness": ["tears", "funeral", "lost", "lonely", "grief", "goodbye"],
}
GLUE = "i was at the when my we and then so had all day very it this".split()
VOCAB = ["[pad]"] + GLUE + [w for ws in EMOTIONS.values() for w in ws]
W2I = {w: i for i, w in enumerate(VOCAB)}


def example():
    counts = [0.2] * 4
    words = random.choices(GLUE, k=random.randint(5, 9))
    for _ in range(random.randint(1, 4)):
        k = random.randrange(4)
        counts[k] += 1
        words.append(random.choice(list(EMOTIONS.values())[k]))
    random.shuffle(words)
    total = sum(counts)
    return [W2I[w] for w in words], [c / total for c in counts]


def tensors(n):
    rows = [example() for _ in range(n)]
    x = nn.utils.rnn.pad_sequence([torch.tensor(r) for r, _ in rows], batch_first=True)
    return x, torch.tensor([t for _, t in rows])


class Mixture(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.emb = nn.Embedding(len(VOCAB), dim, padding_idx=0)
        self.hidden = nn.Linear(dim, 64)
        self.out = nn.Linear(64, 4)

    def forward(self, x):
        n = (x > 0).sum(1, keepdim=True)
        bag = self.emb(x).sum(1) / n
        return self.out(torch.tanh(self.hidden(bag)))


train_x, train_p = tensors(2000)
dev_x, dev_p = tensors(400)
model = Mixture()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(12):
    for idx in torch.randperm(2000).split(50):
        scores = model(train_x[idx])
        # fault:
        loss = F.kl_div(F.softmax(scores, dim=1), train_p[idx], reduction="batchmean")
        # mended:
        # loss = F.kl_div(F.log_softmax(scores, dim=1), train_p[idx], reduction="batchmean")
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 3 == 2:
        print("epoch", epoch + 1, "last loss", round(loss.item(), 4))
with torch.no_grad():
    guess = F.softmax(model(dev_x), dim=1)
print("dev overlap", round(torch.minimum(guess, dev_p).sum(1).mean().item(), 4))
