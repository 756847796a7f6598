import itertools
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

"""FAQ matching: a customer's question is matched with the agent's note. Two views, one encoder, in-batch negatives."""
random.seed(77)
torch.manual_seed(77)

ACTIONS = {'cancel': ['cancel', 'stop', 'end', 'terminate'], 'renew': ['renew', 'extend', 'prolong'], 'change': ['change', 'modify', 'edit', 'update'],
           'find': ['find', 'locate', 'see'], 'pay': ['pay', 'settle', 'clear'], 'share': ['share', 'forward', 'send'],
           'lose': ['lost', 'misplaced', 'forgot'], 'order': ['order', 'buy', 'purchase', 'get'], 'return': ['return', 'refund'], 'print': ['print', 'download', 'export']}
OBJECTS = {'contract': ['contract', 'agreement', 'plan'], 'card': ['card', 'visa', 'plastic'], 'invoice': ['invoice', 'bill', 'statement'],
           'ticket': ['ticket', 'pass', 'booking'], 'phone': ['phone', 'handset', 'mobile'], 'parcel': ['parcel', 'package', 'shipment'],
           'address': ['address', 'location'], 'account': ['account', 'profile', 'login'], 'gift': ['gift', 'voucher', 'coupon'], 'policy': ['policy', 'insurance']}
WHO = {'me': ['my', 'our', 'mine'], 'child': ['son', 'daughter', 'kid'], 'partner': ['wife', 'husband', 'spouse'], 'boss': ['boss', 'manager', 'employer']}
PRE = ['how do i', 'hello can i', 'is it possible to', 'hi i would like to', 'where can one']
POST = ['please', 'quickly', 'today', 'before friday', 'thanks', 'without a fee']

intents = list(itertools.product(ACTIONS, OBJECTS, WHO))
random.shuffle(intents)
train_int, test_int = intents[:320], intents[320:]


def question(it):
    a, o, w = random.choice(ACTIONS[it[0]]), random.choice(OBJECTS[it[1]]), random.choice(WHO[it[2]])
    return f'{random.choice(PRE)} {a} the {o} {w} {random.choice(POST)}'.split()


def note(it):
    a, o, w = random.choice(ACTIONS[it[0]]), random.choice(OBJECTS[it[1]]), random.choice(WHO[it[2]])
    return f'customer {w} asks {o} {a}'.split()


words = sorted(set(w for g in (ACTIONS, OBJECTS, WHO) for ws in g.values() for w in ws) | set(' '.join(PRE + POST).split()) | {'the', 'customer', 'asks'})
num = {w: i for i, w in enumerate(words)}


class Encoder(nn.Module):
    def __init__(self, d=40):
        super().__init__()
        self.emb = nn.EmbeddingBag(len(words), d, mode='sum')
        self.norm = nn.LayerNorm(d)
        self.proj = nn.Linear(d, d)

    def forward(self, texts):
        ids = [torch.tensor([num[w] for w in t]) for t in texts]
        off = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
        return F.normalize(self.proj(self.norm(self.emb(torch.cat(ids), off))), dim=-1)


enc = Encoder()
log_temp = nn.Parameter(torch.tensor(2.0))
opt = torch.optim.AdamW([{'params': enc.parameters()}, {'params': [log_temp], 'weight_decay': 0.0}], lr=1e-2)


def recall_at_1(its):
    enc.eval()
    with torch.no_grad():
        sim = enc([question(i) for i in its]) @ enc([note(i) for i in its]).T
    return (sim.argmax(1) == torch.arange(len(its))).float().mean().item()


print('before', recall_at_1(test_int))
for step in range(1, 201):
    enc.train()
    batch = random.sample(train_int, 64)          # distinct intents, so every other row is a true negative
    q, n = enc([question(i) for i in batch]), enc([note(i) for i in batch])
    logits = q @ n.T * log_temp.exp().clamp(max=50)
    target = torch.arange(len(batch))
    loss = (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step == 130:
        for grp in opt.param_groups:
            grp['lr'] = 2e-3
    if step % 40 == 0:
        print(f'step {step} loss {loss.item():.4f} recall@1 unseen intents {recall_at_1(test_int):.3f}')
print(f'train intents (80 of them) {recall_at_1(train_int[:80]):.3f}   unseen intents {recall_at_1(test_int):.3f}')
