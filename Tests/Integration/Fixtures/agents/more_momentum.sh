# A specialist in a few lines of shell: an edit, and a reason.
set -e
sed -i 's/^MOMENTUM = 0.0$/MOMENTUM = 0.9/' recipe.py
echo 'Momentum keeps going where single batches disagree about the way.' >hypothesis.txt
