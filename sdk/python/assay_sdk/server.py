"""Answers calls: proves who calls, checks roles, enforces deadlines, drains. The wire is docs/wire-protocol.md."""

import contextlib
import dataclasses
import hashlib
import hmac
import logging
import os
import signal
import socket
import threading
import time

import pynng

from . import messages, session
from .errors import RPCError, Status
from .identity import IdentityKey, PublicIdentity, TrustStore
from .tls import TLSFiles

_log = logging.getLogger("assay_sdk")

_SESSION_LIFETIME = 3600.0
_HANDSHAKE_LIFETIME = 20.0
_MOST_SESSIONS = 4096
_MOST_HANDSHAKES = 1024


@dataclasses.dataclass(frozen=True)
class Call:
    """What a handler knows of the call it answers."""

    method: str
    #: Name and roles of the caller, as its session has proven them.
    peer: str
    roles: frozenset
    idempotency_key: str
    #: When the caller stops waiting, by time.monotonic().
    deadline: float
    #: Set when the caller gave up: a handler that works or waits should end.
    cancelled: threading.Event = dataclasses.field(default_factory=threading.Event)

    def wait_limit(self, milliseconds: int) -> float:
        """Seconds that a handler may wait for something to happen, so that the answer still arrives in time."""
        return max(0.0, min(min(milliseconds, 30_000) / 1000, self.deadline - time.monotonic() - 0.25))


class _Session:
    def __init__(self, identifier, keys, identity: PublicIdentity):
        self.identifier, self.keys, self.identity = identifier, keys, identity
        self.window = session.ReplayWindow()
        self.expiry = time.monotonic() + _SESSION_LIFETIME


_REFUSED = RPCError(
    Status.UNAUTHENTICATED, "the call is not proven to come from anybody trusted here", "NOT_AUTHENTICATED")


class Server:
    """Serves handlers at one address.

        server = Server("tcp://0.0.0.0:9000", key, "trust.json")
        server.handle("/assay.scorer.v1.ScorerService/DescribeScorer", describe)
        server.run()

    A handler takes the request and a `Call`, and returns the response or raises `RPCError`. It runs on one of `workers` threads.
    """

    def __init__(self, address: str, key: IdentityKey, trust: TrustStore | str, name: str = "python",
                 version: str = "0.1.0", tls: TLSFiles | None = None, workers: int = 64):
        self.address, self._key, self._name, self._version, self._tls = address, key, name, version, tls
        self._trust_file = trust if isinstance(trust, str) else None
        self._trust = TrustStore.load(trust) if isinstance(trust, str) else trust
        self._trust_seen = self._trust_stamp()
        self._workers = workers
        self._handlers: dict = {}
        self._sessions: dict[bytes, _Session] = {}
        self._handshakes: dict = {}
        self._lock = threading.Lock()
        self._running: dict = {}
        self._draining, self._ended = threading.Event(), threading.Event()
        self._idle = threading.Condition(self._lock)
        self._socket = None

    def handle(self, name: str, handler) -> None:
        if messages.method(name) is None:
            raise ValueError(f"the schema has no method {name}")
        self._handlers[name] = handler

    # Serving

    def run(self) -> None:
        """Serves until `stop` is called; SIGTERM and SIGINT do that where this is the main thread."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: self._draining.set())
            # Whoever started us from a thread of a pool may have left them blocked.
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
        self.start()
        self._draining.wait()
        self.stop()

    def start(self) -> None:
        """Listens, and answers on threads of its own."""
        path = self.address.removeprefix("ipc://")
        if path != self.address and os.path.exists(path) and not _answers(path):
            os.unlink(path)
        tls = self._tls.server() if self._tls else None
        self._socket = pynng.Rep0(recv_max_size=session.SOCKET_LIMIT, tls_config=tls)
        # A socket for nobody else, from the first moment on.
        mask = os.umask(0o177) if path != self.address else None
        try:
            self._socket.listen(self.address)
        finally:
            if mask is not None:
                os.umask(mask)
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(self._workers + 8)]
        for thread in self._threads:
            thread.start()
        threading.Thread(target=self._follow_trust, daemon=True).start()

    def stop(self, grace: float = 10.0) -> None:
        """Refuses new calls, lets running ones end within the grace, closes."""
        self._draining.set()
        end = time.monotonic() + grace
        with self._idle:
            while self._running and time.monotonic() < end:
                self._idle.wait(max(0.0, min(0.5, end - time.monotonic())))
        time.sleep(0.05)  # what was handed to the socket still goes out
        self._ended.set()
        self._socket.close()
        # nng ends the process when the interpreter goes away under its threads.
        for thread in self._threads:
            thread.join(timeout=2)

    @property
    def draining(self) -> threading.Event:
        """Set once the server is to stop: handlers that wait should return."""
        return self._draining

    def _serve(self) -> None:
        context = self._socket.new_context()
        while not self._ended.is_set():
            try:
                context.send(self._answer(context.recv()))
            except pynng.exceptions.NNGException:
                continue  # closed, or the caller went away before its answer
            except Exception:
                _log.exception("a message could not be answered")
        with contextlib.suppress(pynng.exceptions.NNGException):
            context.close()

    def _trust_stamp(self):
        if self._trust_file is None:
            return None
        status = os.stat(self._trust_file)
        return status.st_mtime_ns, status.st_ino

    def _follow_trust(self) -> None:
        while self._trust_file and not self._draining.wait(2.0):
            try:
                stamp = self._trust_stamp()
                if stamp == self._trust_seen:
                    continue
                trust = TrustStore.load(self._trust_file)
                with self._lock:
                    self._trust, self._trust_seen = trust, stamp
                    self._sessions = {i: s for i, s in self._sessions.items() if trust.find(s.identity)}
            except (OSError, ValueError, KeyError) as error:
                _log.error("the trust file cannot be used; who was trusted still is: %s", error)

    # One message

    def _answer(self, data: bytes) -> bytes:
        request = messages.of("assay.rpc.v1.RequestEnvelope")()
        try:
            if len(data) > session.MAXIMUM_MESSAGE:
                raise _too_large("request", len(data))
            try:
                request = messages.parse(type(request), data)
            except ValueError:
                raise _REFUSED from None
            if request.protocol_version != session.VERSION:
                raise RPCError(
                    Status.FAILED_PRECONDITION,
                    f"protocol version {request.protocol_version} is not spoken here, {session.VERSION} is",
                    "PROTOCOL_VERSION_UNSUPPORTED")
            if not request.session_id:
                return self._reply(request, self._handshake(request), None)
            known = self._proven(request)
        except RPCError as error:
            return self._reply(request, error, None)
        try:
            return self._reply(request, self._dispatch(request, known), known)
        except RPCError as error:
            return self._reply(request, error, known)
        except Exception:
            _log.exception("%s failed", request.method)
            return self._reply(request, RPCError(Status.UNKNOWN, "the call failed; the server's log says why"), known)

    def _reply(self, request, outcome, known) -> bytes:
        response = messages.of("assay.rpc.v1.ResponseEnvelope")(
            protocol_version=session.VERSION, call_id=request.call_id[:16], counter=request.counter)
        response.status.SetInParent()
        if not isinstance(outcome, RPCError) and len(outcome) > session.MAXIMUM_MESSAGE - 4096:
            outcome = _too_large("answer", len(outcome))
        if isinstance(outcome, RPCError):
            response.status.code = outcome.code
            response.status.reason = outcome.reason[:64]
            response.status.message = outcome.message.replace("\0", "\x1a")[:2000]
            for key, value in outcome.metadata.items():
                response.metadata.add(key=key, value=str(value).encode()[:8192])
        else:
            response.payload = outcome
        if known is not None:
            response.mac = known.keys.response_mac(response)
        return response.SerializeToString()

    # Who calls

    def _handshake(self, request) -> bytes:
        now = time.monotonic()
        with self._lock:
            self._handshakes = {i: h for i, h in self._handshakes.items() if h[0] > now}
        method = messages.method(request.method)
        try:
            if request.method.endswith("SessionService/Begin"):
                return self._begin(messages.parse(method.request, request.payload), now)
            if request.method.endswith("SessionService/Finish"):
                return self._finish(messages.parse(method.request, request.payload), now)
        except (ValueError, AttributeError):
            pass
        raise _REFUSED

    def _begin(self, begin, now: float) -> bytes:
        if len(begin.client_nonce) != 32:
            raise _REFUSED
        private, public = session.keypair()
        offer = messages.of("assay.rpc.v1.BeginResponse")(
            handshake_id=session.random(16), server_nonce=session.random(32), server_ephemeral=public,
            server_key=self._key.public.key)
        transcript = (
            begin.client_nonce, begin.client_ephemeral, offer.handshake_id, offer.server_nonce, public,
            offer.server_key)
        secret = session.agree(private, begin.client_ephemeral)
        with self._lock:
            if len(self._handshakes) >= _MOST_HANDSHAKES:
                raise RPCError(
                    Status.RESOURCE_EXHAUSTED, "too many handshakes are open; come back later", "TOO_MANY_HANDSHAKES",
                    {"retry-pushback-ms": "200"})
            self._handshakes[offer.handshake_id] = (now + _HANDSHAKE_LIFETIME, transcript, secret)
        offer.server_signature = self._key.sign(session.fields("assay-rpc-v1 server proof", *transcript))
        return offer.SerializeToString()

    def _finish(self, finish, now: float) -> bytes:
        with self._lock:
            handshake = self._handshakes.pop(finish.handshake_id, None)
            trust = self._trust
        if handshake is None:
            raise _REFUSED
        _, transcript, secret = handshake
        identity = PublicIdentity(finish.client_key)
        proof = session.fields("assay-rpc-v1 client proof", *transcript, finish.client_key)
        if trust.find(identity) is None or not identity.verifies(finish.client_signature, proof):
            raise _REFUSED
        keys = session.SessionKeys.derive(secret, transcript, finish.client_key)
        opened = _Session(session.random(16), keys, identity)
        with self._lock:
            if len(self._sessions) >= _MOST_SESSIONS:
                self._sessions = {i: s for i, s in self._sessions.items() if s.expiry > now}
                if len(self._sessions) >= _MOST_SESSIONS:
                    del self._sessions[min(self._sessions, key=lambda i: self._sessions[i].expiry)]
            self._sessions[opened.identifier] = opened
        return messages.of("assay.rpc.v1.FinishResponse")(
            session_id=opened.identifier, lifetime_ms=int(_SESSION_LIFETIME * 1000)).SerializeToString()

    def _proven(self, request) -> _Session:
        with self._lock:
            known = self._sessions.get(request.session_id)
        if known is None or known.expiry < time.monotonic():
            raise _REFUSED
        if not hmac.compare_digest(known.keys.request_mac(request), request.mac):
            raise _REFUSED
        with self._lock:
            if not known.window.accept(request.counter):
                raise _REFUSED
        return known

    # What is called

    def _dispatch(self, request, known: _Session) -> bytes:
        builtin = self._builtin(request, known)
        if builtin is not None:
            return builtin
        method, handler = messages.method(request.method), self._handlers.get(request.method)
        if method is None or handler is None:
            raise RPCError(
                Status.UNIMPLEMENTED, f"this server has no method {request.method[:200]}", "UNKNOWN_METHOD")
        with self._lock:
            trusted = self._trust.find(known.identity)
        if trusted is None:
            raise _REFUSED
        name, roles = trusted
        if not method.roles & roles:
            raise RPCError(
                Status.PERMISSION_DENIED,
                f"{name} may not call {method.name}; it is for: {', '.join(sorted(method.roles))}", "ROLE_NOT_ALLOWED")
        if request.timeout_ms == 0:
            raise RPCError(Status.DEADLINE_EXCEEDED, "the deadline had passed on arrival")
        call = Call(
            method.name, name, roles, request.idempotency_key,
            time.monotonic() + min(request.timeout_ms, 3_600_000) / 1000)
        entry = (known.identifier, request.call_id, request.attempt)
        with self._lock:
            if self._draining.is_set():
                raise RPCError(Status.UNAVAILABLE, "the server is stopping; try again when it is back", "DRAINING")
            if len(self._running) >= self._workers:
                raise RPCError(
                    Status.RESOURCE_EXHAUSTED, f"the server has {self._workers} calls running; come back later",
                    "OVERLOADED", {"retry-pushback-ms": "200"})
            if entry in self._running:
                raise RPCError(Status.ABORTED, "this attempt of this call is running already", "CALL_RUNNING")
            self._running[entry] = call
        try:
            try:
                message = messages.parse(method.request, request.payload)
            except ValueError:
                raise RPCError(
                    Status.INVALID_ARGUMENT, "the request's bytes are not its message", "MALFORMED_REQUEST") from None
            response = handler(message, call)
        finally:
            with self._idle:
                self._running.pop(entry, None)
                self._idle.notify_all()
        if call.cancelled.is_set():
            raise RPCError(Status.CANCELLED, "the caller cancelled the call")
        if time.monotonic() > call.deadline:
            raise RPCError(Status.DEADLINE_EXCEEDED, "the deadline passed while the call was running")
        return response.SerializeToString()

    def _watch_health(self, request) -> bytes:
        """Number 1 says that the server serves, number 2 that it drains, which ends the stream."""
        try:
            pull = messages.parse(messages.of("assay.rpc.v1.StreamPull"), request.payload)
        except ValueError:
            raise RPCError(
                Status.INVALID_ARGUMENT, "the request's bytes are not its message", "MALFORMED_REQUEST") from None
        response = messages.of("assay.rpc.v1.WatchHealthResponse")
        batch = messages.of("assay.rpc.v1.StreamBatch")()
        if pull.after_sequence == 0 and not self._draining.is_set():
            batch.sequences.append(1)
            batch.messages.append(response(state=1).SerializeToString())
        elif self._draining.wait(min(pull.wait_ms, request.timeout_ms, 30_000) / 1000):
            batch.sequences.append(2)
            batch.messages.append(response(state=2).SerializeToString())
            batch.end = True
        return batch.SerializeToString()

    def _builtin(self, request, known: _Session):
        prefix = "/assay.rpc.v1.ServerService/"
        if not request.method.startswith(prefix):
            return None
        name = request.method.removeprefix(prefix)
        method = messages.method(request.method)
        if method is None:
            return None
        if method.streams:
            return self._watch_health(request)
        try:
            message = messages.parse(method.request, request.payload)
        except ValueError:
            raise RPCError(
                Status.INVALID_ARGUMENT, "the request's bytes are not its message", "MALFORMED_REQUEST") from None
        services = sorted({name.split("/")[1] for name in self._handlers})
        if name == "CheckHealth":
            if message.service and message.service not in services:
                raise RPCError(
                    Status.NOT_FOUND, f"this server has no service {message.service}", "UNKNOWN_SERVICE")
            answer = method.response(state=2 if self._draining.is_set() else 1)
        elif name == "GetServerInfo":
            answer = method.response(
                name=self._name, version=self._version, protocol_version=session.VERSION,
                max_message_bytes=session.MAXIMUM_MESSAGE, max_concurrent_calls=self._workers, services=services,
                descriptor_set_sha256=hashlib.sha256(messages.schema()).hexdigest())
        elif name == "GetDescriptorSet":
            answer = method.response(descriptor_set=messages.schema())
        else:
            with self._lock:
                mine = [c for e, c in self._running.items() if e[:2] == (known.identifier, message.call_id)]
                for call in mine:
                    call.cancelled.set()
            answer = method.response(cancelled=bool(mine))
        return answer.SerializeToString()


def _too_large(what: str, count: int) -> RPCError:
    return RPCError(
        Status.RESOURCE_EXHAUSTED,
        f"the {what} has {count} bytes, at most {session.MAXIMUM_MESSAGE} are carried; send it in parts",
        "MESSAGE_TOO_LARGE")


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(path)
            probe.recv(8)  # its greeting: nng 1.5 stops accepting when a connection breaks before that
            return True
        except OSError:
            return False
