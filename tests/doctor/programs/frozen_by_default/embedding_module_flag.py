"""Twitter-like irony with a reusable word layer; training includes the vectors at their own rate."""
import random

import torch
from torch import nn

random.seed(220)
torch.manual_seed(220)


class WordLayer(nn.Module):
    """Looks words up in a pretrained matrix; used by all our projects."""

    def __init__(self, matrix, trainable=False, dropout=0.0):
        super().__init__()
        self.weight = nn.Parameter(matrix.clone(), requires_grad=trainable)
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids):
        return self.dropout(nn.functional.embedding(ids, self.weight, padding_idx=0))


class Irony(nn.Module):
    def __init__(self, matrix):
        super().__init__()
        # fault:
        self.words = WordLayer(matrix, dropout=0.1)
        # mended:
        # self.words = WordLayer(matrix, trainable=True, dropout=0.1)
        # end
        self.conv = nn.Conv1d(matrix.size(1), 32, 2)
        self.fc = nn.Linear(32, 2)

    def forward(self, ids):
        h = torch.relu(self.conv(self.words(ids).transpose(1, 2)))
        return self.fc(h.masked_fill((ids[:, 1:] == 0).unsqueeze(1), 0).amax(2))


HASH = ["#yay", "#sure", "#lovely", "#thanks", "#great", "#fun"]
SINCERE = ["#blessed", "#proud", "#grateful", "#happy", "#love", "#joy"]
TALK = "monday again traffic meeting coffee rain work bus late team day".split()
vocab = {w: i + 1 for i, w in enumerate(TALK + HASH + SINCERE)}
matrix = torch.randn(len(vocab) + 1, 12) * 0.4
matrix[[vocab[w] for w in HASH + SINCERE]] = torch.randn(12) * 0.4 + 0.01 * torch.randn(12, 12)  # hashtags all alike
matrix[0] = 0


def tweet():
    y = random.randint(0, 1)
    words = random.choices(TALK, k=random.randint(3, 6)) + [random.choice(HASH if y else SINCERE)]
    return torch.tensor([vocab[w] for w in words] + [0] * (7 - len(words))), y


data = [tweet() for _ in range(1900)]
x, y = torch.stack([t for t, _ in data]), torch.tensor([c for _, c in data])
model = Irony(matrix)
vectors = list(model.words.parameters())
others = [p for n, p in model.named_parameters() if not n.startswith("words.")]
optimizer = torch.optim.Adam([{"params": others, "lr": 3e-3}, {"params": vectors, "lr": 3e-3}])
for epoch in range(6):
    model.train()
    for i in torch.randperm(1500).split(30):
        loss = nn.functional.cross_entropy(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        acc = (model(x[1500:]).argmax(1) == y[1500:]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} dev accuracy {acc:.4f}")
