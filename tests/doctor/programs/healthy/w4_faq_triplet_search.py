"""Find the FAQ entry for a question: one shared encoder, in-batch negatives, learned temperature, EMA weights for search."""
import math, random
import torch
import torch.nn.functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

random.seed(6); torch.manual_seed(6)
VERBS = [("cancel", "stop", "end"), ("change", "edit", "update"), ("find", "see", "locate"), ("pay", "settle"), ("return", "send_back"), ("share", "pass_on")]
NOUNS = [("order", "purchase"), ("invoice", "bill"), ("password", "login"), ("subscription", "plan"), ("parcel", "delivery", "package"),
         ("address", "location"), ("voucher", "coupon", "gift_card"), ("account", "profile"), ("card", "visa"), ("ticket", "case")]
LEAD = "how can i|where do i|is it possible to|please help me|i would like to|what must i do to".split("|")
TAIL = "today|online|in the app|as soon as possible|from abroad|without calling|quickly|".split("|")
faqs = [(v, n) for v in VERBS for n in NOUNS]


def phrase(k):
    v, n = faqs[k]
    return f"{random.choice(LEAD)} {random.choice(v)} my {random.choice(n)} {random.choice(TAIL)}".split()


def title(k):
    v, n = faqs[k]
    return ["faq", ":", v[0], n[0]]


vocab = {}
for w in " ".join(LEAD + TAIL + [a for g in VERBS + NOUNS for a in g] + ["faq : my"]).split():
    vocab.setdefault(w, len(vocab))


def pack(texts):
    ids = [[vocab[w] for w in t] for t in texts]
    off = [0]
    for i in ids[:-1]:
        off.append(off[-1] + len(i))
    return torch.tensor(sum(ids, [])), torch.tensor(off)


class Encoder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.words = torch.nn.EmbeddingBag(len(vocab), 32, mode="sum")
        self.project = torch.nn.Linear(32, 24, bias=False)
        self.log_scale = torch.nn.Parameter(torch.tensor(math.log(8.0)))

    def forward(self, flat, off):
        return F.normalize(self.project(self.words(flat, off)), dim=-1, eps=1e-6)


seen, test = set(), []
while len(test) < 500:                      # questions kept for testing
    k = random.randrange(len(faqs)); q = tuple(phrase(k))
    if q not in seen:
        seen.add(q); test.append((q, k))


def train_batch(n=30):
    ks = random.sample(range(len(faqs)), n)  # every entry at most once, so that no negative is a positive
    qs = []
    for k in ks:
        q = tuple(phrase(k))
        while q in seen:
            q = tuple(phrase(k))
        qs.append(q)
    return qs, [title(k) for k in ks]


net = Encoder()
ema = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.97))
opt = torch.optim.Adam(net.parameters(), lr=0.01)


@torch.no_grad()
def search(model):
    sims = model(*pack([q for q, _ in test])) @ model(*pack([title(k) for k in range(len(faqs))])).T
    rank = (sims > sims.gather(1, torch.tensor([[k] for _, k in test]))).sum(1) + 1
    return (rank == 1).float().mean().item(), (1 / rank).mean().item()


print("before: top-1 %.3f MRR %.3f" % search(net))
for step in range(1, 321):
    q, t = train_batch()
    scale = net.log_scale.exp().clamp(max=50)
    logits = scale * net(*pack(q)) @ net(*pack(t)).T
    want = torch.arange(len(q))
    loss = (F.cross_entropy(logits, want) + F.cross_entropy(logits.T, want)) / 2
    opt.zero_grad()
    loss.backward()
    opt.step()
    ema.update_parameters(net)
    if step % 40 == 0:
        print("step %d loss %.4f scale %.1f" % (step, loss.item(), scale.item()))
print("questions never seen: top-1 %.3f MRR %.3f" % search(ema.module))
