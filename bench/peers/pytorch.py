"""PyTorch as a peer of bench/peers.mjs, whose header describes the lines exchanged. --variant channels_last: that memory format."""

import argparse
import json
import sys
import time

try:
    import numpy as np
    import torch
    from torch import nn
except ImportError as error:
    print(json.dumps({"unable": f"{error}; install PyTorch for this Python"}), flush=True)
    sys.exit()

from model import make_model, make_optimizer

parser = argparse.ArgumentParser()
parser.add_argument("--model", choices=["mlp", "cnn", "resnet"])
parser.add_argument("--data")
parser.add_argument("--batch", type=int)
parser.add_argument("--lr", type=float)
parser.add_argument("--optimizer", choices=["sgd", "nesterov", "adam"])
parser.add_argument("--decay", type=float)
parser.add_argument("--variant")
args = parser.parse_args()

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
torch.manual_seed(0)
labels = torch.from_numpy(np.fromfile(f"{args.data}/labels", dtype=np.uint8).astype(np.int64))
images = torch.from_numpy(np.fromfile(f"{args.data}/images", dtype=np.uint8)).reshape(-1, 1, 28, 28).float() / 255
model = make_model(args.model)
if args.variant == "channels_last":
    images = images.to(memory_format=torch.channels_last)
    model = model.to(memory_format=torch.channels_last)
criterion = nn.CrossEntropyLoss()
optimizer = make_optimizer(args.optimizer, model.parameters(), args.lr, args.decay)
batches = len(labels) // args.batch

print(json.dumps({"ready": f"PyTorch {torch.__version__}"}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    total = 0.0
    start = time.perf_counter()
    for step in range(request["from"], request["from"] + request["count"]):
        at = step % batches * args.batch
        loss = criterion(model(images[at:at + args.batch]), labels[at:at + args.batch])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        total += loss.item()
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "count": request["count"], "loss": total / request["count"]}), flush=True)
