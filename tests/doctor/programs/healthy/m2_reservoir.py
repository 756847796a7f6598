"""Echo state network over service events.

Input rows and recurrent matrix are drawn once and stay as drawn (that is the point of a reservoir);
only the readout is fitted.  Task: how did the deployment end, given its event stream?"""
import argparse
import random
import torch

ap = argparse.ArgumentParser()
ap.add_argument("--units", type=int, default=160)
ap.add_argument("--radius", type=float, default=0.9)
ap.add_argument("--leak", type=float, default=0.5)
ap.add_argument("--epochs", type=int, default=15)
ap.add_argument("--seed", type=int, default=17)
args = ap.parse_args()
random.seed(args.seed)
torch.manual_seed(args.seed)

EVENTS = "pull build test deploy scale probe_ok probe_fail retry rollback page ack drain cache_hit cache_miss gc".split()
OUTCOMES = ["healthy", "rolled_back", "degraded"]


def stream():
    """the last probe and whether a rollback came after it decide"""
    ev = ["pull", "build", "test", "deploy"]
    ev += random.choices(["scale", "cache_hit", "cache_miss", "gc", "retry", "probe_ok", "probe_fail", "page", "ack"],
                         k=random.randint(3, 9))
    kind = random.randrange(3)
    ev.append("probe_ok" if kind == 0 else "probe_fail")
    ev += random.choices(["cache_hit", "cache_miss", "gc", "ack"], k=random.randint(0, 2))
    if kind == 1:
        ev += ["rollback", "drain"][:random.randint(1, 2)]
    return ev, kind


samples = {}
while len(samples) < 3600:
    e, k = stream()
    samples[" ".join(e)] = k
samples = list(samples.items())
random.shuffle(samples)
lookup = {e: i for i, e in enumerate(EVENTS)}

# --- the fixed part ---------------------------------------------------------
N = args.units
W_in = torch.empty(len(EVENTS), N).uniform_(-.6, .6)
W = torch.randn(N, N) * (torch.rand(N, N) < .1)
W *= args.radius / torch.linalg.eigvals(W).abs().max()


@torch.no_grad()
def echo(ids):
    x = torch.zeros(N)
    for row in W_in[ids]:
        x = (1 - args.leak) * x + args.leak * torch.tanh(row + x @ W)
    return x


states = torch.stack([echo(torch.tensor([lookup[e] for e in s.split()])) for s, _ in samples])
target = torch.tensor([k for _, k in samples])
n = 3000
mu, sd = states[:n].mean(0), states[:n].std(0)
states = (states - mu) / sd
Str, ytr, Sev, yev = states[:n], target[:n], states[n:], target[n:]

# --- the fitted part --------------------------------------------------------
readout = torch.zeros(N, len(OUTCOMES), requires_grad=True)
offset = torch.zeros(len(OUTCOMES), requires_grad=True)
opt = torch.optim.SGD([readout, offset], lr=0.05, momentum=0.9, weight_decay=1e-3)
anneal = torch.optim.lr_scheduler.ExponentialLR(opt, 0.8)


def evaluate(s, y):
    with torch.no_grad():
        z = s @ readout + offset
        return torch.nn.functional.cross_entropy(z, y).item(), (z.argmax(1) == y).float().mean().item()


for epoch in range(args.epochs):
    for b in torch.randperm(n).split(50):
        loss = torch.nn.functional.cross_entropy(Str[b] @ readout + offset, ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    anneal.step()
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1:3d}  fit %.4f/%.4f  eval %.4f/%.4f" % (*evaluate(Str, ytr), *evaluate(Sev, yev)))
print("outcome counts", torch.bincount(yev).tolist(), "eval accuracy %.4f" % evaluate(Sev, yev)[1])
