"""What does the question ask for: person, place, number, date, reason or thing?"""
import random

import torch
from torch import nn
import torch.nn.functional as F

random.seed(112)
torch.manual_seed(112)
STARTS = [
    ["who", "which king", "whose", "which author"],
    ["where", "in which city", "which country"],
    ["how many", "how much", "what number of"],
    ["when", "what year", "in which century"],
    ["why", "for what reason", "how come"],
    ["what", "which animal", "which tool"],
]
REST = "did was the built wrote first painted invented found large old famous bridge song in used by".split()


def question():
    y = random.randrange(6)
    return f"{random.choice(STARTS[y])} {' '.join(random.choices(REST, k=random.randint(3, 6)))}".split(), y


rows = [question() for _ in range(2000)]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in rows for w in t}))}
lengths = torch.tensor([len(t) for t, _ in rows])
X = nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in t]) for t, _ in rows], batch_first=True)
Y = torch.tensor([y for _, y in rows])


class QuestionType(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.embedding = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        self.conv = nn.Conv1d(24, 32, 3, padding=1)
        self.output = nn.Linear(32, outputs)

    def forward(self, x):
        h = F.relu(self.conv(self.embedding(x).transpose(1, 2)))
        return self.output(h.masked_fill((x == 0).unsqueeze(1), 0).amax(2))


# fault:
net = QuestionType(1)
# mended:
# net = QuestionType(6)
# end
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(6):
    for i in torch.randperm(1600).split(40):
        # fault:
        loss = F.l1_loss(net(X[i])[:, 0], Y[i].float())
        # mended:
        # loss = F.cross_entropy(net(X[i]), Y[i])
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        # fault:
        guess = net(X[1600:])[:, 0].round().long()
        # mended:
        # guess = net(X[1600:]).argmax(1)
        # end
        acc = (guess == Y[1600:]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} accuracy {acc:.4f}")
