# A signalling game trained with REINFORCE (Lewis 1969 / Lazaridou 2017 in very small).
# Speaker sees an object with two attributes and utters two symbols; the listener has to rebuild the object.
# Speaker: score function with a moving baseline + entropy bonus. Listener: ordinary cross entropy.
import torch
from torch import nn, optim
from torch.distributions import Categorical

torch.manual_seed(21)
A, B_, SYM = 4, 3, 10
ALL = torch.cartesian_prod(torch.arange(A), torch.arange(B_))


def one_hot(o):
    return torch.cat([nn.functional.one_hot(o[:, 0], A), nn.functional.one_hot(o[:, 1], B_)], 1).float()


speaker = nn.Sequential(nn.Linear(A + B_, 48), nn.Tanh(), nn.Linear(48, 2 * SYM))
listener = nn.Sequential(nn.Linear(2 * SYM, 48), nn.ReLU(), nn.Linear(48, A + B_))
opt_s = optim.Adam(speaker.parameters(), lr=1e-2)
opt_l = optim.Adam(listener.parameters(), lr=1e-2)


def listen(msg):
    m = nn.functional.one_hot(msg, SYM).float().flatten(1)
    return listener(m).split([A, B_], 1)


baseline, STEPS = 0., 500
trace = []
for step in range(STEPS):
    obj = torch.stack([torch.randint(A, (128,)), torch.randint(B_, (128,))], 1)
    pi = Categorical(logits=speaker(one_hot(obj)).view(-1, 2, SYM))
    msg = pi.sample()
    la, lb = listen(msg)
    ce = nn.functional.cross_entropy(la, obj[:, 0], reduction="none") + nn.functional.cross_entropy(lb, obj[:, 1], reduction="none")
    reward = -ce.detach()
    adv = reward - baseline
    baseline += .05 * (reward.mean().item() - baseline)
    ent_w = .3 * (1 - step / STEPS)
    policy_loss = -(adv.unsqueeze(1) * pi.log_prob(msg)).sum(1).mean() - ent_w * pi.entropy().mean()
    opt_s.zero_grad(); policy_loss.backward(); opt_s.step()
    opt_l.zero_grad(); ce.mean().backward(); opt_l.step()
    ok = ((la.argmax(1) == obj[:, 0]) & (lb.argmax(1) == obj[:, 1])).float().mean().item()
    trace.append(ok)
    if (step + 1) % 100 == 0:
        print(f"step {step + 1}: policy loss {policy_loss.item():+.3f} listener {ce.mean().item():.3f} success {sum(trace[-100:]) / 100:.3f}")

with torch.no_grad():
    msg = speaker(one_hot(ALL)).view(-1, 2, SYM).argmax(-1)
    la, lb = listen(msg)
    both = (la.argmax(1) == ALL[:, 0]) & (lb.argmax(1) == ALL[:, 1])
print("greedy success over all %d objects: %.3f  (chance %.3f)" % (len(ALL), both.float().mean(), 1 / len(ALL)))
print("distinct messages:", len({tuple(m) for m in msg.tolist()}))
