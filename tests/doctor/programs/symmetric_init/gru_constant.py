"""Music genre from a list of instruments; all recurrent weights begin at one value."""
import random

import torch
from torch import nn

random.seed(236)
torch.manual_seed(236)
GENRE = {"jazz": "sax trumpet bass brushes".split(), "folk": "banjo fiddle flute whistle".split(), "techno": "synth sampler laser kick".split(), "opera": "tenor soprano harp oboe".split(), "metal": "drums guitar amp scream".split(), "latin": "conga claves maracas bongo".split()}
ANY = "with and some a lot of live then more soft".split()
vocab = {w: i + 1 for i, w in enumerate(ANY + [w for g in GENRE.values() for w in g])}


def track():
    y = random.randrange(6)
    words = random.choices(ANY, k=random.randint(2, 5)) + [random.choice(list(GENRE.values())[y])]
    random.shuffle(words)
    return [vocab[w] for w in words], y


def make(n):
    rows = [track() for _ in range(n)]
    lengths = torch.tensor([len(t) for t, _ in rows])
    return nn.utils.rnn.pad_sequence([torch.tensor(t) for t, _ in rows]), lengths, torch.tensor([y for _, y in rows])


class Genre(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.gru = nn.GRU(16, 32)
        self.out = nn.Linear(32, 6)
        for name, p in self.gru.named_parameters():
            if "weight" in name:
                # fault:
                nn.init.constant_(p, 0.05)
                # mended:
                # nn.init.xavier_uniform_(p)
                # end
            else:
                nn.init.zeros_(p)
        # fault:
        nn.init.constant_(self.out.weight, 0.1)
        # mended:
        # nn.init.xavier_uniform_(self.out.weight)
        # end

    def forward(self, x, n):
        return self.out(self.gru(nn.utils.rnn.pack_padded_sequence(self.emb(x), n, enforce_sorted=False))[1][0])


x, n, y = make(1500)
xd, nd, yd = make(300)
model = Genre()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(6):
    for i in torch.randperm(1500).split(30):
        loss = nn.functional.cross_entropy(model(x[:, i], n[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (model(xd, nd).argmax(1) == yd).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} dev accuracy {acc:.4f}")
