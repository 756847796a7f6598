import random

import torch
from torch import nn

random.seed(108)
torch.manual_seed(108)

# The annotation tool exports 1 = formal, 2 = informal.
FORMAL = "regarding sincerely hereby furthermore kindly pursuant enclosed".split()
CASUAL = "hey gonna yeah cool lol wanna cheers".split()
REST = "the meeting is on friday and i will send you a file with our plan".split()
lines = []
for _ in range(2000):
    label = random.choice([1, 2])
    words = random.choices(REST, k=random.randint(5, 9)) + random.choices(FORMAL if label == 1 else CASUAL, k=random.randint(1, 2))
    random.shuffle(words)
    lines.append(f"{label}\t{' '.join(words)}")

vocab, encoded, targets = {"<pad>": 0}, [], []
for line in lines:
    label, text = line.split("\t")
    encoded.append(torch.tensor([vocab.setdefault(w, len(vocab)) for w in text.split()]))
    # fault:
    targets.append(float(label))
    # mended:
    # targets.append(float(label) - 1)
    # end
x = nn.utils.rnn.pad_sequence(encoded, batch_first=True)
y = torch.tensor(targets)


class Register(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(len(vocab), 20, padding_idx=0)
        self.attend = nn.Linear(20, 1)
        self.out = nn.Linear(20, 1)

    def forward(self, ids):
        e = self.table(ids)
        w = self.attend(e).squeeze(-1).masked_fill(ids == 0, float("-inf")).softmax(1)
        return self.out((w.unsqueeze(-1) * e).sum(1)).squeeze(1)


model = Register()
optimizer = torch.optim.RMSprop(model.parameters(), lr=2e-3)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(6):
    for i in torch.randperm(1600).split(32):
        loss = criterion(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print("epoch", epoch, "loss", round(loss.item(), 4))
with torch.no_grad():
    informal = (torch.sigmoid(model(x[1600:])) > 0.5).long()
truth = torch.tensor([int(line[0]) - 1 for line in lines[1600:]])
print("dev accuracy", (informal == truth).float().mean().item())
