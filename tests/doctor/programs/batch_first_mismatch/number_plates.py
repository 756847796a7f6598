"""Which district is a number plate from? LSTM over the characters."""
import random
import string

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

random.seed(42)
torch.manual_seed(42)
ALPHABET = string.ascii_uppercase + string.digits
PREFIXES = {"north": "AB AC KL KM", "south": "BA CA LK MK", "east": "XA XB YA YB", "west": "AX BX AY BY", "islands": "QQ KA BK CL"}
DISTRICTS = list(PREFIXES)


class Plates(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        plate, district = self.rows[i]
        return torch.tensor([ALPHABET.index(c) for c in plate]), DISTRICTS.index(district)


class Net(nn.Module):
    def __init__(self, input_size=16, hidden_size=48, num_layers=1, num_classes=5):
        super().__init__()
        self.num_layers, self.hidden_size = num_layers, hidden_size
        self.embedding = nn.Embedding(len(ALPHABET), input_size)
        # fault:
        self.lstm = nn.LSTM(input_size, hidden_size, num_layers)
        # mended:
        # self.lstm = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True)
        # end
        self.fc = nn.Linear(hidden_size, num_classes)

    def forward(self, x):
        out, _ = self.lstm(self.embedding(x))
        return self.fc(out[:, -1, :])


plates = set()
while len(plates) < 2400:
    d = random.choice(DISTRICTS)
    tail = "".join(random.choices(string.digits, k=3)) + "".join(random.choices(string.ascii_uppercase, k=2))
    plates.add((random.choice(PREFIXES[d].split()) + tail, d))
plates = sorted(plates)
random.shuffle(plates)
train_loader = DataLoader(Plates(plates[:2000]), batch_size=25, shuffle=True)
test_loader = DataLoader(Plates(plates[2000:]), batch_size=25)

model = Net()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
for epoch in range(8):
    for i, (x, y) in enumerate(train_loader):
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        correct = sum((model(x).argmax(1) == y).sum().item() for x, y in test_loader)
    print("Epoch [{}/8], Loss: {:.4f}, Test Accuracy: {:.1f} %".format(epoch + 1, loss.item(), 100 * correct / 400))
