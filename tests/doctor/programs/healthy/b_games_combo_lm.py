# combo_predictor.py - predict the next pad input of a fighting game player, for the training dummy.
# Bengio-style window model: last 4 inputs -> next one. Frame budget is small, so the net is too.
import math, random
import torch

random.seed(1994); torch.manual_seed(1994)
BTN = ["_", "U", "D", "F", "B", "DF", "DB", "LP", "HP", "LK", "HK", "THROW", "BLOCK"]
ID = {b: i for i, b in enumerate(BTN)}
MOVES = {"fireball": "D DF F HP", "dragon": "F D DF HP", "hurricane": "D DB B HK", "jab": "LP LP", "sweep": "D HK", "jump-in": "U F HK", "grab": "F THROW", "turtle": "B BLOCK BLOCK", "poke": "LK", "overhead": "F HP"}
FOLLOW = {"jump-in": ["dragon", "jab", "sweep"], "jab": ["fireball", "hurricane", "grab"], "poke": ["fireball", "jab"], "turtle": ["dragon", "grab"], "fireball": ["jump-in", "fireball", "turtle"]}


def play(n_moves):
    out, m = [], "poke"
    for _ in range(n_moves):
        m = random.choice(FOLLOW[m]) if m in FOLLOW and random.random() < 0.8 else random.choice(list(MOVES))
        out += [ID[b] for b in MOVES[m].split()]
        if random.random() < 0.1:
            out.append(random.randrange(1, len(BTN)))         # a slip of the thumb
    return out


W = 4


def stack(matches):
    T = max(map(len, matches))
    x = torch.zeros(len(matches), W + T, dtype=torch.long)    # "_" is the neutral stick, it stands before the round starts
    y = torch.full((len(matches), T), -100)
    for i, m in enumerate(matches):
        x[i, W:W + len(m)] = torch.tensor(m); y[i, :len(m)] = torch.tensor(m)
    return x[:, :-1], y                                       # position t sees inputs t-4 .. t-1


train, test = stack([play(40) for _ in range(240)]), stack([play(40) for _ in range(40)])
ytr, yte = (y[y >= 0] for _, y in (train, test))
print("inputs:", len(ytr), "train", len(yte), "test; most common", (ytr.bincount().max() / len(ytr)).item())
uni = (ytr.bincount(minlength=len(BTN)) + 1).double(); uni /= uni.sum()
print(f"unigram perplexity {math.exp(-uni.log()[yte].mean()):.2f}")


class Dummy(torch.nn.Module):
    def __init__(s, n=len(BTN), d=12, h=48):
        super().__init__()
        s.E = torch.nn.Embedding(n, d)
        torch.nn.init.normal_(s.E.weight, std=0.4)
        s.hid = torch.nn.Linear(W * d, h)
        s.back = torch.nn.Linear(h, d, bias=False)
        s.bias = torch.nn.Parameter(torch.zeros(n))

    def forward(s, x):
        h = torch.tanh(s.hid(s.E(x.unfold(1, W, 1)).flatten(2)))
        return s.back(h) @ s.E.weight.t() + s.bias           # output buttons share the input table


net = Dummy()
opt = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9, nesterov=True)
sched = torch.optim.lr_scheduler.StepLR(opt, step_size=5, gamma=0.3)
for ep in range(12):
    perm = torch.randperm(len(train[0])); acc_loss = 0
    for chunk in perm.split(4):
        loss = torch.nn.functional.cross_entropy(net(train[0][chunk]).transpose(1, 2), train[1][chunk])
        opt.zero_grad(); loss.backward(); opt.step()
        acc_loss += loss.item() * len(chunk)
    sched.step()
    with torch.no_grad():
        z = net(test[0]); nll = torch.nn.functional.cross_entropy(z.transpose(1, 2), test[1]).item()
        top1 = (z.argmax(2) == test[1])[test[1] >= 0].float().mean().item()
    print(f"ep {ep} lr {sched.get_last_lr()[0]:.4f} train ppl {math.exp(acc_loss / len(perm)):.3f} test ppl {math.exp(nll):.3f} top1 {top1:.3f}")

hist = [ID[b] for b in "_ D DF F".split()]
print("after D DF F the dummy expects", BTN[net(torch.tensor([hist]))[0, -1].argmax().item()])
