"""Calls to one server: session, deadline over all attempts, retries of what may be repeated (docs/wire-protocol.md)."""

import hmac
import random
import threading
import time

import pynng

from . import messages, session
from .errors import RPCError, Status
from .identity import IdentityKey, PublicIdentity
from .tls import TLSFiles

_BEGIN = "/assay.rpc.v1.SessionService/Begin"
_FINISH = "/assay.rpc.v1.SessionService/Finish"
_ATTEMPTS = 5
_REFUSALS = 3


class _Session:
    def __init__(self, identifier: bytes, keys: session.SessionKeys, expiry: float):
        self.identifier, self.keys, self.expiry = identifier, keys, expiry
        self._counter = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        with self._lock:
            self._counter += 1
            return self._counter


class _NotSent(Exception):
    """Nobody took the message."""


class _Lost(Exception):
    """The message may have been executed."""


class Client:
    """Calls methods of one server. May be used by any number of threads.

    `server` is the key that the server must prove; `address` is `ipc://`, `tcp://` or, with `tls`, `tls+tcp://`.
    """

    def __init__(self, address: str, server: PublicIdentity, key: IdentityKey, tls: TLSFiles | None = None):
        self._address, self._server, self._key, self._tls = address, server, key, tls
        self._idle: list = []
        self._lock = threading.Lock()
        self._handshake = threading.Lock()
        self._session: _Session | None = None
        self._closed = False

    def close(self) -> None:
        with self._lock:
            self._closed, idle, self._idle = True, self._idle, []
        for socket in idle:
            socket.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def call(self, name: str, request, timeout: float = 15.0, idempotency_key: str = "", wait_for_ready: bool = False):
        """Makes one call and returns the method's response. Raises RPCError.

        With `wait_for_ready` a server that cannot be reached is tried until the timeout instead of a few times.
        """
        method = messages.method(name)
        if method is None:
            raise RPCError(Status.UNIMPLEMENTED, f"the schema has no method {name}", "UNKNOWN_METHOD")
        payload = request.SerializeToString()
        if method.streams:
            raise RPCError(Status.INVALID_ARGUMENT, f"{name} is a stream; pull it with `stream`")
        data = self._repeat(method, payload, timeout, idempotency_key, wait_for_ready)
        return self._read(method.response, data, name)

    def stream(self, name: str, request, after: int = 0, wait: float = 20.0):
        """Yields (sequence number, message) of a stream from the one after `after` on, until it ends."""
        method = messages.method(name)
        pull = messages.of("assay.rpc.v1.StreamPull")(
            request=request.SerializeToString(), after_sequence=after, wait_ms=int(wait * 1000))
        while True:
            data = self._repeat(method, pull.SerializeToString(), wait + 15, "", False)
            batch = self._read(messages.of("assay.rpc.v1.StreamBatch"), data, name)
            for sequence, message in zip(batch.sequences, batch.messages):
                pull.after_sequence = sequence
                yield sequence, self._read(method.response, message, name)
            if batch.end:
                return

    @staticmethod
    def _read(kind: type, data: bytes, name: str):
        try:
            return messages.parse(kind, data)
        except ValueError as error:
            raise RPCError(Status.INTERNAL, f"the answer to {name} is malformed: {error}", "MALFORMED_RESPONSE")

    # Attempts

    def _repeat(self, method, payload: bytes, timeout: float, key: str, wait_for_ready: bool) -> bytes:
        if len(payload) > session.MAXIMUM_MESSAGE - 8192:
            raise RPCError(
                Status.RESOURCE_EXHAUSTED, f"the request has {len(payload)} bytes; send it in parts",
                "MESSAGE_TOO_LARGE")
        deadline = time.monotonic() + timeout
        call_id = session.random(16)
        repeatable = method.idempotent or bool(key)
        attempt, refusals = 1, 0
        while True:
            used, reached = None, False
            try:
                used = self._open(deadline)
                return self._attempt(method, payload, key, used, call_id, attempt, deadline)
            except _Lost as lost:
                reached = True
                failure = RPCError(Status.UNAVAILABLE, str(lost), "CONNECTION_LOST")
            except _NotSent as error:
                failure = RPCError(Status.UNAVAILABLE, str(error), "NOT_CONNECTED")
            except RPCError as error:
                failure, reached = error, used is not None
            if failure.code == Status.UNAVAILABLE:
                refusals = 0
            elif (failure.code == Status.UNAUTHENTICATED and failure.reason != "WRONG_SERVER"
                  and (repeatable or used is None) and refusals + 1 < _REFUSALS):
                # A server that is restarted knows neither a session nor half of a handshake, and may be restarted again
                # before the next message. Whoever is not trusted is refused each time.
                with self._lock:
                    if self._session is used:
                        self._session = None
                refusals, attempt = refusals + 1, attempt + 1
                time.sleep(0.05 * 2 ** refusals * random.random())
                continue
            delay = self._delay(failure, attempt, reached and not repeatable, wait_for_ready)
            if delay is None or time.monotonic() + delay >= deadline:
                raise failure
            time.sleep(delay)
            attempt += 1

    @staticmethod
    def _delay(failure: RPCError, attempt: int, final: bool, wait_for_ready: bool):
        pushback = failure.metadata.get("retry-pushback-ms")
        retryable = failure.code == Status.UNAVAILABLE or (
            failure.code == Status.RESOURCE_EXHAUSTED and pushback is not None)
        if not retryable or final or (attempt >= _ATTEMPTS and not wait_for_ready):
            return None
        if pushback is not None:
            return None if int(pushback) < 0 else min(int(pushback), 30_000) / 1000
        return min(0.05 * 2 ** min(attempt - 1, 10), 2.0) * max(0.1, random.random())

    def _attempt(self, method, payload, key, used: _Session, call_id, attempt, deadline) -> bytes:
        request = self._envelope(method.name, call_id, attempt, deadline)
        request.idempotency_key = key
        request.session_id = used.identifier
        request.counter = used.next()
        request.payload = payload
        request.mac = used.keys.request_mac(request)
        response = self._exchange(request, deadline)
        genuine = response.call_id == call_id and response.counter == request.counter and hmac.compare_digest(
            used.keys.response_mac(response), response.mac)
        refusals = (Status.UNAUTHENTICATED, Status.FAILED_PRECONDITION, Status.RESOURCE_EXHAUSTED)
        if not genuine and (response.mac or response.status.code not in refusals):
            raise RPCError(Status.INTERNAL, f"the answer to {method.name} is not authentic", "FORGED_RESPONSE")
        if response.status.code:
            raise _error(response)
        return response.payload

    # Sessions

    def _open(self, deadline: float) -> _Session:
        with self._handshake:
            with self._lock:
                known = self._session
            if known is not None and known.expiry > time.monotonic() + 60:
                return known
            fresh = self._begin(deadline)
            with self._lock:
                self._session = fresh
            return fresh

    def _begin(self, deadline: float) -> _Session:
        private, public = session.keypair()
        begin = messages.of("assay.rpc.v1.BeginRequest")(client_nonce=session.random(32), client_ephemeral=public)
        offer = self._bare(_BEGIN, begin, deadline)
        transcript = (
            begin.client_nonce, public, offer.handshake_id, offer.server_nonce, offer.server_ephemeral,
            offer.server_key)
        wrong = RPCError(
            Status.UNAUTHENTICATED,
            f"the server is not {self._server}; check the address and the key you expect it to have", "WRONG_SERVER")
        proof = session.fields("assay-rpc-v1 server proof", *transcript)
        if offer.server_key != self._server.key or not self._server.verifies(offer.server_signature, proof):
            raise wrong
        try:
            secret = session.agree(private, offer.server_ephemeral)
        except ValueError:
            raise wrong from None
        own = self._key.public.key
        finish = messages.of("assay.rpc.v1.FinishRequest")(
            handshake_id=offer.handshake_id, client_key=own,
            client_signature=self._key.sign(session.fields("assay-rpc-v1 client proof", *transcript, own)))
        opened = self._bare(_FINISH, finish, deadline)
        keys = session.SessionKeys.derive(secret, transcript, own)
        return _Session(opened.session_id, keys, time.monotonic() + min(opened.lifetime_ms, 1 << 40) / 1000)

    def _bare(self, name: str, message, deadline: float):
        method = messages.method(name)
        request = self._envelope(name, session.random(16), 1, deadline)
        request.payload = message.SerializeToString()
        try:
            response = self._exchange(request, min(deadline, time.monotonic() + 5))
        except _Lost as lost:
            # A handshake that was lost has no effect.
            raise _NotSent(f"cannot open a session: {lost}") from None
        if response.status.code == Status.UNAUTHENTICATED:
            raise RPCError(
                Status.UNAUTHENTICATED,
                f"the server does not know {self._key.public}; add it to the server's trust file", "NOT_TRUSTED")
        if response.status.code:
            raise _error(response)
        return self._read(method.response, response.payload, name)

    # Messages

    @staticmethod
    def _envelope(name: str, call_id: bytes, attempt: int, deadline: float):
        left = deadline - time.monotonic()
        if left <= 0:
            raise RPCError(Status.DEADLINE_EXCEEDED, f"the deadline passed before {name} was answered")
        return messages.of("assay.rpc.v1.RequestEnvelope")(
            protocol_version=session.VERSION, method=name, call_id=call_id, attempt=attempt,
            timeout_ms=_milliseconds(deadline))

    def _exchange(self, request, deadline: float):
        with self._lock:
            if self._closed:
                raise RPCError(Status.CANCELLED, "this client was closed", "CLIENT_CLOSED")
            socket = self._idle.pop() if self._idle else None
        if socket is None:
            socket = self._connect()
        try:
            socket.send_timeout = _milliseconds(deadline)
            socket.send(request.SerializeToString())
        except pynng.exceptions.NNGException as error:
            socket.close()
            raise _NotSent(f"nobody answers at {self._address} ({error})") from None
        try:
            socket.recv_timeout = _milliseconds(deadline)
            data = socket.recv()
        except pynng.exceptions.Timeout:
            socket.close()
            raise RPCError(Status.DEADLINE_EXCEEDED, f"{request.method} was not answered in time") from None
        except pynng.exceptions.NNGException as error:
            socket.close()
            raise _Lost(f"the connection to {self._address} was lost ({error})") from None
        with self._lock:
            if not self._closed:
                self._idle.append(socket)
        kind = messages.of("assay.rpc.v1.ResponseEnvelope")
        response = self._read(kind, data, request.method)
        if response.call_id != request.call_id:
            raise RPCError(Status.INTERNAL, "the answer is to another call", "FORGED_RESPONSE")
        return response

    def _connect(self):
        tls = self._tls.client(self._address) if self._tls else None
        # Retries are ours: nng would repeat a request without knowing whether that is harmless.
        socket = pynng.Req0(resend_time=-1, recv_max_size=session.SOCKET_LIMIT, tls_config=tls)
        socket.dial(self._address, block=False)
        return socket


def _milliseconds(deadline: float) -> int:
    return min(max(1, int((deadline - time.monotonic()) * 1000)), 2**31 - 1)


def _error(response) -> RPCError:
    try:
        code = Status(response.status.code)
    except ValueError:
        code = Status.UNKNOWN
    metadata = {entry.key: entry.value.decode("utf-8", "replace") for entry in response.metadata}
    return RPCError(code, response.status.message, response.status.reason, metadata)
