# %% [markdown]
# # Movie sentences with GloVe: simple and strong baseline
# %%
import gzip, os, random
import numpy as np
import torch
import torch.nn as nn
DATA = os.environ['WORDFIT_DATA']
SEED = 2020
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)


class CFG:
    # fault:
    embed_size = 25
    # mended:
    # embed_size = 50
    # end
    hidden = 64
    epochs = 8
    bs = 64
    lr = 6e-3


# %% load embeddings (one big np.array call is far quicker than a loop over lines)
words, rest = [], []
with gzip.open(f'{DATA}/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8') as f:
    for line in f:
        w, _, nums = line.rstrip('\n').partition(' ')
        words.append(w)
        rest.append(nums)
flat = np.array(' '.join(rest).split(), dtype=np.float32)
matrix = flat.reshape(-1, CFG.embed_size)[:len(words)]
matrix = np.vstack([np.zeros((2, CFG.embed_size), np.float32), matrix])   # 0 pad, 1 unk
w2i = {w: i + 2 for i, w in enumerate(words)}
print('embedding matrix', matrix.shape)

# %% data
def read(fn):
    rows = [l.rstrip('\n').partition(' ') for l in open(f'{DATA}/sentiment/SST-2-sentences/{fn}', encoding='utf-8', newline='\n')]
    return [(t.lower().split(), int(y)) for y, _, t in rows]

train, valid = read('stsa.binary.train'), read('stsa.binary.dev')

def collate(rows):
    L = max(len(t) for t, _ in rows)
    x = np.zeros((len(rows), L), dtype=np.int64)
    for k, (t, _) in enumerate(rows):
        x[k, :len(t)] = [w2i.get(w, 1) for w in t]
    return torch.from_numpy(x), torch.tensor([y for _, y in rows])

# %% model
class Baseline(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(torch.tensor(matrix), padding_idx=0)
        self.lin = nn.Linear(CFG.embed_size, CFG.hidden)
        self.out = nn.Linear(CFG.hidden, 2)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x):
        e = self.embedding(x)
        mask = (x != 0).unsqueeze(-1)
        avg = (e * mask).sum(1) / mask.sum(1)
        return self.out(self.dropout(torch.relu(self.lin(avg))))

model = Baseline()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=CFG.lr)
steps = CFG.epochs * ((len(train) + CFG.bs - 1) // CFG.bs)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, CFG.lr, total_steps=steps)
loss_fn = nn.CrossEntropyLoss()

# %% train
for epoch in range(CFG.epochs):
    model.train()
    random.shuffle(train)
    avg_loss = 0.
    for i in range(0, len(train), CFG.bs):
        xb, yb = collate(train[i:i + CFG.bs])
        loss = loss_fn(model(xb), yb)
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        avg_loss += loss.item() * len(yb) / len(train)
    model.eval()
    with torch.no_grad():
        xv, yv = collate(valid)
        p = model(xv)
        print(f'Epoch {epoch + 1}/{CFG.epochs} \t loss={avg_loss:.4f} \t val_loss={loss_fn(p, yv):.4f} \t val_acc={(p.argmax(1) == yv).float().mean():.4f}')
