# Soft mixture of experts (Jacobs, Jordan, Nowlan & Hinton 1991), each expert one linear map. An instruction word says
# which of four hidden transformations is applied to the input; several words mean the same transformation.
import copy
import torch
import torch.nn as nn
import torch.nn.functional as F

gen = torch.Generator().manual_seed(11)
torch.manual_seed(11)

D_IN, D_OUT, N_OPS, SYNONYMS = 8, 3, 4, 5
true_maps = torch.randn(N_OPS, D_OUT, D_IN, generator=gen) / D_IN ** 0.5


def sample(n):
    word = torch.randint(0, N_OPS * SYNONYMS, (n,), generator=gen)
    x = torch.randn(n, D_IN, generator=gen)
    y = torch.einsum("noi,ni->no", true_maps[word % N_OPS], x)
    return word, x, y + 0.1 * torch.randn(n, D_OUT, generator=gen)


class MoE(nn.Module):
    def __init__(self, n_experts=8):
        super().__init__()
        # fault:
        base = nn.Linear(D_IN, D_OUT)
        self.experts = nn.ModuleList(copy.deepcopy(base) for _ in range(n_experts))
        # mended:
        # self.experts = nn.ModuleList(nn.Linear(D_IN, D_OUT) for _ in range(n_experts))
        # end
        self.instr = nn.Embedding(N_OPS * SYNONYMS, 12)
        self.router = nn.Linear(12, n_experts)
        nn.init.zeros_(self.router.weight)  # every expert is asked equally at first
        nn.init.zeros_(self.router.bias)

    def forward(self, word, x):
        gate = F.softmax(self.router(self.instr(word)), dim=-1)
        outs = torch.stack([e(x) for e in self.experts], dim=1)
        return (gate.unsqueeze(-1) * outs).sum(1), gate


train, test = sample(3000), sample(800)
model = MoE()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=1e-4)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=16)


def r2(split):
    model.eval()
    with torch.no_grad():
        pred, gate = model(*split[:2])
        res = ((pred - split[2]) ** 2).sum()
        tot = ((split[2] - split[2].mean(0)) ** 2).sum()
        ent = -(gate * gate.clamp_min(1e-9).log()).sum(1).mean()
    return (1 - res / tot).item(), ent.item()


for step in range(16):
    model.train()
    running = 0.0
    for chunk in torch.randperm(3000).split(100):
        pred, _ = model(train[0][chunk], train[1][chunk])
        loss = F.mse_loss(pred, train[2][chunk])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        running += loss.item()
    scheduler.step()
    if step % 4 == 3:
        score, ent = r2(test)
        print(f"[{step + 1:2d}] mse {running / 30:.4f} | test R2 {score:.3f} | gate entropy {ent:.3f}")
print("train R2 %.3f, test R2 %.3f" % (r2(train)[0], r2(test)[0]))
