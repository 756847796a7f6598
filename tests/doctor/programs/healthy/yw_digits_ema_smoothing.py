"""sklearn digits, small conv net, label smoothing, averaged weights for the evaluation."""
import copy
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
Xtr, Xte, ytr, yte = train_test_split(X / 16.0, y, test_size=0.25, random_state=0, stratify=y)
as_img = lambda a: torch.tensor(a, dtype=torch.float32).reshape(-1, 1, 8, 8)
Xtr, Xte, ytr, yte = as_img(Xtr), as_img(Xte), torch.tensor(ytr), torch.tensor(yte)

net = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1, bias=False), nn.BatchNorm2d(12), nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(12, 24, 3, padding=1, bias=False), nn.BatchNorm2d(24), nn.ReLU(),
    nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(96, 10),
)
shadow = copy.deepcopy(net).eval()
for p in shadow.parameters():
    p.requires_grad_(False)


@torch.no_grad()
def follow(decay):
    for a, b in zip(shadow.state_dict().values(), net.state_dict().values()):
        if a.dtype.is_floating_point:
            a.lerp_(b, 1 - decay)
        else:
            a.copy_(b)


EPOCHS, BATCH = 8, 64
decay_rows = [p for p in net.parameters() if p.ndim > 1]
plain_rows = [p for p in net.parameters() if p.ndim <= 1]
opt = torch.optim.SGD([{"params": decay_rows, "weight_decay": 5e-4}, {"params": plain_rows}], lr=0.1, momentum=0.9)
steps = EPOCHS * -(-len(ytr) // BATCH)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.2, total_steps=steps)
crit = nn.CrossEntropyLoss(label_smoothing=0.1)      # floor of this loss is about 0.5, not 0

for epoch in range(EPOCHS):
    net.train()
    run = 0.0
    for i in torch.randperm(len(ytr)).split(BATCH):
        loss = crit(net(Xtr[i]), ytr[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        follow(0.9)
        run += loss.item() * len(i)
    net.eval()
    with torch.no_grad():
        acc = [(m(Xte).argmax(1) == yte).float().mean().item() for m in (net, shadow)]
        acc_tr = (shadow(Xtr).argmax(1) == ytr).float().mean().item()
    print(f"epoch {epoch}: loss {run / len(ytr):.3f}  test raw {acc[0]:.3f}  averaged {acc[1]:.3f} (train {acc_tr:.3f})")
