"""PyTorch as a peer of bench/peers.mjs, whose header describes the lines exchanged.

--variant: channels_last for that memory format, compiled for torch.compile, or both in one argument."""

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
parser.add_argument("--variant", default="")
args = parser.parse_args()

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
torch.manual_seed(0)
labels = torch.from_numpy(np.fromfile(f"{args.data}/labels", dtype=np.uint8).astype(np.int64))
images = torch.from_numpy(np.fromfile(f"{args.data}/images", dtype=np.uint8)).reshape(-1, 1, 28, 28).float() / 255
model = make_model(args.model)
if "channels_last" in args.variant:
    images = images.to(memory_format=torch.channels_last)
    model = model.to(memory_format=torch.channels_last)
criterion = nn.CrossEntropyLoss()
optimizer = make_optimizer(args.optimizer, model.parameters(), args.lr, args.decay)
batches = len(labels) // args.batch


def loss_of(x, y):
    return criterion(model(x), y)


if "compiled" in args.variant:
    if not hasattr(torch, "compile"):
        print(json.dumps({"unable": f"PyTorch {torch.__version__} has no torch.compile"}), flush=True)
        sys.exit()
    loss_of = torch.compile(loss_of)
    try:  # both passes, now: a first step of many seconds would count as a slow peer's
        loss_of(images[:args.batch], labels[:args.batch]).backward()
    except torch._dynamo.exc.TorchDynamoException as error:
        print(json.dumps({"unable": str(error).splitlines()[0]}), flush=True)
        sys.exit()

print(json.dumps({"ready": f"PyTorch {torch.__version__}"}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    total = 0.0
    start = time.perf_counter()
    for step in range(request["from"], request["from"] + request["count"]):
        at = step % batches * args.batch
        loss = loss_of(images[at:at + args.batch], labels[at:at + args.batch])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        total += loss.item()
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "count": request["count"], "loss": total / request["count"]}), flush=True)
