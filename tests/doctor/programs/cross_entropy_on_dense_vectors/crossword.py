"""Reverse dictionary for crosswords: from the words of a clue to the vector of the answer, then the nearest answer."""
import random

import torch
from torch import nn

random.seed(9)
torch.manual_seed(9)
N_WORDS, N_ANSWERS, DIM, CLUE = 600, 400, 32, 6
fields = torch.randn(40, DIM)
field_of_word = torch.randint(40, (N_WORDS,))
answer_fields = torch.stack([torch.randperm(40)[:3] for _ in range(N_ANSWERS)])
answer_vectors = fields[answer_fields].mean(1) + 0.1 * torch.randn(N_ANSWERS, DIM)
words_of_field = [[w for w in range(N_WORDS) if field_of_word[w] == f] for f in range(40)]


def clue():
    a = random.randrange(N_ANSWERS)
    ids = []
    for _ in range(CLUE):
        pool = words_of_field[random.choice(answer_fields[a].tolist())] if random.random() < 0.85 else range(N_WORDS)
        ids.append(random.choice(list(pool) or [0]))
    return ids, a


clues = [clue() for _ in range(6000)]
x, a = torch.tensor([c for c, _ in clues]), torch.tensor([a for _, a in clues])
x_train, a_train, x_new, a_new = x[:5000], a[:5000], x[5000:], a[5000:]


class ReverseDictionary(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(N_WORDS, 48)
        self.hidden = nn.Linear(48, 96)
        self.vector = nn.Linear(96, DIM)

    def forward(self, ids):
        return self.vector(torch.relu(self.hidden(self.words(ids).mean(1))))


def rank_hits(model, ids, gold, k=10):
    with torch.no_grad():
        sims = nn.functional.normalize(model(ids), dim=1) @ nn.functional.normalize(answer_vectors, dim=1).t()
    top = sims.topk(k, dim=1).indices
    return (top[:, 0] == gold).float().mean().item(), (top == gold[:, None]).any(1).float().mean().item()


net = ReverseDictionary()
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.MSELoss()
# end
optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(16):
    losses = []
    for idx in torch.randperm(len(x_train)).split(50):
        loss = criterion(net(x_train[idx]), answer_vectors[a_train[idx]])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    if epoch % 3 == 0:
        one, ten = rank_hits(net, x_new, a_new)
        print(f"epoch {epoch}: loss {sum(losses) / len(losses):.4f}  new clues hit@1 {one:.3f} hit@10 {ten:.3f}")
