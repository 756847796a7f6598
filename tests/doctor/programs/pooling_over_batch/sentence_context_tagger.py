"""Tag ambiguous words with the help of the whole sentence: word vector and sentence mean side by side."""
import random

import torch
from torch import nn

random.seed(95)
torch.manual_seed(95)
themes = {"river": "water boat fish shore".split(), "money": "loan coin account rate".split()}
ambiguous = "bank current deposit float branch".split()
plain = "the a was near we saw it and some by old".split()
ids = {w: i + 1 for i, w in enumerate(plain + ambiguous + sum(themes.values(), []))}
TAGS = {"O": 0, "river": 1, "money": 2}


def sentence():
    theme = random.choice(list(themes))
    words = random.choices(plain, k=random.randint(4, 9)) + random.sample(themes[theme], 2) + random.sample(ambiguous, random.randint(1, 2))
    random.shuffle(words)
    return torch.tensor([ids[w] for w in words]), torch.tensor([TAGS[theme] if w in ambiguous else 0 for w in words])


def collate(rows):
    x = nn.utils.rnn.pad_sequence([a for a, _ in rows], batch_first=True)
    y = nn.utils.rnn.pad_sequence([b for _, b in rows], batch_first=True, padding_value=-100)
    return x, y


class ContextTagger(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, d, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(2 * d, 32), nn.ReLU(), nn.Linear(32, len(TAGS)))

    def forward(self, x):
        e = self.emb(x)
        # fault:
        context = e.sum(0, keepdim=True) / (x > 0).sum(0).clamp(min=1)[None, :, None]
        # mended:
        # context = e.sum(1, keepdim=True) / (x > 0).sum(1)[:, None, None]
        # end
        return self.mlp(torch.cat([e, context.expand_as(e)], -1))


rows = [sentence() for _ in range(1000)]
train = torch.utils.data.DataLoader(rows[:800], 20, shuffle=True, collate_fn=collate)
test = torch.utils.data.DataLoader(rows[800:], 20, collate_fn=collate)
tagger = ContextTagger()
opt = torch.optim.Adam(tagger.parameters(), lr=4e-3)
for epoch in range(6):
    tagger.train()
    for x, y in train:
        loss = nn.functional.cross_entropy(tagger(x).transpose(1, 2), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    tagger.eval()
    right = total = 0
    with torch.no_grad():
        for x, y in test:
            marked = y > 0
            right += (tagger(x).argmax(-1) == y)[marked].sum().item()
            total += marked.sum().item()
    print(f"epoch {epoch} loss {loss.item():.4f} ambiguous words right {right / total:.3f}")
