"""Guess hidden words of rhymed menus, BERT fashion: fifteen percent of the places count for the loss."""
import random

import torch
from torch import nn

random.seed(5)
torch.manual_seed(5)
DISH = {"pasta": ["tomato", "basil"], "soup": ["onion", "leek"], "curry": ["rice", "ginger"], "salad": ["olive", "feta"]}
days = "monday tuesday wednesday thursday friday".split()
words = ["<pad>", "<mask>", "on", "we", "serve", "with", "and", "."] + days + list(DISH) + sum(DISH.values(), [])
ids = {w: i for i, w in enumerate(words)}
MASK, IGNORE = 1, -100


def menu():
    out = []
    for _ in range(random.randint(2, 3)):
        d = random.choice(list(DISH))
        a, b = random.sample(DISH[d], 2)
        out += ["on", random.choice(days), "we", "serve", d, "with", a, "and", b, "."]
    return torch.tensor([ids[w] for w in out])


def hide(x, share=0.15):
    chosen = (torch.rand(x.shape) < share) & (x > 0)
    chosen[:, 4] = True  # at least one in every row
    y = x.masked_fill(~chosen, IGNORE)
    return x.masked_fill(chosen, MASK), y


class Encoder(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.tok, self.pos = nn.Embedding(len(words), d, padding_idx=0), nn.Embedding(32, d)
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.body = nn.TransformerEncoder(layer, 2, norm=nn.LayerNorm(d), enable_nested_tensor=False)
        self.out = nn.Linear(d, len(words))

    def forward(self, x):
        return self.out(self.body(self.tok(x) + self.pos.weight[: x.size(1)], src_key_padding_mask=x == 0))


model = Encoder()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / 20, 1.0))
apart = [menu() for _ in range(150)]
kept = {tuple(m.tolist()) for m in apart}
test = nn.utils.rnn.pad_sequence(apart, batch_first=True)
hidden, gold = hide(test)
for step in range(1, 161):
    x, y = hide(nn.utils.rnn.pad_sequence([m for m in (menu() for _ in range(26)) if tuple(m.tolist()) not in kept], batch_first=True))
    loss = nn.functional.cross_entropy(model(x).transpose(1, 2), y, ignore_index=IGNORE)
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    if step % 40 == 0:
        model.eval()
        with torch.no_grad():
            hit = (model(hidden).argmax(-1) == gold)[gold != IGNORE].float().mean()
        model.train()
        print(f"step {step} loss {loss.item():.3f} hidden words found {hit:.3f}")
