"""A search by Optuna over the objective of bench/search/objective.mjs; prints what it trained as JSON."""

import json
import queue
import subprocess
import sys

import optuna

request = json.loads(sys.argv[1])
optuna.logging.set_verbosity(optuna.logging.ERROR)
processes = queue.Queue()
for _ in range(request["workers"]):
    processes.put(subprocess.Popen(request["objective"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
reached = []


def suggest(trial, path, draw):
    if "choice" in draw:
        return trial.suggest_categorical(path, draw["choice"])
    low, high = draw.get("logUniform") or draw["uniform"]
    return trial.suggest_float(path, low, high, log="logUniform" in draw)


def tell(process, message):
    process.stdin.write(json.dumps(message) + "\n")
    process.stdin.flush()


def objective(trial):
    config = {path: suggest(trial, path, draw) for path, draw in request["axes"].items()}
    process = processes.get()
    try:
        tell(process, {"config": config})
        for epoch in range(1, request["epochs"] + 1):
            accuracy = json.loads(process.stdout.readline())["accuracy"]
            reached.append(accuracy)
            trial.report(accuracy, epoch)
            if epoch == request["epochs"]:
                return accuracy
            stop = trial.should_prune()
            tell(process, {"go": not stop})
            if stop:
                raise optuna.TrialPruned()
    finally:
        processes.put(process)


halving = optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=request["reduction"])
study = optuna.create_study(
    direction="maximize",
    sampler=optuna.samplers.RandomSampler(seed=request["seed"]),
    pruner=halving if request["kind"] == "halving" else optuna.pruners.NopPruner(),
)
study.optimize(objective, n_trials=request["samples"], n_jobs=request["workers"])
while not processes.empty():
    processes.get().stdin.close()
cells = [
    {"config": trial.params, "accuracies": list(trial.intermediate_values.values())} for trial in study.get_trials()
]
print(json.dumps({"cells": cells, "reached": reached}))
