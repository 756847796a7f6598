# Five bagged MLPs trained at once with torch.func; their probabilities are averaged.
import random, torch
from torch import nn
from torch.func import functional_call, grad, stack_module_state, vmap
import torch.nn.functional as F
random.seed(6); torch.manual_seed(6)
STYLE = [(['ka', 'mi', 'to', 'ra', 'ha', 'yu'], ['ko', 'shi', 'ro']), (['gio', 'mar', 'lo', 'ste', 'fran'], ['ni', 'cco', 'llo']),
         (['iv', 'al', 'dmi', 'se', 'niko'], ['ov', 'ev', 'sky']), (['ol', 'sv', 'thor', 'bjo', 'ing'], ['sen', 'son', 'rik'])]
CH = 'abcdefghijklmnopqrstuvwxyz'
def name():
    y = random.randrange(4)
    a, b = STYLE[y]
    if random.random() < .15:
        a = STYLE[random.randrange(4)][0]
    return ''.join(random.choices(a, k=random.randint(1, 3))) + random.choice(b), y
def feats(s):
    x = torch.zeros(26 + 26 * 26)
    for c in s:
        x[CH.index(c)] += 1
    for a, b in zip(s, s[1:]):
        x[26 + CH.index(a) * 26 + CH.index(b)] += 1
    return x / len(s)
data = [name() for _ in range(2400)]
X, Y = torch.stack([feats(s) for s, _ in data]), torch.tensor([y for _, y in data])
make = lambda: nn.Sequential(nn.Linear(702, 16), nn.Tanh(), nn.Linear(16, 4))
params, _ = stack_module_state([make() for _ in range(5)])
params = {k: p.detach() for k, p in params.items()}
skeleton = make()
def loss_fn(p, x, y):
    return F.cross_entropy(functional_call(skeleton, p, (x,)), y)
step = vmap(grad(loss_fn))
boot = torch.randint(0, 2000, (5, 2000))            # a bootstrap sample for every member
m = {k: torch.zeros_like(p) for k, p in params.items()}
for epoch in range(6):
    order = torch.stack([b[torch.randperm(2000)] for b in boot])
    for i in range(0, 2000, 40):
        idx = order[:, i:i + 40]
        g = step(params, X[idx], Y[idx])
        for k in params:
            m[k] = 0.9 * m[k] + g[k]
            params[k] = params[k] - 0.3 * m[k]
    with torch.no_grad():
        z = vmap(lambda p: functional_call(skeleton, p, (X,)))(params)
        single = (z.argmax(2) == Y)[:, 2000:].float().mean(1)
        both = (z.softmax(2).mean(0).argmax(1) == Y).float()
    print(f'{epoch} members {[round(v, 3) for v in single.tolist()]} ensemble test {both[2000:].mean():.3f} train {both[:2000].mean():.3f}')
