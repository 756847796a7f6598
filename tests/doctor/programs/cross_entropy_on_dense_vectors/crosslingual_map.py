"""Map vectors of one language into the space of another with a seed dictionary."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(109)
N, DIM = 1200, 40
latent = torch.randn(N, DIM)
rotation, _ = torch.linalg.qr(torch.randn(DIM, DIM))
source = latent + 0.1 * torch.randn(N, DIM)
target = latent @ rotation + 0.1 * torch.randn(N, DIM)
source, target = F.normalize(source, dim=1), F.normalize(target, dim=1)
train, test = torch.arange(0, 900), torch.arange(900, N)
words = nn.Embedding.from_pretrained(source)


class Mapper(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = words
        self.map = nn.Linear(DIM, DIM, bias=False)

    def forward(self, ids):
        return self.map(self.words(ids))


def precision_at_one(model):
    with torch.no_grad():
        mapped = F.normalize(model(test), dim=1)
    return (mapped @ target.T).argmax(1).eq(test).float().mean().item()


model = Mapper()
opt = torch.optim.Adam(model.map.parameters(), lr=5e-3)
for epoch in range(30):
    total = 0.0
    for i in train[torch.randperm(900)].split(45):
        out = model(i)
        # fault:
        loss = F.cross_entropy(out, target[i])
        # mended:
        # loss = 1 - F.cosine_similarity(out, target[i]).mean()
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    if epoch % 6 == 5:
        print(f"epoch {epoch + 1} loss {total / 20:.4f} P@1 {precision_at_one(model):.4f}")
