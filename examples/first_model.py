import csv

from wordfit import TextClassifier

with open("wordfit-demo/train.tsv", encoding="utf-8") as file:
    rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]

model = TextClassifier("wordfit-demo/vectors.txt", tuning="slow", lr=0.02)
model.fit([sentence for _, sentence in rows], [part for part, _ in rows])
print(model.predict(["Return the square root of x.", "Draw a circle in the window."]))  # numbers, windows
