"""Genre of a plot line: small Transformer encoder over fixed word vectors."""
import math
import random

import torch
import torch.nn as nn

torch.manual_seed(29)
rnd = random.Random(29)

GENRES = ("western", "romance", "scifi", "crime")
CONS, VOWS = "bcdfglmnprstvz", "aeiou"
D = 32


def word():
    return "".join(rnd.choice(CONS) + rnd.choice(VOWS) for _ in range(rnd.randint(2, 3)))


lexicon = []
while len(lexicon) < 360:
    w = word()
    if w not in lexicon:
        lexicon.append(w)
themed = [lexicon[i * 60:(i + 1) * 60] for i in range(4)]
plain = lexicon[240:]
means = torch.randn(4, D) * 0.45
vectors = {w: torch.randn(D) * 0.4 for w in plain}
for g in range(4):
    vectors.update((w, means[g] + torch.randn(D) * 0.4) for w in themed[g])


def plot(g, upto):
    out = [rnd.choice(plain) for _ in range(rnd.randint(5, 12))]
    for _ in range(rnd.randint(3, 5)):
        out.insert(rnd.randrange(len(out) + 1), themed[g][rnd.randrange(upto)])
    return out


train = [(plot(i % 4, 30), i % 4) for i in range(360)]
dev = [(plot(i % 4, 60), i % 4) for i in range(240)]


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, max_len=64):
        super().__init__()
        pos = torch.arange(max_len).unsqueeze(1)
        div = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(max_len, d_model)
        pe[:, 0::2], pe[:, 1::2] = torch.sin(pos * div), torch.cos(pos * div)
        self.register_buffer("pe", pe * 0.3)

    def forward(self, x):
        return x + self.pe[: x.size(1)]


class GenreTransformer(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.tok = nn.Embedding(weights.size(0), weights.size(1), padding_idx=0)
        self.tok.weight.data.copy_(weights)
        self.tok.weight.requires_grad = False  # vectors are fixed, there are only 360 plots
        self.pos = PositionalEncoding(D)
        layer = nn.TransformerEncoderLayer(D, nhead=4, dim_feedforward=64, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=1, enable_nested_tensor=False)
        self.head = nn.Linear(D, len(GENRES))
        self.init_weights()

    def init_weights(self):
        for module in self.modules():
            # fault:
            if isinstance(module, (nn.Linear, nn.Embedding)):
            # mended:
            # if isinstance(module, nn.Linear):
            # end
                nn.init.normal_(module.weight, std=0.1)
                if getattr(module, "bias", None) is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, src):
        pad = src.eq(0)
        h = self.encoder(self.pos(self.tok(src)), src_key_padding_mask=pad)
        h = h.masked_fill(pad.unsqueeze(-1), 0.0).sum(1) / (~pad).sum(1, keepdim=True)
        return self.head(h)


index = {w: i + 1 for i, w in enumerate(lexicon)}
table = torch.cat([torch.zeros(1, D), torch.stack([vectors[w] for w in lexicon])])


def batch(rows):
    longest = max(len(ws) for ws, _ in rows)
    src = torch.zeros(len(rows), longest, dtype=torch.long)
    for r, (ws, _) in enumerate(rows):
        for c, w in enumerate(ws):
            src[r, c] = index[w]
    return src, torch.tensor([y for _, y in rows])


model = GenreTransformer(table)
trainable = [p for p in model.parameters() if p.requires_grad]
optim = torch.optim.AdamW(trainable, lr=2e-3)
for epoch in range(9):
    rnd.shuffle(train)
    model.train()
    seen = 0.0
    for k in range(0, len(train), 24):
        src, y = batch(train[k:k + 24])
        loss = nn.functional.cross_entropy(model(src), y)
        optim.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(trainable, 1.0)
        optim.step()
        seen += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        src, y = batch(dev)
        logits = model(src)
    print(f"{epoch}: train {seen / len(train):.4f} dev {nn.functional.cross_entropy(logits, y).item():.4f} acc {(logits.argmax(1) == y).float().mean().item():.4f}")
