"""About a minute of CPU: an LSTM on made-up sentences, batches of varying length, with an evaluation every epoch."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

torch.manual_seed(0)
WORDS, ROWS, EPOCHS = 20_000, 4_000, 7


def sentence() -> torch.Tensor:
    return torch.randint(1, WORDS, (int(torch.randint(5, 40, ())),))


texts = [sentence() for _ in range(ROWS)]
labels = torch.stack([(t < WORDS // 2).float().mean() > 0.5 for t in texts]).long()


class Classifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(WORDS, 100, padding_idx=0)
        self.lstm = nn.LSTM(100, 128, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(256, 2)

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        packed = pack_padded_sequence(self.words(ids), lengths, batch_first=True, enforce_sorted=False)
        _, (state, _) = self.lstm(packed)
        return self.out(self.drop(torch.cat([state[0], state[1]], dim=1)))


def batches(rows: torch.Tensor, size: int = 32):
    for part in rows.split(size):
        chosen = [texts[i] for i in part.tolist()]
        yield pad_sequence(chosen, batch_first=True), torch.tensor([len(t) for t in chosen]), labels[part]


model = Classifier()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
train, dev = torch.arange(500, ROWS), torch.arange(500)
for epoch in range(EPOCHS):
    model.train()
    for ids, lengths, target in batches(train[torch.randperm(len(train))]):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(ids, lengths), target).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
    model.eval()
    with torch.no_grad():
        right = sum((model(ids, lengths).argmax(1) == target).sum().item() for ids, lengths, target in batches(dev))
    print(epoch, right / len(dev))
