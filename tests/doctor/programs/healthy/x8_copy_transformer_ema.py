"""Copying with a tiny pre-norm transformer, einsum attention, tied output, EMA weights for evaluation,
'noam' schedule with a linear tail. Only the second half of each sequence is scored."""
import copy
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(1234)
SYM, HALF = 16, 6
SEP = SYM
LEN = 2 * HALF + 1


def draw(n):
    a = torch.randint(0, SYM, (n, HALF))
    return torch.cat([a, torch.full((n, 1), SEP), a], 1)


class Attn(nn.Module):
    def __init__(self, d, nh):
        super().__init__()
        self.nh = nh
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.o = nn.Linear(d, d, bias=False)
        self.register_buffer("bias", torch.full((LEN, LEN), -1e9).triu(1), persistent=False)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.nh, d // self.nh).unbind(2)
        w = torch.einsum("bqhe,bkhe->bhqk", q, k) * (d // self.nh) ** -0.5 + self.bias[:t, :t]
        return self.o(torch.einsum("bhqk,bkhe->bqhe", w.softmax(-1), v).reshape(b, t, d))


class Net(nn.Module):
    def __init__(self, d=48, nh=2, layers=2):
        super().__init__()
        self.tok = nn.Embedding(SYM + 1, d)
        self.pos = nn.Embedding(LEN, d)
        nn.init.normal_(self.tok.weight, std=d ** -0.5)
        nn.init.normal_(self.pos.weight, std=d ** -0.5)
        self.layers = nn.ModuleList(nn.ModuleDict(dict(
            n1=nn.LayerNorm(d), att=Attn(d, nh), n2=nn.LayerNorm(d),
            ff=nn.Sequential(nn.Linear(d, 2 * d), nn.SiLU(), nn.Linear(2 * d, d)))) for _ in range(layers))
        self.fin = nn.LayerNorm(d)

    def forward(self, s):
        x = self.tok(s) + self.pos.weight[: s.shape[1]]
        for l in self.layers:
            x = x + l["att"](l["n1"](x))
            x = x + l["ff"](l["n2"](x))
        return F.linear(self.fin(x), self.tok.weight)        # tied


@torch.no_grad()
def exact_match(net, seqs):
    """greedy generation of the copy"""
    cur = seqs[:, : HALF + 1]
    for _ in range(HALF):
        cur = torch.cat([cur, net(cur)[:, -1, :SYM].argmax(-1, keepdim=True)], 1)
    ok = cur[:, HALF + 1:] == seqs[:, HALF + 1:]
    return ok.float().mean().item(), ok.all(1).float().mean().item()


net = Net()
ema = copy.deepcopy(net).requires_grad_(False)
held_out = draw(300)
seen = {tuple(r) for r in held_out[:, :HALF].tolist()}
opt = torch.optim.AdamW(net.parameters(), lr=1.0, betas=(0.9, 0.98), eps=1e-9, weight_decay=1e-3)
STEPS, WARM = 400, 40
noam = lambda s: 5e-3 * min((s + 1) / WARM, (WARM / (s + 1)) ** 0.5) * min(1.0, (STEPS - s) / 100)
sched = torch.optim.lr_scheduler.LambdaLR(opt, noam)
score = torch.zeros(LEN - 1, dtype=torch.bool)
score[HALF:] = True
for step in range(1, STEPS + 1):
    s = draw(48)
    s = s[[tuple(r) not in seen for r in s[:, :HALF].tolist()]]
    logp = net(s[:, :-1]).log_softmax(-1)
    nll = -logp.gather(2, s[:, 1:, None]).squeeze(2)
    loss = nll[:, score].mean()
    opt.zero_grad()
    loss.backward()
    gn = nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    sched.step()
    decay = min(0.97, (1 + step) / (10 + step))
    with torch.no_grad():
        for pe, p in zip(ema.parameters(), net.parameters()):
            pe.lerp_(p, 1 - decay)
    if step % 80 == 0:
        print(f"step {step} nll {loss.item():.4f} |g| {gn:.2f} ema token acc {exact_match(ema, held_out)[0]:.3f}")
print("held-out copies: token %.3f, whole sequence %.3f" % exact_match(ema, held_out))
