"""
Coarse sense tagging. Each snippet has 12 words; each word gets one of the tags
O / FIN / NAT / COMP / SPORT.  Words like "bank", "mouse", "pitch" need the rest of the snippet.
"""
from dataclasses import dataclass
import torch
from torch import nn, Tensor

@dataclass
class Config:
    emb: int = 24
    hidden: int = 48
    length: int = 12
    batch: int = 32
    epochs: int = 6
    lr: float = 4e-3
    seed: int = 7

cfg = Config()
g = torch.Generator().manual_seed(cfg.seed)
torch.manual_seed(cfg.seed)

TAGS = ["O", "FIN", "NAT", "COMP", "SPORT"]
TOPIC = {
    "FIN": "loan credit debt broker share dividend invoice salary mortgage tax".split(),
    "NAT": "river forest meadow otter hedge valley stream owl badger moss".split(),
    "COMP": "laptop server keyboard software driver disk browser router pixel code".split(),
    "SPORT": "coach goal referee league striker penalty keeper trophy fans stadium".split(),
}
SHARED = "bank mouse pitch branch bug net field bond crash stock root port wave match".split()
FUNC = "the a of and near with we saw old big under then it was by one some this".split()
vocab = {w: i for i, w in enumerate(FUNC + SHARED + sum(TOPIC.values(), []))}

def pick(words):
    return words[torch.randint(len(words), (1,), generator=g).item()]

def snippet():
    topic = pick(list(TOPIC))
    words, tags = [], []
    for _ in range(cfg.length):
        r = torch.rand(1, generator=g).item()
        if r < .45: words.append(pick(FUNC)); tags.append(0)
        elif r < .75: words.append(pick(SHARED)); tags.append(TAGS.index(topic))
        else: words.append(pick(TOPIC[topic])); tags.append(TAGS.index(topic))
    return [vocab[w] for w in words], tags

data = [snippet() for _ in range(3000)]
ids = torch.tensor([d[0] for d in data]); tags = torch.tensor([d[1] for d in data])
tr_ids, tr_tags, te_ids, te_tags = ids[:2500], tags[:2500], ids[2500:], tags[2500:]

class SenseTagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(vocab), cfg.emb)
        self.local = nn.Sequential(nn.Linear(cfg.emb, cfg.hidden), nn.ReLU())
        self.mix = nn.Sequential(nn.Linear(2 * cfg.hidden, cfg.hidden), nn.ReLU())
        self.tag = nn.Linear(cfg.hidden, len(TAGS))

    def forward(self, x: Tensor) -> Tensor:
        h = self.local(self.embed(x))
        # what the snippet is about, given to every word
        # fault:
        about = h.mean(0, keepdim=True).expand_as(h)
        # mended:
        # about = h.mean(1, keepdim=True).expand_as(h)
        # end
        return self.tag(self.mix(torch.cat([h, about], dim=-1)))

model = SenseTagger()
optim = torch.optim.Adam(model.parameters(), lr=cfg.lr)
loss_fn = nn.CrossEntropyLoss()
is_shared = torch.zeros(len(vocab), dtype=torch.bool)
is_shared[[vocab[w] for w in SHARED]] = True

@torch.no_grad()
def report(x, y):
    model.eval()
    ok = torch.cat([model(xb).argmax(-1) for xb in x.split(cfg.batch)]) == y
    return ok.float().mean().item(), ok[is_shared[x]].float().mean().item()

for epoch in range(cfg.epochs):
    model.train()
    losses = []
    for idx in torch.randperm(len(tr_ids)).split(cfg.batch):
        loss = loss_fn(model(tr_ids[idx]).transpose(1, 2), tr_tags[idx])
        optim.zero_grad(); loss.backward(); optim.step()
        losses.append(loss.item())
    a, b = report(te_ids, te_tags)
    print(f"epoch {epoch + 1}: loss {sum(losses) / len(losses):.4f}  test tags {a:.3f}  ambiguous words {b:.3f}")
print("train: tags %.3f  ambiguous words %.3f" % report(tr_ids, tr_tags))
