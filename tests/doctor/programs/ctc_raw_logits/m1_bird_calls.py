"""Transcribing bird calls with CTC.

A recorder quantises the sound of every 20 ms frame to one of 40 codes. Ornithologists
write the same call as a handful of syllables ("tsip tsip wheet churr"). There is no
alignment between frames and syllables, so this is a job for CTC.
"""
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

SEED = 5
random.seed(SEED)
torch.manual_seed(SEED)

SYLLABLES = ["tsip", "wheet", "churr", "tuk", "pee", "zwee", "krek", "hoo", "dit", "fiu", "srii", "bok"]
BLANK = 0
N_CODES = 40
SILENCE = [1, 2, 3]


def make_sound_bank():
    bank = {}
    for s in range(1, len(SYLLABLES) + 1):
        bank[s] = [random.randint(4, N_CODES - 1) for _ in range(3)]
    return bank


def record(syllables, bank):
    frames = random.choices(SILENCE, k=random.randint(1, 3))
    for s in syllables:
        for code in bank[s]:
            frames += [code if random.random() > 0.08 else random.randint(4, N_CODES - 1)] * random.randint(1, 2)
        frames += random.choices(SILENCE, k=random.randint(1, 2))
    return frames


def field_trip(n, bank):
    calls = set()
    while len(calls) < n:
        calls.add(tuple(random.randint(1, len(SYLLABLES)) for _ in range(random.randint(3, 6))))
    calls = sorted(calls)
    random.shuffle(calls)
    return [(torch.tensor(record(c, bank)), torch.tensor(c)) for c in calls]


class CallDataset(Dataset):
    def __init__(self, recordings):
        self.recordings = recordings

    def __len__(self):
        return len(self.recordings)

    def __getitem__(self, i):
        return self.recordings[i]


def collate(batch):
    frames, calls = zip(*batch)
    frame_lengths = torch.tensor([len(f) for f in frames])
    call_lengths = torch.tensor([len(c) for c in calls])
    return pad_sequence(frames, batch_first=True), frame_lengths, pad_sequence(calls, batch_first=True), call_lengths


class CallTranscriber(nn.Module):
    def __init__(self, n_codes, n_out, dim=32, channels=64):
        super().__init__()
        self.embedding = nn.Embedding(n_codes, dim, padding_idx=0)
        self.conv = nn.Sequential(nn.Conv1d(dim, channels, 5, padding=2), nn.ReLU(),
                                  nn.Conv1d(channels, channels, 5, padding=2), nn.ReLU())
        self.fc = nn.Linear(channels, n_out)

    def forward(self, frames):
        h = self.conv(self.embedding(frames).transpose(1, 2)).transpose(1, 2)
        # fault:
        return self.fc(h)
        # mended:
        #return self.fc(h).log_softmax(dim=-1)
        # end


def edit_distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        prev, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            prev, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, prev + (x != y))
    return row[-1]


def greedy_decode(path):
    out, last = [], BLANK
    for p in path:
        if p != last and p != BLANK:
            out.append(p)
        last = p
    return out


def train(model, loader, optimizer, criterion):
    model.train()
    total = 0.0
    for frames, frame_lengths, calls, call_lengths in loader:
        scores = model(frames).transpose(0, 1)
        loss = criterion(scores, calls, frame_lengths, call_lengths)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        total += loss.item()
    return total / len(loader)


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    errors = n = 0
    for frames, frame_lengths, calls, call_lengths in loader:
        paths = model(frames).argmax(-1)
        for path, fl, call, cl in zip(paths, frame_lengths, calls, call_lengths):
            errors += edit_distance(greedy_decode(path[:fl].tolist()), call[:cl].tolist())
            n += cl.item()
    return errors / n


if __name__ == "__main__":
    bank = make_sound_bank()
    recordings = field_trip(1100, bank)
    train_loader = DataLoader(CallDataset(recordings[:900]), batch_size=16, shuffle=True, collate_fn=collate)
    test_loader = DataLoader(CallDataset(recordings[900:]), batch_size=50, collate_fn=collate)
    model = CallTranscriber(N_CODES, len(SYLLABLES) + 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    criterion = nn.CTCLoss(blank=BLANK)
    for epoch in range(1, 10):
        loss = train(model, train_loader, optimizer, criterion)
        print(f"epoch {epoch} | ctc loss {loss:.3f} | syllable error rate {evaluate(model, test_loader):.3f}")
