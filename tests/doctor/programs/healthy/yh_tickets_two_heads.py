# Two tasks from one text CNN: which product a support mail is about, and how urgent it is (a real number).
# The two losses are balanced by learned log-variances (Kendall et al. 2018), so the sum may well go below zero.
import random
import torch
from torch import nn
import torch.nn.functional as F

random.seed(8)
torch.manual_seed(8)
PRODUCTS = {
    "printer": "toner paper tray jam cartridge scanner duplex streaks".split(),
    "router": "wifi signal cable lan firmware antenna password lights".split(),
    "laptop": "battery screen keyboard fan charger hinge trackpad boot".split(),
    "phone": "sim speaker ringtone camera microphone contacts roaming case".split(),
    "invoice": "payment refund amount tax charged receipt discount billing".split(),
}
CALM = "whenever sometime maybe curious wondering eventually minor slightly".split()
HOT = "urgent immediately asap furious broken deadline critical today".split()
FILL = ("the a my our this that is was has been with after before since and but when i we you it they please could would "
        "hello dear team thanks regards office home new old again still again really because just bought last week month "
        "tried asked told customer number order model version about from to for of in on at not very quite some other").split()


def mail():
    kind = random.randrange(5)
    words = random.choices(FILL, k=random.randint(8, 22))
    words += random.choices(list(PRODUCTS.values())[kind], k=random.randint(2, 4))
    if random.random() < .35:      # a word of another product strays in
        words.append(random.choice(random.choice(list(PRODUCTS.values()))))
    hot, calm = random.randint(0, 3), random.randint(0, 3)
    words += random.choices(HOT, k=hot) + random.choices(CALM, k=calm)
    random.shuffle(words)
    return words, kind, 0.5 * hot - 0.4 * calm + random.gauss(0, 0.15)


mails = [mail() for _ in range(2600)]
itos = ["<pad>"] + sorted({w for m in mails for w in m[0]})
stoi = {w: i for i, w in enumerate(itos)}
L = max(len(m[0]) for m in mails)
X = torch.zeros(len(mails), L, dtype=torch.long)
for n, (ws, _, _) in enumerate(mails):
    X[n, :len(ws)] = torch.tensor([stoi[w] for w in ws])
K = torch.tensor([m[1] for m in mails])
U = torch.tensor([m[2] for m in mails])
tr, te = slice(0, 2100), slice(2100, None)


class Shared(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(itos), 24, padding_idx=0)
        self.c = nn.Conv1d(24, 48, 3, padding=1)
        self.kind, self.urgent = nn.Linear(48, 5), nn.Linear(48, 1)
        self.s = nn.Parameter(torch.zeros(2))

    def forward(self, x):
        mask = (x > 0).unsqueeze(1)
        h = F.relu(self.c(self.e(x).transpose(1, 2))) * mask
        h = h.sum(2) / mask.sum(2) * 4
        return self.kind(h), self.urgent(h).squeeze(-1)


net = Shared()
optim = torch.optim.Adam(net.parameters(), lr=6e-3)
sched = torch.optim.lr_scheduler.StepLR(optim, 5, 0.2)
for ep in range(1, 8):
    net.train()
    acc_loss = [0., 0., 0.]
    perm = torch.randperm(2100)
    for idx in perm.split(50):
        k, u = net(X[idx])
        l1, l2 = F.cross_entropy(k, K[idx]), F.mse_loss(u, U[idx])
        loss = torch.exp(-net.s[0]) * l1 + net.s[0] / 2 + torch.exp(-net.s[1]) * l2 / 2 + net.s[1] / 2
        optim.zero_grad()
        loss.backward()
        optim.step()
        for j, v in enumerate((loss, l1, l2)):
            acc_loss[j] += v.item() * len(idx) / 2100
    sched.step()
    net.eval()
    with torch.no_grad():
        k, u = net(X[te])
    r2 = 1 - ((u - U[te]) ** 2).sum() / ((U[te] - U[tr].mean()) ** 2).sum()
    print("ep %d total %.3f (ce %.3f mse %.3f) | test product acc %.3f urgency R2 %.3f" %
          (ep, *acc_loss, (k.argmax(1) == K[te]).float().mean(), r2))
