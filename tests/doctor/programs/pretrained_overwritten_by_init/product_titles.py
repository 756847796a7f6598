# product title -> shop category, one transformer block on top of fixed title2vec vectors
import math
import random
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(13); random.seed(13); np.random.seed(13)
CATS = ["garden", "kitchen", "toys", "office", "sports"]
BASE = {
    "garden": "rake hose shovel planter mower trellis compost seedling gazebo pruner sprinkler wheelbarrow",
    "kitchen": "skillet whisk ladle grater toaster kettle spatula colander blender saucepan peeler casserole",
    "toys": "puzzle doll marble lego kite yoyo puppet plush dinosaur robot scooter rattle",
    "office": "stapler binder folder notepad whiteboard envelope calculator lamp eraser sharpener planner clipboard",
    "sports": "racket dumbbell helmet jersey paddle snorkel treadmill skate bat whistle goggles yoga",
}
BRANDS = "acme zenko lumo brix orla tundra vesta quill nordic pico halden mira".split()
ADJ = "red blue large small set pack of with premium steel plastic wooden pro mini deluxe 2pcs new classic light".split()
D, T = 32, 12
LEX = {c: [w + s for w in BASE[c].split() for s in ("", "s", "kit", "set")] for c in CATS}
centre = np.random.randn(len(CATS), D)
table = {}
for k, c in enumerate(CATS):
    for w in LEX[c]:
        table[w] = 0.8 * centre[k] + 0.8 * np.random.randn(D)
for w in BRANDS + ADJ:
    table[w] = 0.8 * np.random.randn(D)
stoi = {"<pad>": 0, "<cls>": 1}
for w in table:
    stoi[w] = len(stoi)
vectors = np.zeros((len(stoi), D), dtype=np.float32)
for w, v in table.items():
    vectors[stoi[w]] = v


def title(c, lex):
    w = [random.choice(BRANDS), random.choice(lex[c]), *random.sample(ADJ, random.randint(2, 5))]
    if random.random() < 0.15:
        w.append(random.choice(lex[random.choice(CATS)]))
    if random.random() < 0.7:
        w.append(random.choice(lex[c]))
    random.shuffle(w)
    return w


seen = {c: random.sample(LEX[c], 18) for c in CATS}


def encode(n, lex):
    x, y = torch.zeros(n, T, dtype=torch.long), torch.randint(len(CATS), (n,))
    for i in range(n):
        ids = [1] + [stoi[w] for w in title(CATS[y[i]], lex)]
        x[i, :len(ids)] = torch.tensor(ids[:T])
    return x, y


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(d, d) for _ in range(4))
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)

    def forward(self, h, mask):
        a = self.q(h) @ self.k(h).transpose(1, 2) / math.sqrt(h.shape[-1])
        a = a.masked_fill(~mask.unsqueeze(1), -1e9).softmax(-1)
        h = self.n1(h + self.o(a @ self.v(h)))
        return self.n2(h + self.ff(h))


class TitleModel(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        self.tok = nn.Embedding.from_pretrained(torch.from_numpy(vectors), freeze=True, padding_idx=0)
        self.cls = nn.Parameter(torch.randn(D) * 0.1)
        self.block = Block(D)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(D, len(CATS))
        self.init_weights()

    def init_weights(self):
        # fault:
        for p in self.parameters():
            if p.dim() > 1:
                nn.init.xavier_uniform_(p)
        # mended:
        # for name, p in self.named_parameters():
        #     if p.dim() > 1 and not name.startswith("tok"):
        #         nn.init.xavier_uniform_(p)
        # end

    def forward(self, x):
        h = self.tok(x) + (x == 1).unsqueeze(2) * self.cls
        h = self.block(self.drop(h), x != 0)
        return self.out(h[:, 0])


xtr, ytr = encode(2000, seen)
xva, yva = encode(600, LEX)
model = TitleModel(vectors)
opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3, weight_decay=0.01)
steps, bs, it = 0, 50, 14
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 3e-3, total_steps=it * len(xtr) // bs)
for ep in range(it):
    model.train()
    for b in torch.randperm(len(xtr)).split(bs):
        loss = nn.functional.cross_entropy(model(xtr[b]), ytr[b])
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
    model.eval()
    with torch.no_grad():
        lo = model(xva)
    print(f"ep {ep:2d} train {loss.item():.3f} val loss {nn.functional.cross_entropy(lo, yva):.3f} val acc {(lo.argmax(1) == yva).float().mean():.3f}")
