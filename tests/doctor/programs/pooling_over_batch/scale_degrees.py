# Which degree of the scale is every note of a melody?  A note alone does not tell, the whole melody does
# (C is the first degree in C major and the fifth in F major), so each note gets a summary of the melody.
import math, random, time
import torch
from torch import nn, optim

torch.manual_seed(21)
R = random.Random(21)
MAJOR = [0, 2, 4, 5, 7, 9, 11]
LENGTH = 32


def melody():
    key = R.randrange(12)
    step, notes, degrees = R.randrange(7), [], []
    for _ in range(LENGTH):
        if R.random() < 0.06:
            notes.append(R.randrange(12))
        else:
            step = (step + R.choice([-2, -1, -1, 0, 1, 1, 2, 4])) % 7
            notes.append((key + MAJOR[step]) % 12)
        rel = (notes[-1] - key) % 12
        degrees.append(MAJOR.index(rel) if rel in MAJOR else 7)
    return notes, degrees


pieces = [melody() for _ in range(2300)]
X = torch.tensor([p[0] for p in pieces])
Y = torch.tensor([p[1] for p in pieces])
X_train, X_val, Y_train, Y_val = X[:2000], X[2000:], Y[:2000], Y[2000:]


class DegreeTagger(nn.Module):
    def __init__(self, d=24, hidden=96):
        super().__init__()
        self.note = nn.Embedding(12, d)
        self.read = nn.Linear(d, hidden)
        self.mix = nn.Sequential(nn.Linear(d + hidden, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.tag = nn.Linear(hidden, 8)

    def forward(self, notes):                                   # (batch, time)
        e = self.note(notes)
        # fault:
        summary = torch.tanh(self.read(e)).mean(dim=0)
        # mended:
        # summary = torch.tanh(self.read(e)).mean(dim=1, keepdim=True)
        # end
        summary = summary.expand(e.size(0), e.size(1), -1)
        return self.tag(self.mix(torch.cat([e, summary], dim=-1)))


tagger = DegreeTagger()
optimizer = optim.Adam(tagger.parameters(), lr=4e-3)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=6, gamma=0.3)
lossfn = nn.CrossEntropyLoss()
start = time.time()
for epoch in range(14):
    tagger.train()
    order = torch.randperm(len(X_train))
    losses = []
    for k in range(0, len(order), 50):
        rows = order[k:k + 50]
        logits = tagger(X_train[rows])
        loss = lossfn(logits.reshape(-1, 8), Y_train[rows].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    tagger.eval()
    with torch.no_grad():
        hits = [(tagger(a).argmax(-1) == b).float().mean().item() for a, b in zip(X_val.split(50), Y_val.split(50))]
    print("epoch %2d  loss %.4f  val tag accuracy %.4f" % (epoch, sum(losses) / len(losses), sum(hits) / len(hits)))
share = torch.bincount(Y_val.flatten(), minlength=8).max().item() / Y_val.numel()
print("most frequent degree %.4f" % share)
