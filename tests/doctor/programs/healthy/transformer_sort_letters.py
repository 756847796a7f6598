"""Sorting a word's letters with a Transformer encoder: every output position is predicted at once, so attention
looks both ways on purpose (non-autoregressive)."""
import torch
from torch import nn

torch.manual_seed(0)
gen = torch.Generator().manual_seed(1)
ALPHABET, PAD, MAXLEN = 10, 0, 7


def make(n):
    lengths = torch.randint(3, MAXLEN + 1, (n,), generator=gen)
    x = torch.randint(1, ALPHABET + 1, (n, MAXLEN), generator=gen)
    x[torch.arange(MAXLEN) >= lengths[:, None]] = PAD
    key = x.masked_fill(x == PAD, ALPHABET + 1).sort(dim=1).values
    return x, key.masked_fill(key == ALPHABET + 1, PAD)


class Sorter(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.tok = nn.Embedding(ALPHABET + 1, d, padding_idx=PAD)
        self.pos = nn.Parameter(torch.randn(MAXLEN, d) * 0.5)
        layer = nn.TransformerEncoderLayer(d, 4, 96, dropout=0.0, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.out = nn.Linear(d, ALPHABET + 1)

    def forward(self, x):
        return self.out(self.enc(self.tok(x) + self.pos, src_key_padding_mask=x == PAD))


x, y = make(6000)
xt, yt = make(500)
known = {tuple(r) for r in x.tolist()}
fresh = torch.tensor([tuple(r) not in known for r in xt.tolist()])
xt, yt = xt[fresh], yt[fresh]
model = Sorter()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3)
steps_per_epoch, epochs = 6000 // 64, 4
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 4e-3, total_steps=epochs * (steps_per_epoch + 1))
ce = nn.CrossEntropyLoss(ignore_index=PAD)
for ep in range(epochs):
    model.train()
    loss_sum = 0.0
    for b in torch.randperm(len(x)).split(64):
        loss = ce(model(x[b]).flatten(0, 1), y[b].flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        loss_sum += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        ok = (model(xt).argmax(-1) == yt) | (yt == PAD)
    letters = ok[yt != PAD].float().mean().item()
    print(f"epoch {ep + 1}  loss {loss_sum / len(x):.3f}  unseen words: letters {letters:.3f}, whole words {ok.all(1).float().mean().item():.3f}")
