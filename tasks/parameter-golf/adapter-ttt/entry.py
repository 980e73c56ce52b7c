"""What the harness calls, on top of upstream's script: train(data, seed, seconds), load(artifact), predict(model, seen).

Upstream's script trains, rounds, compresses and scores itself. What it scores is text that it was trained on, and nothing of that counts: the
artifact that it leaves is loaded again, in another process, and predicts text before it is revealed.
"""
import io
import os
import zlib

import numpy as np


def train(data, seed, seconds):
    os.environ.update(
        DATA_PATH=data, TOKENIZER_PATH=os.path.join(data, "tokenizer.model"), SEED=str(seed % (1 << 31)),
        MAX_WALLCLOCK_SECONDS=str(seconds), VAL_LOSS_EVERY="0", RUN_ID="trial")
    # The script writes where it stands.
    os.chdir(os.environ.get("TMPDIR", "/tmp"))
    import train_gpt

    train_gpt.main()
    if int(os.environ.get("RANK", "0")) != 0:
        return None
    with open("final_model.int8.ptz", "rb") as file:
        return file.read()


def load(artifact):
    import torch
    import train_gpt

    args = train_gpt.Hyperparameters()
    model = train_gpt.GPT(
        vocab_size=args.vocab_size, num_layers=args.num_layers, model_dim=args.model_dim, num_heads=args.num_heads,
        num_kv_heads=args.num_kv_heads, mlp_mult=args.mlp_mult, tie_embeddings=args.tie_embeddings,
        tied_embed_init_std=args.tied_embed_init_std, logit_softcap=args.logit_softcap, rope_base=args.rope_base,
        qk_gain_init=args.qk_gain_init).cuda().bfloat16()
    for module in model.modules():
        if isinstance(module, train_gpt.CastedLinear):
            module.float()
    train_gpt.restore_low_dim_params_to_fp32(model)
    state = torch.load(io.BytesIO(zlib.decompress(artifact)), map_location="cpu")
    model.load_state_dict(train_gpt.dequantize_state_dict_int8(state), strict=True)
    return model.eval()


# --- section: adaptation ---
def adapt(model, log_probs, seen):
    """What all tokens that were revealed so far say about the next ones; the model may be trained on them. Nothing, to begin with."""
    return log_probs


# --- section: prediction ---
def predict(model, seen):
    """Log-probabilities (windows, vocabulary) of the next token of each window, from all tokens (windows, positions) so far."""
    import torch
    import torch.nn.functional as F

    tokens = torch.from_numpy(seen.astype(np.int64)).cuda()
    kept = []
    hook = model.final_norm.register_forward_hook(lambda module, given, result: kept.append(result))
    with torch.inference_mode(), torch.autocast(device_type="cuda", dtype=torch.bfloat16):
        model(tokens, tokens)
        x = kept[0][:, -1]
        raw = F.linear(x, model.tok_emb.weight) if model.tie_embeddings else model.lm_head(x)
        logits = model.logit_softcap * torch.tanh(raw / model.logit_softcap)
    hook.remove()
    return adapt(model, torch.log_softmax(logits.float(), dim=-1).cpu().numpy(), seen)
