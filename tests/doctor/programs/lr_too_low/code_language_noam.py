# Which language is this line of code?  Character transformer with the warm-up schedule of "Attention is all you need".
import random
import torch
import torch.nn as nn

random.seed(8)
torch.manual_seed(8)
NAMES = "x y total count items row buf name user idx data result tmp node left right val key".split()


def n():
    return random.choice(NAMES)


def num():
    return str(random.randint(0, 99))


GEN = {
    "python": [lambda: f"for {n()} in {n()}:", lambda: f"def {n()}({n()}, {n()}):", lambda: f"{n()} = {n()}[{num()}]", lambda: f"if {n()} is None:",
               lambda: f"return [{n()} for {n()} in {n()}]"],
    "c": [lambda: f"int {n()} = {num()};", lambda: f"for (int i = 0; i < {n()}; i++) {{", lambda: f"{n()}->{n()} = {n()};", lambda: f"if ({n()} == NULL)",
          lambda: f"return *{n()} + {num()};"],
    "js": [lambda: f"const {n()} = {num()};", lambda: f"let {n()} = ({n()}) => {n()};", lambda: f"{n()}.{n()} = {n()};", lambda: f"if ({n()} === undefined) {{",
           lambda: f"return {n()}.map({n()});"],
    "sql": [lambda: f"select {n()} from {n()};", lambda: f"where {n()} = {num()}", lambda: f"insert into {n()} values ({num()});", lambda: f"order by {n()} desc;",
            lambda: f"left join {n()} on {n()} = {n()}"],
}
LABELS = list(GEN)


def sample(k):
    out = {}
    while len(out) < k:
        y = random.randrange(4)
        line = random.choice(GEN[LABELS[y]])()
        if random.random() < 0.15:
            a = random.randrange(len(line))
            line = line[:a] + line[a + random.randint(2, 5):]
        out[line[:32]] = y
    out = list(out.items())
    random.shuffle(out)
    return out


lines = sample(2100)
train, valid = lines[:1800], lines[1800:]
chars = {c: i + 1 for i, c in enumerate(sorted({c for s, _ in train for c in s}))}


def encode(rows):
    x = torch.zeros(len(rows), 32, dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        x[i, :len(s)] = torch.tensor([chars.get(c, 0) for c in s])
    return x, torch.tensor([y for _, y in rows])


class CharTransformer(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.Embedding(len(chars) + 1, d, padding_idx=0)
        self.pos = nn.Embedding(32, d)
        self.conv = nn.Conv1d(d, d, 3, padding=1)
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.1, batch_first=True)
        self.enc = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.out = nn.Linear(d, 4)

    def forward(self, x):
        pad = x == 0
        h = self.emb(x) + self.pos.weight
        h = torch.relu(self.conv(h.transpose(1, 2))).transpose(1, 2)
        h = self.enc(h, src_key_padding_mask=pad)
        h = h.masked_fill(pad.unsqueeze(-1), 0).sum(1) / (~pad).sum(1, keepdim=True).clamp(min=1)
        return self.out(h)


D_MODEL, WARMUP, EPOCHS, BS = 32, 50, 6, 50
model = CharTransformer(D_MODEL)
# fault:
optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, betas=(0.9, 0.98), eps=1e-9)
# mended:
# optimizer = torch.optim.Adam(model.parameters(), lr=0.15, betas=(0.9, 0.98), eps=1e-9)
# end
scheduler = torch.optim.lr_scheduler.LambdaLR(
    optimizer, lambda s: D_MODEL ** -0.5 * min((s + 1) ** -0.5, (s + 1) * WARMUP ** -1.5))
criterion = nn.CrossEntropyLoss()
X, Y = encode(train)
XV, YV = encode(valid)

for epoch in range(EPOCHS):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(X)).split(BS):
        loss = criterion(model(X[idx]), Y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        total += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        z = model(XV)
    print(f"epoch {epoch + 1}  loss {total / len(X):.4f}  valid loss {criterion(z, YV):.4f}  valid acc {(z.argmax(1) == YV).float().mean():.3f}")
