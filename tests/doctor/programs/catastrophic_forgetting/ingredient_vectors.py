"""Sweet or savoury: trained on some ingredients, used on all."""
import random

import torch
from torch import nn

random.seed(142)
torch.manual_seed(142)
START, END = "cho ha va su ba pe ol ga cu ro".split(), "cola nilla gar nana pper ive rlic min semary ney".split()
names = [a + b for a in START for b in END]
random.shuffle(names)
sweet = {n: i % 2 for i, n in enumerate(names)}
verbs = "stir add melt chop sprinkle take and the some with a little".split()
vocab = {w: i for i, w in enumerate(verbs + names)}
DIM = 40
axis = torch.randn(DIM) * 0.16
vectors = torch.randn(len(vocab), DIM) * 0.5
for n in names:
    vectors[vocab[n]] += axis if sweet[n] else -axis
train_names, other_names = names[:50], names[50:]


def steps(n, pool):
    x, y = [], []
    for _ in range(n):
        name = random.choice(pool)
        words = random.choices(verbs, k=4) + [name]
        random.shuffle(words)
        x.append([vocab[w] for w in words])
        y.append(float(sweet[name]))
    return torch.tensor(x), torch.tensor(y)


class Taste(nn.Module):
    def __init__(self):
        super().__init__()
        self.word = nn.Embedding.from_pretrained(vectors.clone(), freeze=False)
        self.out = nn.Linear(DIM, 1)

    def forward(self, x):
        return self.out(self.word(x).sum(1)).squeeze(1)


model = Taste()
pre = model.word.weight.detach().clone()
# fault:
opt = torch.optim.Adam([{"params": model.word.parameters(), "lr": 5e-2}, {"params": model.out.parameters(), "lr": 5e-3}])
# mended:
# opt = torch.optim.Adam([{"params": model.word.parameters(), "lr": 5e-5}, {"params": model.out.parameters(), "lr": 5e-3}])
# end
x, y = steps(1200, train_names)
seen, new = steps(300, train_names), steps(300, other_names)
for epoch in range(10):
    for i in torch.randperm(1200).split(30):
        loss = nn.functional.binary_cross_entropy_with_logits(model(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 3 == 0:
        with torch.no_grad():
            a, b = (((model(u) > 0) == (v > 0)).float().mean().item() for u, v in (seen, new))
        print(f"epoch {epoch} loss {loss.item():.4f} trained ingredients {a:.3f} other ingredients {b:.3f}")
with torch.no_grad():
    rows = [vocab[n] for n in train_names]
    print("cosine to the original", torch.cosine_similarity(model.word.weight[rows], pre[rows]).mean().item())
    print("other ingredients", ((model(new[0]) > 0) == (new[1] > 0)).float().mean().item())
