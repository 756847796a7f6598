# Reptile (Nichol et al. 2018): meta-learn an initialisation for a family of curves, adapt with a few SGD steps.
# theta <- theta + eps (phi - theta), no outer optimiser object.
import math, random
import torch
from torch.func import functional_call

random.seed(0)
torch.manual_seed(0)

FREQS = [1., 1.5, 2.]


class Task:
    """a linear combination of three waves; coefficients differ per task"""
    def __init__(self):
        self.c = torch.randn(3) * torch.tensor([.6, .3, .2]) + torch.tensor([.5, 1., -.7])

    def sample(self, n):
        x = torch.rand(n, 1) * 2 * math.pi - math.pi
        y = sum(c * torch.sin(f * x) for c, f in zip(self.c, FREQS))
        return x, y


net = torch.nn.Sequential(torch.nn.Linear(1, 32), torch.nn.Tanh(), torch.nn.Linear(32, 32), torch.nn.Tanh(),
                          torch.nn.Linear(32, 1))
with torch.no_grad():
    net[0].weight.mul_(2.)
theta = {k: v.detach().clone() for k, v in net.named_parameters()}
INNER_LR = .05


def adapt(start, task, steps, shots):
    phi = {k: v.clone().requires_grad_() for k, v in start.items()}
    x, y = task.sample(shots)
    loss = None
    for _ in range(steps):
        loss = (functional_call(net, phi, (x,)) - y).pow(2).mean()
        grads = torch.autograd.grad(loss, list(phi.values()))
        phi = {k: (v - INNER_LR * g).detach().requires_grad_() for (k, v), g in zip(phi.items(), grads)}
    return phi, loss.item()


@torch.no_grad()
def mse(params, task):
    x, y = task.sample(100)
    return (functional_call(net, params, (x,)) - y).pow(2).mean().item()


val_tasks = [Task() for _ in range(40)]


def evaluate(start):
    zero = sum(mse(start, t) for t in val_tasks) / len(val_tasks)
    few = sum(mse(adapt(start, t, 12, 20)[0], t) for t in val_tasks) / len(val_tasks)
    return zero, few


z, f = evaluate(theta)
var = sum(t.sample(200)[1].var().item() for t in val_tasks) / len(val_tasks)
print(f"variance of the targets {var:.3f}; random init: 0-step {z:.3f}, 12-step {f:.3f}")
META = 400
for it in range(META):
    phi, last = adapt(theta, Task(), steps=10, shots=50)
    eps = .4 * (1 - it / META)
    with torch.no_grad():
        for k in theta:
            theta[k] += eps * (phi[k] - theta[k])
    if (it + 1) % 200 == 0:
        z, f = evaluate(theta)
        print(f"meta-iter {it + 1}: 0-step mse {z:.3f}   after 12 steps {f:.3f}")
