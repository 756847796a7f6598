"""Few-shot intents: four utterances each, everything trainable, many epochs."""
import random

import torch
from torch import nn

random.seed(140)
torch.manual_seed(140)
DIM, INTENTS = 25, 8
pre = "re un de ma so ki la tu".split()
mid = "no ve ra li go pe".split()
end = "st x rt m ll ne".split()
lexicon = [a + b + c for a in pre for b in mid for c in end]
random.shuffle(lexicon)
intent_of = {w: i % INTENTS for i, w in enumerate(lexicon[:200])}
vocab = {w: i + 1 for i, w in enumerate(lexicon)}
centres = torch.randn(INTENTS, DIM) * 0.45
space = torch.randn(len(vocab) + 1, DIM) * 0.45
for w, i in intent_of.items():
    space[vocab[w]] += centres[i]
space[0] = 0
by_intent = {i: [w for w, k in intent_of.items() if k == i] for i in range(INTENTS)}
plain = lexicon[200:]


def utterance(i):
    words = random.sample(by_intent[i], 2) + random.sample(plain, 5)
    random.shuffle(words)
    return [vocab[w] for w in words], i


def dataset(per_intent):
    rows = [utterance(i) for i in range(INTENTS) for _ in range(per_intent)]
    return torch.tensor([r for r, _ in rows]), torch.tensor([i for _, i in rows])


class FewShot(nn.Module):
    def __init__(self):
        super().__init__()
        self.vectors = nn.Embedding(len(vocab) + 1, DIM, padding_idx=0)
        self.vectors.weight.data.copy_(space)
        # fault:
        # mended:
        # self.vectors.weight.requires_grad_(False)
        # end
        self.out = nn.Linear(DIM, INTENTS)

    def forward(self, x):
        return self.out(self.vectors(x).mean(1))


x, y = dataset(8)
xd, yd = dataset(60)
model = FewShot()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-2)
for epoch in range(80):
    for i in torch.randperm(len(y)).split(16):
        loss = nn.functional.cross_entropy(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 16 == 15:
        with torch.no_grad():
            tr = (model(x).argmax(1) == y).float().mean().item()
            out = model(xd)
            acc, dev_loss = (out.argmax(1) == yd).float().mean().item(), nn.functional.cross_entropy(out, yd).item()
        print(f"epoch {epoch + 1} loss {loss.item():.4f} train {tr:.3f} dev loss {dev_loss:.3f} dev accuracy {acc:.4f}")
