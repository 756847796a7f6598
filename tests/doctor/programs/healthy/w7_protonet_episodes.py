# Prototypical networks, 5-way 5-shot. Classes of the test episodes never occur in training.
import torch, numpy as np
from torch import nn

torch.manual_seed(4)
NUISANCE, CORE, WAYS, SHOTS, QUERIES = 12, 8, 5, 5, 8
rot, _ = torch.linalg.qr(torch.randn(NUISANCE + CORE, NUISANCE + CORE))


class World:
    """a class is a point in the core space; the nuisance directions are loud and say nothing"""

    def __init__(self, n_classes):
        self.mu = 1.6 * torch.randn(n_classes, CORE)

    def draw(self, classes, k):
        core = self.mu[classes].unsqueeze(1) + 0.8 * torch.randn(len(classes), k, CORE)
        loud = 4.0 * torch.randn(len(classes), k, NUISANCE)
        return torch.cat([core, loud], -1) @ rot

    def episode(self):
        c = torch.randperm(len(self.mu))[:WAYS]
        x = self.draw(c, SHOTS + QUERIES)
        return x[:, :SHOTS], x[:, SHOTS:]


def episode_logits(f, support, query):
    protos = f(support).mean(1)                                    # mean over the shots of one class
    q = f(query).flatten(0, 1)
    return -(q.unsqueeze(1) - protos.unsqueeze(0)).pow(2).sum(-1)


truth = torch.arange(WAYS).repeat_interleave(QUERIES)


@torch.no_grad()
def evaluate(f, world, n=150):
    return np.mean([(episode_logits(f, *world.episode()).argmax(-1) == truth).float().mean().item() for _ in range(n)])


seen, unseen = World(200), World(60)
embed = nn.Linear(NUISANCE + CORE, 10, bias=False)
sgd = torch.optim.SGD(embed.parameters(), lr=0.02, momentum=0.9)
plan = torch.optim.lr_scheduler.MultiStepLR(sgd, [700, 1000], gamma=0.2)
loss_fn = nn.CrossEntropyLoss()

print("raw space, unseen classes: %.3f" % evaluate(nn.Identity(), unseen))
window = []
for it in range(1, 1201):
    s, q = seen.episode()
    loss = loss_fn(episode_logits(embed, s, q), truth)
    sgd.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(embed.parameters(), 1.0)
    sgd.step()
    plan.step()
    window.append(loss.item())
    if it % 200 == 0:
        print(f"episode {it:4d} loss {np.mean(window):.4f} acc seen {evaluate(embed, seen):.3f} unseen {evaluate(embed, unseen):.3f}")
        window.clear()
