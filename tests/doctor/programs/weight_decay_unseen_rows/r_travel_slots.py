"""Slot filling for a travel assistant: does the tagger know names that the annotators never used?

Embeddings are GloVe, tuned along. Slot values of the test utterances are held out from training.
"""
import gzip, os, random
from dataclasses import dataclass
import torch
from torch import nn

random.seed(5)
torch.manual_seed(5)
data_dir = os.environ["WORDFIT_DATA"]


@dataclass
class Config:
    dim: int = 50
    hidden: int = 32
    lr: float = 2e-3
    lr_embed: float = 2e-3
    epochs: int = 5
    batch: int = 20


cfg = Config()
stoi, rows = {"<pad>": 0}, [[0.0] * cfg.dim]
for line in gzip.open(f"{data_dir}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8"):
    w, *v = line.split()
    stoi[w] = len(stoi)
    rows.append(list(map(float, v)))

# gazetteers, from the analogy questions
gaz, section = {"city": set(), "country": set(), "people": set(), "money": set()}, None
for line in open(f"{data_dir}/wordsim/analogy/questions-words.txt"):
    parts = line.lower().split()
    if parts[0] == ":":
        section = parts[1]
    elif section in ("capital-common-countries", "capital-world"):
        gaz["city"] |= {parts[0], parts[2]}
        gaz["country"] |= {parts[1], parts[3]}
    elif section == "city-in-state":
        gaz["city"] |= {parts[0], parts[2]}
    elif section == "gram6-nationality-adjective":
        gaz["people"] |= {parts[1], parts[3]}
    elif section == "currency":
        gaz["money"] |= {parts[1], parts[3]}
gaz["money"] |= set("dollar euro pound yen franc peso rupee ruble yuan krona dinar mark baht rand lira shilling".split())
gaz["city"] -= gaz["country"]
tags = ["O"] + list(gaz)
known, new = {}, {}
for k in gaz:
    ws = sorted(w for w in gaz[k] if w in stoi)
    random.shuffle(ws)
    cut = max(1, int(0.6 * len(ws)))
    known[k], new[k] = ws[:cut], ws[cut:]
print({k: (len(known[k]), len(new[k])) for k in gaz})

frames = ["tell me about X", "i want to know more about X please", "what is special about X", "show me X",
          "do you have anything on X and X", "is X better than X", "why does everyone talk about X", "X please",
          "my friend likes X more than X", "search for X now"]


def make(n, values):
    out = []
    for _ in range(n):
        toks, labs = [], []
        for t in random.choice(frames).split():
            k = random.choice(tags[1:]) if t == "X" else None
            toks.append(stoi[random.choice(values[k])] if k else stoi[t])
            labs.append(tags.index(k) if k else 0)
        out.append((toks, labs))
    return out


def collate(part):
    T = max(len(t) for t, _ in part)
    x = torch.tensor([t + [0] * (T - len(t)) for t, _ in part])
    y = torch.tensor([l + [-100] * (T - len(l)) for _, l in part])
    return x, y


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(torch.tensor(rows), freeze=False, padding_idx=0)
        self.conv = nn.Conv1d(cfg.dim, cfg.hidden, 3, padding=1)
        self.out = nn.Linear(cfg.dim + cfg.hidden, len(tags))

    def forward(self, x):
        e = self.embed(x)
        c = torch.relu(self.conv(e.transpose(1, 2))).transpose(1, 2)
        return self.out(torch.cat([e, c], -1))


train, test = make(1400, known), make(600, new)
tagger = Tagger()
rest = [p for n, p in tagger.named_parameters() if not n.startswith("embed")]
# fault:
optimizer = torch.optim.Adam([{"params": tagger.embed.parameters(), "lr": cfg.lr_embed}, {"params": rest}],
                             lr=cfg.lr, weight_decay=1e-4)
# mended:
# optimizer = torch.optim.Adam([{"params": tagger.embed.parameters(), "lr": cfg.lr_embed},
#                               {"params": rest, "weight_decay": 1e-4}], lr=cfg.lr)
# end
crit = nn.CrossEntropyLoss()


@torch.no_grad()
def slot_accuracy(data):
    tagger.eval()
    x, y = collate(data)
    hit = (tagger(x).argmax(-1) == y)[y > 0]
    return hit.float().mean().item()


for epoch in range(cfg.epochs):
    tagger.train()
    random.shuffle(train)
    s = 0.0
    for i in range(0, len(train), cfg.batch):
        x, y = collate(train[i:i + cfg.batch])
        loss = crit(tagger(x).transpose(1, 2), y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        s += loss.item() * len(x)
    print(f"epoch {epoch + 1}: loss {s / len(train):.4f}, slots known {slot_accuracy(train[:300]):.3f}, new {slot_accuracy(test):.3f}")
