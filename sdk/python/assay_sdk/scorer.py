"""Only the judging: Assay's own evaluator keeps queue, sandbox, key and verdict, and asks a scorer for inputs and scores."""

import abc
import argparse
import hashlib
import logging
import threading

from . import messages, statement
from .errors import RPCError, Status
from .identity import IdentityKey
from .judgement import Illegal, Judgement, Malformed
from .server import Server
from .tls import TLSFiles

M = messages.of
_PART = 1 << 20
_MOST_HELD = 1 << 30


class Scorer(abc.ABC):
    """Subclass it, write `inputs` and `judge`, and call `main()`. `assay-evaluator --scorer URL --scorer-key KEY` uses it."""

    #: The name of the task, as its task file has it.
    task: str

    @abc.abstractmethod
    def inputs(self, sealed: bool, nonce: str) -> dict:
        """What predictors may see: files by group. The same for the same nonce. Never answers."""

    @abc.abstractmethod
    def judge(self, predictions: dict, sealed: bool, nonce: str) -> Judgement:
        """Judges files by group. Raises `Illegal` or `Malformed`. Predictions are bytes from an adversary."""

    def __init__(self):
        self._lock = threading.Lock()
        self._parts: dict = {}
        self._known: dict = {}

    def register(self, server: Server) -> None:
        prefix = "/assay.scorer.v1.ScorerService/"
        for name, handler in {
            "ListInputs": self._list, "ReadInput": self._read, "PutPrediction": self._put, "Judge": self._judge,
        }.items():
            server.handle(prefix + name, handler)

    def _check(self, name: str) -> None:
        if name != self.task:
            raise RPCError(
                Status.NOT_FOUND, f"this scorer knows no task '{name}'; it knows {self.task}", "UNKNOWN_TASK")

    def _list(self, request, call):
        self._check(request.task_name)
        response = M("assay.scorer.v1.ListInputsResponse")()
        for group, files in sorted(self.inputs(request.sealed, request.nonce).items()):
            for path, data in sorted(files.items()):
                digest = hashlib.sha256(data).hexdigest()
                with self._lock:
                    self._known[digest] = data
                response.files.add(group=group, path=path, digest=digest, size=len(data))
        return response

    def _read(self, request, call):
        self._check(request.task_name)
        with self._lock:
            data = self._known.get(request.digest)
        if data is None:
            raise RPCError(Status.NOT_FOUND, "no input has this digest; list the inputs first", "UNKNOWN_INPUT")
        most = min(request.max_bytes or _PART, _PART)
        return M("assay.scorer.v1.ReadInputResponse")(
            data=data[request.offset:request.offset + most], size=len(data))

    def _put(self, request, call):
        response = M("assay.scorer.v1.PutPredictionResponse")
        with self._lock:
            held = self._parts.get(request.digest)
            if isinstance(held, bytes):
                return response(received=len(held), complete=True)
            if request.size > _MOST_HELD or request.offset + len(request.data) > request.size:
                raise RPCError(Status.INVALID_ARGUMENT, "a part is larger than the file says", "PART_TOO_LARGE")
            if sum(len(data) for data in self._parts.values()) + len(request.data) > _MOST_HELD:
                self._parts.clear()
            held = self._parts.setdefault(request.digest, bytearray())
            if request.offset > len(held):
                return response(received=len(held))
            held[request.offset:] = request.data
            if len(held) < request.size:
                return response(received=len(held))
            if hashlib.sha256(held).hexdigest() != request.digest:
                del self._parts[request.digest]
                raise RPCError(
                    Status.FAILED_PRECONDITION, "the bytes have another digest; send them again", "BLOB_REFUSED")
            self._parts[request.digest] = bytes(held)
            return response(received=len(held), complete=True)

    def _judge(self, request, call):
        self._check(request.task_name)
        predictions: dict = {}
        with self._lock:
            for file in request.predictions:
                data = self._parts.get(file.digest)
                if not isinstance(data, bytes):
                    raise RPCError(
                        Status.FAILED_PRECONDITION, "a prediction is not here; put it again", "UNKNOWN_PREDICTION")
                predictions.setdefault(file.group, {})[file.path] = data
        response = M("assay.scorer.v1.JudgeResponse")()
        try:
            for name, value in self.judge(predictions, request.sealed, request.nonce).metrics.items():
                response.metrics.add(name=name, value=statement.decimal(float(value)))
        except Illegal as error:
            response.illegal_rule, response.illegal_evidence = error.rule[:128], error.evidence[:1500]
        except Malformed as error:
            response.malformed = str(error)[:1500] or "malformed"
        return response

    @classmethod
    def main(cls, arguments: list | None = None) -> None:
        """The program: serves until it is told to stop."""
        parser = argparse.ArgumentParser(description=cls.__doc__)
        parser.add_argument("--listen", required=True, metavar="URL", help="ipc://, tcp:// or tls+tcp:// address")
        parser.add_argument("--key", required=True, metavar="FILE", help="this scorer's private key; made when missing")
        parser.add_argument("--trust", metavar="FILE", help="trust file that names the evaluator, in the role evaluator")
        parser.add_argument("--tls-ca", metavar="FILE", help="authorities believed over tls+tcp://")
        parser.add_argument("--tls-cert", metavar="FILE", help="certificate and private key for tls+tcp://")
        parser.add_argument("--show-key", action="store_true", help="print the public key and exit")
        options = parser.parse_args(arguments)
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
        key = IdentityKey.load_or_create(options.key)
        if options.show_key:
            print(key.public)
            return
        if not options.trust:
            parser.error("--trust is needed")
        tls = TLSFiles(options.tls_ca, options.tls_cert) if options.tls_ca else None
        server = Server(options.listen, key, options.trust, name=f"scorer of {cls.task}", tls=tls)
        cls().register(server)
        logging.info("the scorer of %s listens at %s as %s", cls.task, options.listen, key.public)
        server.run()
