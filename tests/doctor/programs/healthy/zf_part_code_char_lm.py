"""Character model over part codes, to flag typing errors at goods-in. Input and output share one matrix."""
import math, random, torch
from torch import nn
random.seed(9); torch.manual_seed(9)
CH = "^ABCDEFGHKLMPRST0123456789-"
ix = {c: i for i, c in enumerate(CH)}
def code():
    fam = random.choice(["PMP", "GRB", "MTR", "BLT", "HKS"])
    size = random.choice({"PMP": ["10", "20"], "GRB": ["35", "45"], "MTR": ["50", "60"], "BLT": ["70", "75"], "HKS": ["80", "90"]}[fam])
    n = random.randrange(10, 99)
    return f"{fam}-{size}-{n}{n % 10}-{'A' if fam in ('PMP', 'MTR') else 'B'}"   # repeated check digit
codes = set()
while len(codes) < 800: codes.add(code())
codes = sorted(codes); random.shuffle(codes)
data = torch.tensor([[ix[c] for c in "^" + k] for k in codes])
fit, dev = data[:640], data[640:]
class LM(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.Embedding(len(CH), d)
        nn.init.normal_(self.emb.weight, std=.15)
        self.rnn = nn.GRU(d, d, batch_first=True)
        self.dec = nn.Linear(d, len(CH))
        self.dec.weight = self.emb.weight
    def forward(self, x): return self.dec(self.rnn(self.emb(x))[0])
lm = LM()
opt = torch.optim.AdamW(lm.parameters(), lr=8e-3, weight_decay=.01)
steps = 14 * 20
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1.2e-2, total_steps=steps)
def nll(x): return nn.functional.cross_entropy(lm(x[:, :-1]).transpose(1, 2), x[:, 1:], reduction="none")
for epoch in range(14):
    tot = 0
    for b in torch.randperm(640).split(32):
        loss = nll(fit[b]).mean()
        opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(lm.parameters(), 1.); opt.step(); sched.step()
        tot += loss.item()
    with torch.no_grad(): d = nll(dev).mean().item()
    print(f"epoch {epoch:2d} nll {tot / 20:.3f} dev {d:.3f} ppl {math.exp(d):.2f}")
print("floor about %.3f" % ((math.log(5) + math.log(2) + math.log(89)) / (data.shape[1] - 1)))
with torch.no_grad():
    bad = dev.clone(); bad[:, 10] = (bad[:, 10] - 16 + torch.randint(1, 10, (len(bad),))) % 10 + 16
    print("typing errors with a lower likelihood than the right code: %.3f" % (nll(bad).sum(1) > nll(dev).sum(1)).float().mean())
