'''
VAE over six-word sentences.  A hidden scene decides which words go together; z should find it again.
Decoder reads only z (all six words at once), so z cannot be bypassed.
Free bits keep the KL from being squeezed in the first epochs.
'''
import random, torch
from torch import nn
from torch.nn import functional as F
random.seed(21); torch.manual_seed(21)

SCENES = dict(
    farm=dict(who='farmer shepherd milkmaid', do='feeds milks counts', what='cows goats hens', where='barn field'),
    sea=dict(who='sailor captain fisher', do='mends hoists coils', what='nets sails ropes', where='harbour deck'),
    court=dict(who='lawyer judge clerk', do='reads signs files', what='letters papers wills', where='office court'),
    kitchen=dict(who='cook baker waiter', do='slices bakes salts', what='loaves pies onions', where='kitchen cellar'),
    stage=dict(who='singer dancer actor', do='learns performs repeats', what='songs waltzes verses', where='theatre studio'))
def sentence():
    s = random.choice(list(SCENES.values()))
    p = lambda k: random.choice(s[k].split())
    return f"{random.choice(['the', 'a'])} {p('who')} {p('do')} {p('what')} {random.choice(['in', 'near'])}_the {p('where')}".split()

corpus = [sentence() for _ in range(3000)]
itos = sorted({w for s in corpus for w in s}); stoi = {w: i for i, w in enumerate(itos)}
data = torch.tensor([[stoi[w] for w in s] for s in corpus])
seen = {tuple(r) for r in data[:2500].tolist()}
train = data[:2500]
fresh = torch.tensor([r for r in data[2500:].tolist() if tuple(r) not in seen])
V, L, Z = len(itos), 6, 10

class TextVAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, 24)
        self.enc = nn.Sequential(nn.Linear(L * 24, 96), nn.ReLU(), nn.Linear(96, 2 * Z))
        self.dec = nn.Sequential(nn.Linear(Z, 96), nn.ReLU(), nn.Linear(96, L * V))
    def encode(self, x):
        return self.enc(self.emb(x).flatten(1)).chunk(2, 1)
    def decode(self, z):
        return self.dec(z).view(-1, L, V)

vae = TextVAE()
optim = torch.optim.Adam(vae.parameters(), lr=4e-3)
BETA, FREE, EPOCHS = 0.25, 0.15, 8
lr = torch.optim.lr_scheduler.OneCycleLR(optim, 6e-3, total_steps=EPOCHS * 50)

def parts(x, noise=True):
    mu, lv = vae.encode(x)
    z = mu + torch.randn_like(mu) * (lv / 2).exp() if noise else mu
    logits = vae.decode(z)
    rec = F.cross_entropy(logits.flatten(0, 1), x.flatten(), reduction='sum') / len(x)
    kl = 0.5 * (mu ** 2 + lv.exp() - lv - 1)
    return rec, kl.mean(0), logits

def consistent(ids):
    """all four content words of one scene?"""
    w = [itos[i] for i in ids]
    return any(w[1] in s['who'] and w[2] in s['do'] and w[3] in s['what'] and w[5] in s['where'] for s in SCENES.values())

for epoch in range(EPOCHS):
    acc = [0., 0.]
    for idx in torch.randperm(len(train)).split(50):
        rec, kl, _ = parts(train[idx])
        loss = rec + BETA * kl.clamp_min(FREE).sum()
        optim.zero_grad(); loss.backward(); optim.step(); lr.step()
        acc[0] += rec.item() / 50; acc[1] += kl.sum().item() / 50
    with torch.no_grad():
        rec, kl, logits = parts(fresh, noise=False)
        right = (logits.argmax(-1) == fresh).float().mean()
        made = vae.decode(torch.randn(300, Z)).argmax(-1).tolist()
    print(f'[{epoch}] rec {acc[0]:.2f} kl {acc[1]:.2f} | unseen sentences: rec {rec:.2f} kl {kl.sum():.2f} words right {right:.3f}'
          f' | prior samples of one scene {sum(map(consistent, made)) / 300:.2f}')
print(' / '.join(' '.join(itos[i] for i in m) for m in made[:3]))
