"""Keyword spotting with an SNR curriculum: clean recordings first, then noisier ones; the dev set is
always the full mixture. Depthwise-separable 1-D convolutions over MFCC-like frames."""
import torch
import torch.nn as nn

torch.manual_seed(2)
WORDS = ["yes", "no", "up", "down", "left", "right"]
COEF, FRAMES = 10, 24
smooth = torch.ones(1, 1, 3) / 3
shapes = nn.functional.conv1d(torch.randn(len(WORDS) * COEF, 1, FRAMES // 2 + 2), smooth).view(len(WORDS), COEF, -1)
shapes = 1.8 * shapes


def record(n):
    y = torch.randint(0, len(WORDS), (n,))
    sigma = torch.empty(n).uniform_(0.2, 1.3)
    x = torch.zeros(n, COEF, FRAMES)
    onset = torch.randint(0, FRAMES - shapes.size(2) + 1, (n,))
    for i in range(n):
        x[i, :, onset[i]:onset[i] + shapes.size(2)] = shapes[y[i]]
    return x + sigma[:, None, None] * torch.randn_like(x), y, sigma


train_x, train_y, train_sigma = record(1500)
dev_x, dev_y, dev_sigma = record(400)


def block(cin, cout):
    return nn.Sequential(nn.Conv1d(cin, cin, 5, padding=2, groups=cin, bias=False), nn.Conv1d(cin, cout, 1),
                         nn.BatchNorm1d(cout), nn.ReLU())


net = nn.Sequential(nn.Conv1d(COEF, 24, 3, padding=1), nn.ReLU(), block(24, 32), block(32, 32),
                    nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(32, len(WORDS)))
opt = torch.optim.SGD(net.parameters(), lr=0.08, momentum=0.9, nesterov=True, weight_decay=1e-4)
criterion = nn.CrossEntropyLoss()


def test(x, y):
    net.eval()
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


by_difficulty = train_sigma.argsort()
for epoch, share in enumerate([0.4, 0.7, 1.0, 1.0, 1.0, 1.0, 1.0]):
    allowed = by_difficulty[:int(share * len(by_difficulty))]
    if epoch == 5:
        for group in opt.param_groups:
            group["lr"] = 0.01
    net.train()
    losses = []
    for b in allowed[torch.randperm(len(allowed))].split(30):
        loss = criterion(net(train_x[b]), train_y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print(f"epoch {epoch} ({len(allowed)} clips, sigma up to {train_sigma[allowed].max():.2f}) "
          f"loss {sum(losses) / len(losses):.3f} train {test(train_x, train_y):.3f} dev {test(dev_x, dev_y):.3f}")
