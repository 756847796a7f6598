"""Tag tokens of one-line code snippets as KEYWORD / NAME / CALL / TYPE / OP.
The same token is a keyword in one language and a plain name in another, so every token also sees a summary of its line."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence

random.seed(2024)
torch.manual_seed(2024)
TAGS = ["KEYWORD", "NAME", "CALL", "TYPE", "OP"]
SHARED = ["match", "type", "range", "fn", "let", "def", "func", "self", "mod", "impl", "print", "len", "in", "from", "go", "pass", "str", "int", "vec", "chan"]
LANGS = ["python", "rust", "go"]
HINTS = {"python": ["elif", "lambda", "yield", "None", "raise"], "rust": ["mut", "&mut", "unwrap", "->", "trait"], "go": ["defer", ":=", "struct{}", "nil", "goroutine"]}
ROLE = {l: {w: random.randrange(5) for w in SHARED} for l in LANGS}
IDENT = [f"v{i}" for i in range(60)]


def snippet():
    lang = random.choice(LANGS)
    toks, tags = [], []
    for _ in range(random.randint(4, 14)):
        r = random.random()
        if r < 0.5:
            w = random.choice(SHARED)
            t = ROLE[lang][w]
        elif r < 0.8:
            w, t = random.choice(IDENT), 1
        else:
            w, t = random.choice(["=", "+", "(", ")", ","]), 4
        toks.append(w)
        tags.append(t)
    for _ in range(random.randint(1, 2)):
        i = random.randint(0, len(toks))
        toks.insert(i, random.choice(HINTS[lang]))
        tags.insert(i, 0)
    return toks, tags


lines = [snippet() for _ in range(2800)]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in lines for w in t}))}


def collate(rows):
    x = pad_sequence([torch.tensor([vocab[w] for w in t]) for t, _ in rows], batch_first=True)
    y = pad_sequence([torch.tensor(g) for _, g in rows], batch_first=True, padding_value=-100)
    return x, y


class LineTagger(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.pre = nn.Linear(d, d)
        self.ff = nn.Sequential(nn.Linear(2 * d, 96), nn.ReLU(), nn.Dropout(0.1), nn.Linear(96, len(TAGS)))

    def forward(self, x):
        h = torch.tanh(self.pre(self.emb(x)))
        keep = (x != 0).unsqueeze(-1).to(h.dtype)
        # fault:
        summary = (h * keep).sum(0, keepdim=True) / keep.sum(0, keepdim=True).clamp(min=1)
        # mended:
        # summary = (h * keep).sum(1, keepdim=True) / keep.sum(1, keepdim=True).clamp(min=1)
        # end
        return self.ff(torch.cat([h, summary.expand_as(h)], dim=-1))


train = torch.utils.data.DataLoader(lines[:2300], batch_size=32, shuffle=True, collate_fn=collate)
valid = torch.utils.data.DataLoader(lines[2300:], batch_size=100, collate_fn=collate)
model = LineTagger()
opt = torch.optim.NAdam(model.parameters(), lr=2e-3)

for epoch in range(9):
    model.train()
    seen = total = 0.0
    for x, y in train:
        loss = F.cross_entropy(model(x).transpose(1, 2), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(x)
        seen += len(x)
    model.eval()
    ok = n = 0
    with torch.no_grad():
        for x, y in valid:
            p = model(x).argmax(-1)
            ok += ((p == y) & (y >= 0)).sum().item()
            n += (y >= 0).sum().item()
    print(f"epoch {epoch:2d} loss {total / seen:.4f} token accuracy {ok / n:.4f}")
