"""Evaluators, scorers and agents for Assay, in Python.

* `Client` calls any service, `Server` answers calls.
* `Evaluator` is a whole evaluator with a task of its own; `Scorer` judges artifacts for Assay's evaluator.
* `Agent` reads the lineage, submits trials and waits for their verdicts.
"""

from .agent import Agent
from .client import Client
from .errors import RPCError, Status
from .evaluator import Evaluator, Metric, Phase
from .identity import IdentityKey, PublicIdentity, TrustStore
from .judgement import Illegal, Judgement, Malformed
from .scorer import Scorer
from .server import Call, Server
from .tls import TLSFiles

__all__ = [
    "Agent", "Call", "Client", "Evaluator", "IdentityKey", "Illegal", "Judgement", "Malformed", "Metric", "Phase",
    "PublicIdentity", "RPCError", "Scorer", "Server", "Status", "TLSFiles", "TrustStore",
]
