"""A whole evaluator: declare a task, its inputs and how predictions are judged; the rest is done here.

The base class keeps the durable queue, gives jobs to the run's runners, decides by the noise of the baseline, signs verdicts
and tells the lineage. A benchmark's owner writes what is theirs: the recipe to start from, its partitions, the held-out data.
"""

import abc
import argparse
import dataclasses
import hashlib
import json
import logging

from .client import Client
from .engine import Engine
from .identity import IdentityKey, PublicIdentity
from .judgement import Judgement
from .server import Server
from .tls import TLSFiles


@dataclasses.dataclass(frozen=True)
class Metric:
    """What is measured. Differences below `smallest_effect`, a decimal text, matter to nobody."""

    name: str
    minimize: bool = True
    unit: str = ""
    smallest_effect: str = "0"


@dataclasses.dataclass(frozen=True)
class Phase:
    """A program that runners start in their sandbox, what it leaves below /out, and its limits.

    In the command `{seed}` is the seed. Recipe and harness are at /recipe and /harness; prediction finds what training left at
    /artifact and its inputs at /inputs. `outputs` maps a path to the most bytes it may have.
    """

    command: list
    outputs: dict
    cpu_seconds: float
    wall_seconds: float
    memory_mb: int = 512
    processes: int = 32
    disk_mb: int = 64
    output_kb: int = 64


class Evaluator(abc.ABC):
    """Subclass it, set the attributes, write `inputs` and `judge`, and call `main()`."""

    name: str
    metric: Metric
    #: Files that agents edit.
    recipe: dict
    #: For each specialist the sections of each file that it owns; no sections for the whole file.
    partitions: dict
    train: Phase
    predict: Phase
    title = ""
    summary = ""
    #: Files that run but are not edited.
    harness: dict = {}
    #: Notes for agents, by name.
    knowledge: dict = {}
    #: Bounds of metrics, met by the confidence bound of their mean: {"accuracy": (">=", "0.9")} with confidence 0.95, or
    #: (">=", "0.9", "0.99"); "0.5" asks for the mean alone.
    gates: dict = {}
    recipe_max_bytes = 65536
    seeds_per_trial = 1
    seeds_baseline = 3
    seeds_final = 3
    #: Fresh seeds of a trial that looks better, beside as many of the best so far; 0 to keep it unconfirmed.
    seeds_confirm = 3
    #: Folders of the runner's host (`assay-runner --mount TASK/NAME=dir`), name by path in the sandbox.
    mounts: dict = {}
    version = "1"

    @abc.abstractmethod
    def inputs(self, sealed: bool) -> dict:
        """What predictors may see: files by group. Nothing passes between groups. Never answers.

        `sealed` asks for the data that the search never sees, which is used once, when a run ends.
        """

    @abc.abstractmethod
    def judge(self, predictions: dict, sealed: bool) -> Judgement | float:
        """The score of one seed's predictions: files by group, as `inputs` has groups.

        Raises `Illegal` for what breaks a rule, `Malformed` for what cannot be used. Predictions are bytes from an adversary.
        """

    @property
    def digest(self) -> str:
        """Names the task as it is: whatever is changed of it changes this."""
        facts = {
            name: getattr(self, name) for name in (
                "name", "partitions", "recipe_max_bytes", "seeds_per_trial", "seeds_baseline", "seeds_final", "seeds_confirm", "gates",
                "mounts", "version")
        }
        facts |= {name: dataclasses.asdict(getattr(self, name)) for name in ("metric", "train", "predict")}
        for name in ("recipe", "harness"):
            facts[name] = {path: hashlib.sha256(data).hexdigest() for path, data in getattr(self, name).items()}
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    @classmethod
    def main(cls, arguments: list | None = None) -> None:
        """The program: serves until it is told to stop."""
        parser = argparse.ArgumentParser(description=cls.__doc__ or cls.summary)
        parser.add_argument("--listen", required=True, metavar="URL", help="ipc://, tcp:// or tls+tcp:// address")
        parser.add_argument("--key", required=True, metavar="FILE", help="this evaluator's private key; made when missing")
        parser.add_argument("--trust", metavar="FILE", help="the run's trust-evaluator.json: who may call")
        parser.add_argument("--state", metavar="DIR", help="folder for the queue and the verdicts")
        parser.add_argument("--lineage", metavar="URL", help="address of the run's lineage")
        parser.add_argument("--lineage-key", metavar="KEY", help="public key of the lineage, assay-ed25519:...")
        parser.add_argument("--tls-ca", metavar="FILE", help="authorities believed over tls+tcp://")
        parser.add_argument("--tls-cert", metavar="FILE", help="certificate and private key for tls+tcp://")
        parser.add_argument("--show-key", action="store_true", help="print the public key and exit")
        options = parser.parse_args(arguments)
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
        key = IdentityKey.load_or_create(options.key)
        if options.show_key:
            print(key.public)
            return
        if not options.trust or not options.state:
            parser.error("--trust and --state are needed")
        tls = TLSFiles(options.tls_ca, options.tls_cert) if options.tls_ca else None
        lineage = None
        if options.lineage:
            lineage = Client(options.lineage, PublicIdentity.parse(options.lineage_key), key, tls)
        task = cls()
        server = Server(options.listen, key, options.trust, name=task.name, version=task.version, tls=tls)
        engine = Engine(task, key, options.state, lineage, server.draining)
        engine.register(server)
        logging.info("%s listens at %s as %s", task.name, options.listen, key.public)
        server.run()
        engine.close()
