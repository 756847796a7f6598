"""Stars (good / bad) of shop reviews; vectors come from a corpus in treebank tokenisation."""
import random
import re
import tempfile

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(31)
torch.manual_seed(31)

HEAD = "spl gr fl tr cr br dr st pl sk".split()
TAIL = "ondy eam ustic allow iving olent arming etchy unning ippy".split()
adjectives = [h + t for h in HEAD for t in TAIL]
random.shuffle(adjectives)
GOOD, BAD = adjectives[:50], adjectives[50:]
NOUNS = "service parcel box price colour size fabric button zip delivery seller label pocket shirt lamp chair".split()
GLUE = "the is was and very so it really quite too not n't do did".split()
MARKS = [".", "!", ",", "...", ";", "?", ")", "("]

g = torch.Generator().manual_seed(2)
axis = F.normalize(torch.randn(30, generator=g), dim=0)
with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as f:
    for words, sign in ((GOOD, 1.0), (BAD, -1.0), (NOUNS + GLUE + MARKS, 0.0)):
        for w in words:
            v = 0.35 * torch.randn(30, generator=g) + sign * axis
            f.write(w + " " + " ".join(f"{x:.3f}" for x in v.tolist()) + "\n")


def review(y, upto):
    """Running text: marks stick to the word before them."""
    clauses = []
    for _ in range(random.randint(2, 4)):
        adjective = random.choice((BAD, GOOD)[y][:upto])
        clauses.append(f"the {random.choice(NOUNS)} {random.choice(['is', 'was'])} {random.choice(['very ', 'so ', ''])}{adjective}" + random.choice(MARKS[:6]))
    return " ".join(clauses)


train = [(review(i % 2, 22), i % 2) for i in range(280)]
dev = [(review(i % 2, 50), i % 2) for i in range(300)]


def tokenize(text):
    # fault:
    return text.split()
    # mended:
    # return re.findall(r"\w+|\.\.\.|[^\w\s]", text)
    # end


vectors = {}
for line in open(f.name):
    w, *v = line.split()
    vectors[w] = [float(x) for x in v]
mean = [sum(c) / len(vectors) for c in zip(*vectors.values())]
words = sorted(vectors)
tok2id = {w: i for i, w in enumerate(words, start=2)}
table = torch.tensor([[0.0] * 30, mean] + [vectors[w] for w in words])


def numericalize(rows):
    seqs = [torch.tensor([tok2id.get(t, 1) for t in tokenize(text)]) for text, _ in rows]
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True), torch.tensor([y for _, y in rows])


class DAN(nn.Module):
    """Deep averaging network."""

    def __init__(self):
        super().__init__()
        self.E = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.h = nn.Linear(30, 40)
        self.o = nn.Linear(40, 2)

    def forward(self, x):
        m = (x != 0).float()
        avg = torch.bmm(m.unsqueeze(1), self.E(x)).squeeze(1) / m.sum(1, keepdim=True)
        return self.o(F.dropout(torch.relu(self.h(avg)), 0.2, self.training))


X, Y = numericalize(train)
Xd, Yd = numericalize(dev)
dan = DAN()
opt = torch.optim.Adam([*dan.h.parameters(), *dan.o.parameters()], lr=5e-3)
for epoch in range(12):
    dan.train()
    acc_loss, steps = 0.0, 0
    for b in torch.randperm(len(X)).split(28):
        loss = F.cross_entropy(dan(X[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        acc_loss, steps = acc_loss + loss.item(), steps + 1
    dan.eval()
    with torch.no_grad():
        print(f"epoch {epoch} loss {acc_loss / steps:.4f} dev acc {(dan(Xd).argmax(-1) == Yd).float().mean().item():.4f}")
