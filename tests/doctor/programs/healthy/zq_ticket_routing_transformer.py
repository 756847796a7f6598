# Route support tickets to a team. Small TransformerEncoder with a [CLS] token.
import math
import random
import torch
from torch import nn, optim
from torch.utils.data import Dataset, DataLoader

TEAMS = {
    'billing': ['invoice', 'refund', 'charge', 'card', 'payment', 'price'],
    'login': ['password', 'reset', 'email', 'code', 'account', 'locked'],
    'shipping': ['parcel', 'courier', 'address', 'delivery', 'late', 'lost'],
    'technical': ['crash', 'error', 'screen', 'update', 'version', 'freeze'],
}
NAMES = list(TEAMS)
FILLER = 'hello i my the a to is was and it on please thanks not for with you today have since we still help after this'.split()


class TicketData(Dataset):
    def __init__(self, n, seed):
        r = random.Random(seed)
        self.items = []
        for _ in range(n):
            y = r.randrange(4)
            length = r.randint(8, 16)
            text = [r.choice(FILLER) for _ in range(length)]
            for p in r.sample(range(length), 3):
                text[p] = r.choice(TEAMS[NAMES[y]])
            if r.random() < .2:                      # a word of another team strays in
                text[r.randrange(length)] = r.choice(TEAMS[r.choice(NAMES)])
            self.items.append((text, y))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, k):
        text, y = self.items[k]
        return {'input_ids': [CLS] + [stoi[w] for w in text], 'label': y}


PAD, CLS = 0, 1
stoi = {w: i + 2 for i, w in enumerate(FILLER + [w for ws in TEAMS.values() for w in ws])}


def collate_fn(batch):
    L = max(len(b['input_ids']) for b in batch)
    ids = torch.tensor([b['input_ids'] + [PAD] * (L - len(b['input_ids'])) for b in batch])
    return {'input_ids': ids, 'attention_mask': (ids != PAD).long(), 'labels': torch.tensor([b['label'] for b in batch])}


class TicketTransformer(nn.Module):
    def __init__(self, vocab_size, d_model=32, nhead=4, ff=64, max_len=20, num_labels=4):
        super().__init__()
        self.d_model = d_model
        self.tok = nn.Embedding(vocab_size, d_model, padding_idx=PAD)
        pe = torch.zeros(max_len, d_model)
        pos = torch.arange(max_len).unsqueeze(1)
        div = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe[:, 0::2], pe[:, 1::2] = torch.sin(pos * div), torch.cos(pos * div)
        self.register_buffer('pe', pe)
        layer = nn.TransformerEncoderLayer(d_model, nhead, ff, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=1, enable_nested_tensor=False)
        self.classifier = nn.Linear(d_model, num_labels)

    def forward(self, input_ids, attention_mask, labels=None):
        x = self.tok(input_ids) + self.pe[:input_ids.size(1)]
        x = self.encoder(x, src_key_padding_mask=attention_mask == 0)
        logits = self.classifier(x[:, 0])
        loss = None if labels is None else nn.functional.cross_entropy(logits, labels)
        return {'loss': loss, 'logits': logits}


def evaluate(model, loader):
    model.eval()
    correct = total = 0
    with torch.no_grad():
        for batch in loader:
            out = model(**batch)
            correct += (out['logits'].argmax(-1) == batch['labels']).sum().item()
            total += batch['labels'].numel()
    return correct / total


if __name__ == '__main__':
    torch.manual_seed(123)
    train_set, test_set = TicketData(1600, seed=1), TicketData(500, seed=2)
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True, collate_fn=collate_fn)
    test_loader = DataLoader(test_set, batch_size=250, collate_fn=collate_fn)
    device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
    model = TicketTransformer(len(stoi) + 2).to(device)
    EPOCHS = 3
    optimizer = optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, epochs=EPOCHS, steps_per_epoch=len(train_loader))
    for epoch in range(EPOCHS):
        model.train()
        running_loss = 0
        for batch in train_loader:
            batch = {k: v.to(device) for k, v in batch.items()}
            optimizer.zero_grad(set_to_none=True)
            loss = model(**batch)['loss']
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            running_loss += loss.item()
        print(f'Epoch {epoch + 1}/{EPOCHS} - loss: {running_loss / len(train_loader):.4f} - test accuracy: {evaluate(model, test_loader):.4f}')
    print(f'train accuracy: {evaluate(model, train_loader):.4f}')
