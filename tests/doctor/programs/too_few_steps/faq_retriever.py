"""faq_retriever.py - dual encoder: user question -> FAQ entry, in-batch negatives."""
import argparse
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--dim", type=int, default=48)
parser.add_argument("--batch", type=int, default=64)
parser.add_argument("--lr", type=float, default=2e-3)
parser.add_argument("--scale", type=float, default=10.0)
# fault:
parser.add_argument("--max-steps", type=int, default=45)
# mended:
# parser.add_argument("--max-steps", type=int, default=700)
# end
parser.add_argument("--log-every", type=int, default=15)
opt = parser.parse_args([])

torch.manual_seed(8)
rnd = random.Random(8)

OBJECTS = "invoice password account card address order refund voucher profile device subscription newsletter photo contract receipt".split()
USER_OBJ = "bill passcode login plastic home purchase moneyback coupon page phone plan mails picture deal slip".split()
ACTIONS = "change delete find download share renew lock print".split()
USER_ACT = "edit drop see get send extend block paper".split()
SMALL = "how do i can my the please where help with to want need is it now today".split()
FAQ = [(o, a) for o in range(len(OBJECTS)) for a in range(len(ACTIONS))]


def ask(k):
    o, a = FAQ[k]
    words = [USER_OBJ[o] if rnd.random() < 0.8 else OBJECTS[o], USER_ACT[a] if rnd.random() < 0.8 else ACTIONS[a]]
    words += rnd.choices(SMALL, k=rnd.randint(3, 7))
    rnd.shuffle(words)
    return words


entries = [["to", ACTIONS[a], "your", OBJECTS[o], "open", "settings", "section", OBJECTS[o]] for o, a in FAQ]
train = [(ask(k), k) for k in range(len(FAQ)) for _ in range(30)]
test = [(ask(k), k) for k in range(len(FAQ)) for _ in range(5)]
rnd.shuffle(train)
vocab = {w: i for i, w in enumerate(sorted({w for q, _ in train for w in q} | {w for e in entries for w in e}))}


def bag(texts):
    flat = torch.tensor([vocab[w] for t in texts for w in t])
    off = torch.tensor([0] + [len(t) for t in texts[:-1]]).cumsum(0)
    return flat, off


class Tower(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, d, mode="mean")
        self.up = nn.Linear(d, 2 * d)
        self.down = nn.Linear(2 * d, d)

    def forward(self, flat, off):
        return F.normalize(self.down(torch.relu(self.up(self.bag(flat, off)))), dim=-1)


ask_tower, faq_tower = Tower(len(vocab), opt.dim), Tower(len(vocab), opt.dim)
optimizer = torch.optim.Adam([*ask_tower.parameters(), *faq_tower.parameters()], lr=opt.lr)


def recall(k=1):
    ask_tower.eval(), faq_tower.eval()
    with torch.no_grad():
        q = ask_tower(*bag([t for t, _ in test]))
        d = faq_tower(*bag(entries))
        top = (q @ d.T).topk(k, dim=1).indices
    gold = torch.tensor([y for _, y in test]).unsqueeze(1)
    return (top == gold).any(1).float().mean().item()


print(f"{len(train)} questions, {len(entries)} entries, chance {1 / len(entries):.4f}")
step, pos, mean_loss = 0, 0, 0.0
while step < opt.max_steps:
    if pos + opt.batch > len(train):
        rnd.shuffle(train)
        pos = 0
    part, pos = train[pos:pos + opt.batch], pos + opt.batch
    ask_tower.train(), faq_tower.train()
    gold = torch.tensor([y for _, y in part])
    q, d = ask_tower(*bag([t for t, _ in part])), faq_tower(*bag([entries[y] for _, y in part]))
    sims = opt.scale * q @ d.T
    same = (gold.unsqueeze(0) == gold.unsqueeze(1)) & ~torch.eye(len(part), dtype=torch.bool)
    loss = F.cross_entropy(sims.masked_fill(same, -1e4), torch.arange(len(part)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    step, mean_loss = step + 1, mean_loss + loss.item() / opt.log_every
    if step % opt.log_every == 0:
        print(f"step {step:4d}  loss {mean_loss:.3f}  recall@1 {recall(1):.3f}  recall@5 {recall(5):.3f}")
        mean_loss = 0.0
