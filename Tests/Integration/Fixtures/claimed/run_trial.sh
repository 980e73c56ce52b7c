#!/bin/bash
# A task in the reference implementation's form, small and our own: runs the recipe, and writes down what it said.
cd "$1" || exit 1
name=$(basename "$1")
mkdir -p "full_eval_results/$name"
python3 train.py > train.log 2>&1
python3 run_classify.py train.log $? > "full_eval_results/$name/run_seed0.jsonl"
