"""FAQ bot trained from thumbs up / down only: REINFORCE with a running baseline and an entropy bonus.
The printed policy loss hovers around zero and says nothing, look at the reward."""
import random
import torch
from torch import nn
from torch.distributions import Categorical

random.seed(31)
torch.manual_seed(31)
INTENTS = {
    "opening": "open close hours sunday weekend evening time".split(),
    "loan": "borrow renew loan return overdue due weeks".split(),
    "print": "print copy scan colour toner pages machine".split(),
    "wifi": "wifi internet connect eduroam laptop signal network".split(),
    "rooms": "room book seat quiet study reserve group".split(),
}
CHAT = "hi can i you please tell me how what is the a to do my for and thanks".split()
vocab = {w: i for i, w in enumerate(sorted(set(CHAT) | {w for ws in INTENTS.values() for w in ws}))}


def question():
    k = random.randrange(5)
    ws = random.sample(list(INTENTS.values())[k], random.choice([1, 2, 3])) + random.choices(CHAT, k=random.randint(2, 7))
    random.shuffle(ws)
    return [vocab[w] for w in ws], k


def to_bag(qs):
    flat = torch.tensor([t for q, _ in qs for t in q])
    off = torch.tensor([0] + [len(q) for q, _ in qs[:-1]]).cumsum(0)
    return flat, off, torch.tensor([k for _, k in qs])


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.EmbeddingBag(len(vocab), 24, mode="sum")
        self.f = nn.Linear(24, 5)
        nn.init.normal_(self.e.weight, std=0.3)

    def forward(self, ids, off):
        return Categorical(logits=self.f(self.e(ids, off)))


distinct = {}
while len(distinct) < 2500:
    q, k = question()
    distinct[tuple(sorted(q))] = (q, k)
asked = list(distinct.values())
random.shuffle(asked)
users, heldout = asked[:2000], asked[2000:]
pi = Policy()
opt = torch.optim.Adam(pi.parameters(), lr=0.01)
baseline = 0.2


def greedy(qs):
    ids, off, k = to_bag(qs)
    with torch.no_grad():
        return (pi(ids, off).probs.argmax(-1) == k).float().mean().item()


print(f"before: greedy reward {greedy(heldout):.3f}")
for day in range(1, 7):
    random.shuffle(users)
    rewards, losses = [], []
    for i in range(0, len(users), 50):
        ids, off, truth = to_bag(users[i:i + 50])
        dist = pi(ids, off)
        answer = dist.sample()
        reward = (answer == truth).float()                    # the user's thumb
        loss = -((reward - baseline) * dist.log_prob(answer)).mean() - 0.01 * dist.entropy().mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        baseline = 0.9 * baseline + 0.1 * reward.mean().item()
        rewards.append(reward.mean().item())
        losses.append(loss.item())
    print(f"day {day}: loss {sum(losses) / len(losses):+.4f} sampled reward {sum(rewards) / len(rewards):.3f} "
          f"greedy: users {greedy(users[:500]):.3f} held-out {greedy(heldout):.3f}")
