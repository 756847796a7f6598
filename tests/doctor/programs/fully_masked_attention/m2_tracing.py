# Knowledge tracing: will the pupil get this exercise right?
# For every step we look back at the pupil's own earlier tries at the same skill.
import math
import torch
from torch.nn import functional as F

gen = torch.Generator().manual_seed(9)
SKILLS, STEPS = 6, 24


def pupils(n):
    mastered = torch.rand(n, SKILLS, generator=gen) < .5
    skill = torch.randint(0, SKILLS, (n, STEPS), generator=gen)
    p = torch.where(mastered.gather(1, skill), .95, .06)
    right = (torch.rand(n, STEPS, generator=gen) < p).long()
    return skill, right


def init(*shape):
    return torch.randn(*shape, generator=gen).mul_(shape[0] ** -.5).requires_grad_()


D = 24
params = {
    "skill": init(SKILLS, D), "answer": init(2, D),
    "q": init(D, D), "k": init(D, D), "v": init(D, D),
    "f1": init(2 * D, 48), "f1b": torch.zeros(48, requires_grad=True),
    "f2": init(48, 1), "f2b": torch.zeros(1, requires_grad=True),
}


def history_mask(skill):
    """(B, T, T): True where step j is an earlier try at the skill of step i"""
    same = skill[:, :, None] == skill[:, None, :]
    earlier = torch.ones(STEPS, STEPS, dtype=torch.bool).tril(-1)
    return same & earlier


def predict(P, skill, right):
    s = F.embedding(skill, P["skill"])
    e = s + F.embedding(right, P["answer"])
    scores = (s @ P["q"]) @ (e @ P["k"]).transpose(1, 2) / math.sqrt(D)
    mask = history_mask(skill)
    # fault:
    att = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    # mended:
    #att = scores.masked_fill(~mask, -1e9).softmax(-1) * mask.any(-1, keepdim=True)
    # end
    past = att @ (e @ P["v"])
    h = torch.relu(torch.cat([s, past], -1) @ P["f1"] + P["f1b"])
    return (h @ P["f2"] + P["f2b"]).squeeze(-1)


train_s, train_r = pupils(1500)
held_s, held_r = pupils(300)
opt = torch.optim.Adam(params.values(), lr=3e-3)


def held_out():
    with torch.no_grad():
        z = predict(params, held_s, held_r)
    y = held_r.float()
    return F.binary_cross_entropy_with_logits(z, y).item(), ((z > 0) == (y > 0)).float().mean().item()


step = 0
for epoch in range(5):
    total = 0.
    perm = torch.randperm(len(train_s), generator=gen)
    for b in perm.split(50):
        z = predict(params, train_s[b], train_r[b])
        loss = F.binary_cross_entropy_with_logits(z, train_r[b].float())
        for p in params.values():
            p.grad = None
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
        step += 1
    print("epoch %d (step %d)  loss %.4f  held-out loss %.4f acc %.4f"
          % (epoch, step, total / len(train_s), *held_out()))

print("always-right baseline %.4f" % held_r.float().mean())
print("held-out accuracy %.4f" % held_out()[1])
