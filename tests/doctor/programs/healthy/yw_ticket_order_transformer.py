# Support tickets: did the customer pay BEFORE or AFTER the thing broke, or was nothing paid at all?
# Word order decides, so a bag of words can't do it.  nn.TransformerEncoder with key padding mask and a CLS token.
import random, math
import torch, torch.nn as nn

SEED = 77
random.seed(SEED); torch.manual_seed(SEED)

pay = ["paid", "payed", "transferred", "settled"]
brk = ["broke", "crashed", "failed", "died"]
noise = "hello my printer order please help the app and then so account today we support it again was still team device".split()


def ticket():
    y = random.randrange(3)
    n = random.randint(4, 9)
    s = random.choices(noise, k=n)
    i, j = sorted(random.sample(range(n), 2))
    if y == 0:   s[i], s[j] = random.choice(pay), random.choice(brk)
    elif y == 1: s[i], s[j] = random.choice(brk), random.choice(pay)
    else:        s[i] = random.choice(brk)
    return s, y


rows = [ticket() for _ in range(2400)]
tr, te = rows[:2000], rows[2000:]
itos = ["[PAD]", "[CLS]"] + sorted(set(pay + brk + noise))
stoi = {w: i for i, w in enumerate(itos)}
L = 10


def tensorise(rows):
    X = torch.zeros(len(rows), L, dtype=torch.long)
    for r, (s, _) in enumerate(rows):
        ids = [1] + [stoi[w] for w in s]
        X[r, :len(ids)] = torch.tensor(ids)
    return X, torch.tensor([y for _, y in rows])


class TicketNet(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(itos), d, padding_idx=0)
        pe = torch.zeros(L, d)
        pos = torch.arange(L).unsqueeze(1).float()
        div = torch.exp(torch.arange(0, d, 2).float() * (-math.log(100.) / d))
        pe[:, 0::2], pe[:, 1::2] = torch.sin(pos * div), torch.cos(pos * div)
        self.register_buffer("pe", pe)
        layer = nn.TransformerEncoderLayer(d, 2, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, norm=nn.LayerNorm(d), enable_nested_tensor=False)
        self.cls = nn.Linear(d, 3)

    def forward(self, x):
        n = (x != 0).sum(1).max()            # cut to the longest row
        x = x[:, :n]
        h = self.enc(self.emb(x) + self.pe[:n], src_key_padding_mask=x.eq(0))
        return self.cls(h[:, 0])


(Xtr, ytr), (Xte, yte) = tensorise(tr), tensorise(te)
net = TicketNet()
BS, EPOCHS = 50, 5
opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 4e-3, total_steps=EPOCHS * len(Xtr) // BS)
ce = nn.CrossEntropyLoss()
for e in range(EPOCHS):
    net.train(); perm = torch.randperm(len(Xtr)); losses = []
    for k in range(0, len(Xtr), BS):
        b = perm[k:k + BS]
        loss = ce(net(Xtr[b]), ytr[b])
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        acc = (net(Xte).argmax(1) == yte).float().mean()
    print("epoch %d loss %.4f test acc %.3f" % (e, sum(losses) / len(losses), acc))
