"""FAQ search across languages: bring a German question to the right English entry (aligned word vectors, in-batch negatives)."""
import random
import torch
from torch import nn
import torch.nn.functional as F

random.seed(88)
torch.manual_seed(88)
DIM = 40

# stands in for the company's own word2vec run
FILLER = [f"f{i}" for i in range(60)]
TERMS = [f"t{i}" for i in range(1500)]
DE = [f"de_{w}" for w in FILLER + TERMS]
en = torch.cat([F.normalize(torch.randn(60, DIM), dim=1) * (0.6 + 0.4 * torch.rand(60, 1)),
                F.normalize(torch.randn(1500, DIM), dim=1) * (3.0 + 3.0 * torch.rand(1500, 1))])
de = en @ torch.linalg.qr(torch.randn(DIM, DIM))[0] + 0.05 * torch.randn(1560, DIM)
torch.save({"words": ["<pad>"] + FILLER + TERMS + DE, "vectors": torch.cat([torch.zeros(1, DIM), en, de])}, "w2v.pt")

faq_terms = [random.sample(TERMS, 6) for _ in range(2300)]


def noise(n):
    return random.choices(FILLER, k=n)


def make(i):
    entry = faq_terms[i] + noise(random.randint(10, 16))
    question = random.sample(faq_terms[i], 3) + [random.choice(TERMS)] * (random.random() < 0.4) + noise(random.randint(6, 14))
    random.shuffle(entry)
    random.shuffle(question)
    question = ["de_" + w for w in question]
    return question, entry


blob = torch.load("w2v.pt")
index = {w: i for i, w in enumerate(blob["words"])}
pairs = [make(i) for i in range(2300)]
train, dev = pairs[:2000], pairs[2000:]


def pad(texts):
    n = max(map(len, texts))
    return torch.tensor([[index[w] for w in t] + [0] * (n - len(t)) for t in texts])


class BiEncoder(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        # fault:
        self.emb = nn.Embedding(*vectors.shape, padding_idx=0, max_norm=1.0)
        # mended:
        # self.emb = nn.Embedding(*vectors.shape, padding_idx=0)
        # end
        self.emb.weight.data.copy_(vectors)
        self.emb.weight.requires_grad_(False)
        self.map = nn.Linear(DIM, DIM, bias=False)
        nn.init.orthogonal_(self.map.weight)
        self.log_t = nn.Parameter(torch.tensor(1.6))

    def bag(self, ids):
        return (self.emb(ids) * (ids > 0).unsqueeze(2)).sum(1)

    def forward(self, q, d):
        return F.normalize(self.map(self.bag(q)), dim=1) @ F.normalize(self.bag(d), dim=1).T * self.log_t.exp()


model = BiEncoder(blob["vectors"])
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=4e-3)


def recall():
    with torch.no_grad():
        s = model(pad([q for q, _ in dev]), pad([d for _, d in dev]))
    rank = (s > s.diag()[:, None]).sum(1)
    return (rank == 0).float().mean().item(), (rank < 5).float().mean().item()


print("before training: R@1 %.3f R@5 %.3f" % recall())
for epoch in range(8):
    random.shuffle(train)
    tot = []
    for s in range(0, len(train), 50):
        q, d = zip(*train[s:s + 50])
        sim = model(pad(q), pad(d))
        loss = F.cross_entropy(sim, torch.arange(len(sim)))
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot.append(loss.item())
    print("epoch %d loss %.4f R@1 %.3f R@5 %.3f" % (epoch, sum(tot) / len(tot), *recall()))
