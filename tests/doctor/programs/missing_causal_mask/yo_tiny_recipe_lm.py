# A tiny GPT on made-up recipe steps; reports perplexity and how well it goes on from a prefix.
import math, random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(0); torch.manual_seed(0)

dishes = {'soup': ('pot', 'ladle', 'carrots leeks onions lentils celery'.split()),
          'cake': ('tin', 'whisk', 'flour sugar butter eggs almonds'.split()),
          'salad': ('bowl', 'fork', 'lettuce radish cucumber olives feta'.split()),
          'roast': ('oven', 'knife', 'beef potatoes garlic thyme parsnips'.split()),
          'curry': ('wok', 'spoon', 'rice ginger chillies coconut prawns'.split())}
adverbs = 'slowly quickly gently carefully'.split()
times = 'two five ten twenty forty'.split()


def recipe():
    d = random.choice(list(dishes))
    vessel, tool, stuff = dishes[d]
    a, b, c = random.sample(stuff, 3)
    return (f'for the {d} take {a} and {b} , put {a} in the {vessel} , stir {random.choice(adverbs)} with the {tool} , '
            f'add {b} and {c} then wait {random.choice(times)} minutes .').split()


texts = set()
while len(texts) < 1800:
    texts.add(' '.join(recipe()))
texts = [t.split() for t in sorted(texts)]
random.shuffle(texts)
vocab = {w: i for i, w in enumerate(sorted({w for t in texts for w in t}))}
data = torch.tensor([[vocab[w] for w in t] for t in texts])      # every recipe has the same length
train, test = data[:1500], data[1500:]
T = data.size(1)


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.proj = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.mlp = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))
        self.heads = heads

    def forward(self, x):
        B, L, D = x.shape
        q, k, v = self.qkv(self.ln1(x)).view(B, L, 3, self.heads, D // self.heads).permute(2, 0, 3, 1, 4)
        # fault:
        a = F.scaled_dot_product_attention(q, k, v)
        # mended:
        # a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        # end
        x = x + self.proj(a.transpose(1, 2).reshape(B, L, D))
        return x + self.mlp(self.ln2(x))


class GPT(nn.Module):
    def __init__(self, V, d=48, layers=2, heads=4):
        super().__init__()
        self.tok, self.pos = nn.Embedding(V, d), nn.Embedding(T, d)
        nn.init.normal_(self.tok.weight, std=.1); nn.init.normal_(self.pos.weight, std=.1)
        self.blocks = nn.Sequential(*[Block(d, heads) for _ in range(layers)])
        self.ln = nn.LayerNorm(d)
        self.head = nn.Linear(d, V)

    def forward(self, idx):
        h = self.tok(idx) + self.pos.weight[:idx.size(1)]
        return self.head(self.ln(self.blocks(h)))


model = GPT(len(vocab))
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=.01)
EPOCHS, B = 5, 50
total = EPOCHS * len(train) // B
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1, (s + 1) / 15) * (.05 + .95 * .5 * (1 + math.cos(math.pi * s / total))))


def lm_loss(batch):
    return F.cross_entropy(model(batch[:, :-1]).flatten(0, 1), batch[:, 1:].flatten())


@torch.no_grad()
def go_on(rows, prompt=8):
    out = rows[:, :prompt]
    while out.size(1) < T:
        out = torch.cat([out, model(out)[:, -1].argmax(-1, keepdim=True)], 1)
    return out


for epoch in range(EPOCHS):
    model.train()
    run = 0.
    for ids in torch.randperm(len(train)).split(B):
        loss = lm_loss(train[ids])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.)
        opt.step(); sched.step()
        run += loss.item() * len(ids)
    model.eval()
    with torch.no_grad():
        print(f'epoch {epoch} train ppl {math.exp(run / len(train)):.3f} test ppl {math.exp(lm_loss(test).item()):.3f}')
model.eval()
gen = go_on(test)
print('words of the continuation that agree with the held-out recipe: %.3f' % (gen[:, 8:] == test[:, 8:]).float().mean())
inv = sorted(vocab, key=vocab.get)
for row in gen[:3]:
    print('  ', ' '.join(inv[i] for i in row))
