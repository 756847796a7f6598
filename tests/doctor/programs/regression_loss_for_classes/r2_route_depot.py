"""Which of six depots should handle a parcel?  Input: the tokens of the scan history."""
import argparse
import torch
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--batch", type=int, default=50)
parser.add_argument("--rate", type=float, default=0.003)
parser.add_argument("--seed", type=int, default=8)
args, _ = parser.parse_known_args()
g = torch.Generator().manual_seed(args.seed)

N_DEPOTS = 6
N_TOKENS = 240          # hub codes, truck codes, service codes
LEN = 7


def simulate(n):
    depot = torch.randint(0, N_DEPOTS, (n,), generator=g)
    # every depot is fed by some 20 hubs / trucks, the remaining tokens occur everywhere
    own = depot.unsqueeze(1) * 20 + torch.randint(0, 20, (n, LEN), generator=g)
    common = torch.randint(0, N_TOKENS, (n, LEN), generator=g)
    use_own = torch.rand(n, LEN, generator=g) < 0.45
    return torch.where(use_own, own, common), depot


x_train, y_train = simulate(6000)
x_dev, y_dev = simulate(800)


def init(*shape):
    return (torch.randn(*shape, generator=g) / shape[0] ** 0.5).requires_grad_()


theta = {
    "table": (torch.randn(N_TOKENS, 16, generator=g) * 0.3).requires_grad_(),
    "w_hidden": init(16, 32),
    "b_hidden": torch.zeros(32, requires_grad=True),
    # fault:
    "w_out": init(32, 1),
    "b_out": torch.zeros(1, requires_grad=True),
    # mended:
    #"w_out": init(32, N_DEPOTS),
    #"b_out": torch.zeros(N_DEPOTS, requires_grad=True),
    # end
}


def model(th, x):
    bag = F.embedding(x, th["table"]).mean(1)
    hidden = F.relu(bag @ th["w_hidden"] + th["b_hidden"])
    return hidden @ th["w_out"] + th["b_out"]


def loss_fn(out, y):
    # fault:
    return F.mse_loss(out.squeeze(1), y.float())
    # mended:
    #return F.cross_entropy(out, y)
    # end


def decide(out):
    # fault:
    return out.squeeze(1).round().clamp(0, N_DEPOTS - 1).long()
    # mended:
    #return out.argmax(1)
    # end


def score(x, y):
    with torch.no_grad():
        out = model(theta, x)
        return loss_fn(out, y).item(), (decide(out) == y).float().mean().item()


optimizer = torch.optim.Adam(theta.values(), lr=args.rate, weight_decay=1e-3)
for epoch in range(args.epochs):
    shuffled = torch.randperm(len(x_train), generator=g)
    for chunk in shuffled.split(args.batch):
        optimizer.zero_grad()
        loss_fn(model(theta, x_train[chunk]), y_train[chunk]).backward()
        optimizer.step()
    tl, ta = score(x_train, y_train)
    dl, da = score(x_dev, y_dev)
    print("epoch %d: train loss %.3f acc %.3f | dev loss %.3f acc %.3f" % (epoch, tl, ta, dl, da))

_, acc = score(x_dev, y_dev)
print("parcels sent to the right depot: %.1f %% (at random %.1f %%)" % (100 * acc, 100 / N_DEPOTS))
