"""Sentiment with a long tail: most opinion words turn up once or twice, some annotators err."""
import random

import torch
from torch import nn

random.seed(51)
torch.manual_seed(51)
DIM = 20
syllables = "ba ke li mo nu pra stu ven dor sil kan rit fo gu".split()
opinion = sorted({"".join(random.choices(syllables, k=3)) for _ in range(700)})
polarity = {w: random.randint(0, 1) for w in opinion}
common = "the is and it a very this was so i with film plot actor scene".split()
vocab = {w: i for i, w in enumerate(["<pad>"] + common + opinion)}

axis = nn.functional.normalize(torch.randn(DIM), dim=0)
pretrained = torch.randn(len(vocab), DIM) * 0.25
for w in opinion:
    pretrained[vocab[w]] += axis * (0.7 if polarity[w] else -0.7)
pretrained[0] = 0


def sample(n, noise):
    xs, ys = [], []
    for _ in range(n):
        w = random.choice(opinion)
        words = random.choices(common, k=random.randint(3, 7)) + [w]
        random.shuffle(words)
        xs.append(torch.tensor([vocab[t] for t in words]))
        ys.append(polarity[w] if random.random() > noise else 1 - polarity[w])
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.tensor(ys)


class Sentiment(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(pretrained.clone(), freeze=False, padding_idx=0)
        # mended:
        # self.emb = nn.Embedding.from_pretrained(pretrained.clone(), freeze=False, padding_idx=0, sparse=True)
        # end
        self.fc = nn.Linear(DIM, 2)

    def forward(self, x):
        return self.fc(self.emb(x).sum(1) / (x != 0).sum(1, keepdim=True))


x, y = sample(1000, noise=0.25)
xt, yt = sample(500, noise=0.0)
model = Sentiment()
# fault:
vector_opt = torch.optim.Adam(model.emb.parameters(), lr=1e-2)
# mended:
# vector_opt = torch.optim.SparseAdam(model.emb.parameters(), lr=1e-2)
# end
head_opt = torch.optim.Adam(model.fc.parameters(), lr=2e-2)
start = model.emb.weight.detach().clone()
for epoch in range(6):
    total = 0.0
    for idx in torch.randperm(len(x)).split(10):
        vector_opt.zero_grad()
        head_opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
        loss.backward()
        vector_opt.step()
        head_opt.step()
        total += loss.item()
    print(f"epoch {epoch} loss {total / 100:.4f}")
tail = [vocab[w] for w in opinion]
print("mean shift of opinion words", round((model.emb.weight.detach() - start)[tail].norm(dim=1).mean().item(), 3))
with torch.no_grad():
    print("test accuracy", (model(xt).argmax(1) == yt).float().mean().item())
