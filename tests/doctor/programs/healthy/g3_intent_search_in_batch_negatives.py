# FAQ search service: question and answer towers, in-batch negatives, recall@1 on unseen questions.
import random
import torch
import torch.nn.functional as F

random.seed(31); torch.manual_seed(31)

N_FAQ, SYN = 60, 4
# every FAQ is about three concepts; every concept can be said in SYN ways by customers and in one way by the docs
CONCEPTS = 45
faqs = []
while len(faqs) < N_FAQ:
    c = sorted(random.sample(range(CONCEPTS), 3))
    if c not in faqs:
        faqs.append(c)
answer_tokens = torch.tensor(faqs)                                     # N_FAQ x 3, documentation vocabulary


def ask(k):
    said = [c * SYN + random.randrange(SYN) for c in faqs[k]]
    noise = [CONCEPTS * SYN + random.randrange(30) for _ in range(3)]
    q = said + noise
    random.shuffle(q)
    return q


questions = torch.tensor([[ask(k) for k in range(N_FAQ)] for _ in range(40)])   # 40 x N_FAQ x 6
train_q, held_q = questions[:32], questions[32:]


class Tower(torch.nn.Module):
    def __init__(self, vocab, dim=24):
        super().__init__()
        self.words = torch.nn.EmbeddingBag(vocab, dim, mode="sum")
        self.mix = torch.nn.Linear(dim, dim, bias=False)

    def forward(self, ids):
        return F.normalize(self.mix(self.words(ids)), dim=-1)


q_tower, a_tower = Tower(CONCEPTS * SYN + 30), Tower(CONCEPTS)
log_temp = torch.nn.Parameter(torch.tensor(2.0))
optimizer = torch.optim.AdamW([
    {"params": list(q_tower.parameters()) + list(a_tower.parameters()), "weight_decay": 1e-3},
    {"params": [log_temp], "weight_decay": 0.0, "lr": 1e-3},
], lr=5e-3)


@torch.inference_mode()
def recall_at_1(qs):
    catalogue = a_tower(answer_tokens)
    best = torch.stack([(q_tower(q) @ catalogue.T).argmax(1) for q in qs])
    return (best == torch.arange(N_FAQ)).float().mean().item()


print(f"chance {1 / N_FAQ:.3f}, before training {recall_at_1(held_q):.3f}")
for epoch in range(8):
    losses = []
    for r in torch.randperm(len(train_q)):
        for faq in torch.randperm(N_FAQ).view(2, 30):                 # 30 different FAQs: no false negatives in a batch
            sims = q_tower(train_q[r, faq]) @ a_tower(answer_tokens[faq]).T * log_temp.exp()
            target = torch.arange(len(faq))
            loss = (F.cross_entropy(sims, target) + F.cross_entropy(sims.T, target)) / 2
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    print(f"epoch {epoch + 1} contrastive loss {sum(losses) / len(losses):.3f} "
          f"recall@1 train {recall_at_1(train_q):.3f} held out {recall_at_1(held_q):.3f} temp {log_temp.exp().item():.1f}")
