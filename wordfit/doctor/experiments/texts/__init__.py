"""What the program read and fed: files, texts, labels, and what a plain learner finds in them."""
