"""Find the contact word of a note: attention in a window of three words to each side, then a mean over the note."""
import random

import torch
from torch import nn

random.seed(53)
torch.manual_seed(53)
lead = {"call": "phone", "ring": "phone", "write": "post", "send": "post", "drop": "visit", "see": "visit"}
classes = ["phone", "post", "visit"]
plain = "the about and for monday our new offer again soon maybe with some in office".split()
ids = {w: i + 1 for i, w in enumerate(list(lead) + plain)}


def note():
    w = random.choice(list(lead))
    t = random.choices(plain, k=random.choice([4, 5, 6, 18]))
    t.insert(random.randrange(len(t)), w)
    return torch.tensor([ids[a] for a in t]), classes.index(lead[w])


class Local(nn.Module):
    def __init__(self, d=32, window=3):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, d, padding_idx=0)
        self.att = nn.MultiheadAttention(d, 4, batch_first=True)
        self.out = nn.Linear(d, len(classes))
        self.window = window

    def forward(self, x):
        pad = x == 0
        place = torch.arange(x.size(1))
        far = (place[:, None] - place[None]).abs() > self.window
        block = far[None] | pad[:, None]  # (B, T, T), True is left out
        # fault:
        # mended:
        # block = block & ~torch.eye(x.size(1), dtype=torch.bool)
        # end
        e = self.emb(x)
        h, _ = self.att(e, e, e, attn_mask=block.repeat_interleave(4, 0))
        h = (e + h).masked_fill(pad[..., None], 0)
        return self.out(h.sum(1) / (~pad).sum(1, keepdim=True))


def collate(rows):
    return nn.utils.rnn.pad_sequence([a for a, _ in rows], batch_first=True), torch.tensor([b for _, b in rows])


rows = [note() for _ in range(1000)]
train = torch.utils.data.DataLoader(rows[:800], 20, shuffle=True, collate_fn=collate)
x, y = collate(rows[800:])
model = Local()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(6):
    for xb, yb in train:
        loss = nn.functional.cross_entropy(model(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(f"epoch {epoch} loss {loss.item():.3f} accuracy {(model(x).argmax(1) == y).float().mean():.3f}")
