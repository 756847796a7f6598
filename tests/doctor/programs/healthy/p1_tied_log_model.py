"""Weight tying, label smoothing and a fixed random projection in one small language model.

We model the event log of a vending machine. The next event depends on the last two, and we know the true
process, so we know how often the best possible model would be right.
"""
import math

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

torch.manual_seed(1234)
N_EVENTS = 20
PAD = N_EVENTS  # the last id
IGNORE = -1


def make_process():
    """For each pair of events three possible successors with chances 0.8, 0.15 and 0.05."""
    # successors hang on the kind (id % 4) of the older event and on the newer one
    return torch.stack([torch.stack([torch.randperm(N_EVENTS)[:3] for _ in range(N_EVENTS)]) for _ in range(4)])


def run_machine(process, length):
    events = torch.randint(N_EVENTS, (2,)).tolist()
    chances = torch.tensor([0.8, 0.15, 0.05])
    for pick in torch.multinomial(chances, length, replacement=True).tolist():
        events.append(process[events[-2] % 4, events[-1], pick].item())
    return torch.tensor(events)


def collate(logs):
    """Time first: (T, B). What has to be predicted begins at the third event."""
    inputs = pad_sequence([log[:-1] for log in logs], padding_value=PAD)
    targets = pad_sequence([log[1:] for log in logs], padding_value=IGNORE)
    targets[0] = IGNORE
    return inputs, targets


class Scale(nn.Module):
    """Our own RMS normalisation over the features of each position."""

    def __init__(self, dim):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        return self.gain * x * torch.rsqrt(x.pow(2).mean(dim=-1, keepdim=True) + 1e-6)


class TiedLM(nn.Module):
    def __init__(self, dim=24, hidden=64):
        super().__init__()
        self.dim = dim
        self.embedding = nn.Embedding(N_EVENTS + 1, dim)
        nn.init.normal_(self.embedding.weight, std=dim ** -0.5)
        self.gru = nn.GRU(dim, hidden)
        self.norm = Scale(hidden)
        # a random orthogonal projection back to the embedding's size; it is not meant to be trained
        projection = nn.init.orthogonal_(torch.empty(dim, hidden))
        self.register_buffer("projection", projection)
        self.bias = nn.Parameter(torch.zeros(N_EVENTS))

    def forward(self, events):
        x = self.embedding(events) * math.sqrt(self.dim)
        states, _ = self.gru(x)
        query = self.norm(states) @ self.projection.T
        return query @ self.embedding.weight[:N_EVENTS].T + self.bias


def evaluate(model, loader):
    model.eval()
    right = total = nll = 0
    with torch.inference_mode():
        for inputs, targets in loader:
            logits = model(inputs)
            keep = targets != IGNORE
            right += (logits.argmax(dim=-1)[keep] == targets[keep]).sum().item()
            nll += nn.functional.cross_entropy(logits[keep], targets[keep], reduction="sum").item()
            total += keep.sum().item()
    return right / total, math.exp(nll / total)


process = make_process()
lengths = torch.randint(6, 31, (1050,)).tolist()
logs = [run_machine(process, n) for n in lengths]
known = {tuple(log.tolist()) for log in logs[:900]}
test_logs = [log for log in logs[900:] if tuple(log.tolist()) not in known]
train_loader = DataLoader(logs[:900], batch_size=30, shuffle=True, collate_fn=collate)
test_loader = DataLoader(test_logs, batch_size=75, collate_fn=collate)

model = TiedLM()
vectors = [p for p in model.parameters() if p.dim() < 2]
matrices = [p for p in model.parameters() if p.dim() >= 2]
optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.02}, {"params": vectors, "weight_decay": 0.0}], lr=1e-2)
epochs = 10
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs, eta_min=1e-4)
criterion = nn.CrossEntropyLoss(ignore_index=IGNORE, label_smoothing=0.03, reduction="sum")

for epoch in range(1, epochs + 1):
    model.train()
    running = seen = 0
    for inputs, targets in train_loader:
        n = (targets != IGNORE).sum()
        loss = criterion(model(inputs).flatten(0, 1), targets.flatten())
        model.zero_grad(set_to_none=True)
        (loss / n).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        running += loss.item()
        seen += n.item()
    schedule.step()
    accuracy, perplexity = evaluate(model, test_loader)
    print(f"epoch {epoch:2d}  loss {running / seen:.3f}  test accuracy {accuracy:.3f}  test perplexity {perplexity:.2f}")

accuracy, perplexity = evaluate(model, train_loader)
print(f"on the training logs: accuracy {accuracy:.3f}, perplexity {perplexity:.2f}; nobody can beat 0.80 by much")
