"""The parts of the SDK that can be checked without a server: `python -m unittest discover sdk/python/tests`."""

import base64
import json
import os
import tempfile
import threading
import unittest
from unittest import mock

from assay_sdk import Client, IdentityKey, PublicIdentity, RPCError, Server, Status, TrustStore
from assay_sdk import curves, engine, messages, recipe, session, statement, statistics
from assay_sdk.evaluator import Evaluator, Judgement, Metric, Phase
from assay_sdk.gate import Gate


class Curves(unittest.TestCase):
    def test_ed25519_of_rfc_8032(self):
        for seed, public, message, signature in [
            ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
             "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
             "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
            ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
             "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
             "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
        ]:
            seed, public, message, signature = map(bytes.fromhex, (seed, public, message, signature))
            for sign, verify, derive in (
                    (curves.ed25519_sign_plain, curves.ed25519_verify_plain, curves.ed25519_public_plain),
                    (curves.ed25519_sign, curves.ed25519_verify, curves.ed25519_public)):
                self.assertEqual(derive(seed), public)
                self.assertEqual(sign(seed, message), signature)
                self.assertTrue(verify(public, message, signature))
                self.assertFalse(verify(public, message + b"x", signature))
                for bit in range(0, 512, 37):
                    changed = bytearray(signature)
                    changed[bit // 8] ^= 1 << bit % 8
                    self.assertFalse(verify(public, message, bytes(changed)))

    def test_ed25519_refuses_a_second_form_of_a_signature(self):
        seed = bytes(32)
        public, signature = curves.ed25519_public_plain(seed), curves.ed25519_sign_plain(seed, b"m")
        s = int.from_bytes(signature[32:], "little") + curves.L
        self.assertFalse(curves.ed25519_verify_plain(public, b"m", signature[:32] + s.to_bytes(32, "little")))

    def test_x25519_of_rfc_7748(self):
        scalar = bytes.fromhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")
        point = bytes.fromhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")
        shared = "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
        self.assertEqual(curves.x25519_plain(scalar, point).hex(), shared)
        self.assertEqual(curves.x25519(scalar, point).hex(), shared)

    def test_points_of_small_order_are_refused(self):
        with self.assertRaises(ValueError):
            curves.x25519(bytes(range(32)), bytes(32))


class Sessions(unittest.TestCase):
    def test_macs_of_the_wire_document(self):
        keys = session.SessionKeys(b"\x01" * 32, b"\x02" * 32)
        request = messages.of("assay.rpc.v1.RequestEnvelope")(
            protocol_version=1, session_id=b"\x03" * 16, counter=4, method="/a.B/C", call_id=b"\x05" * 16, attempt=1,
            timeout_ms=1000, idempotency_key="key", payload=b"\x06\x07")
        request.metadata.add(key="k", value=b"v")
        self.assertEqual(
            keys.request_mac(request).hex(), "4ef11b1d546058b2d616fb1ef2f3f0916dbe6bbf27b3da744bedf83c28f13485")
        response = messages.of("assay.rpc.v1.ResponseEnvelope")(
            protocol_version=1, call_id=b"\x05" * 16, counter=4)
        response.status.code, response.status.reason, response.status.message = 5, "R", "m"
        self.assertEqual(
            keys.response_mac(response).hex(), "01aef421aff2c5556f1007cd7d30ef3b30d7d4fe24ed5590c40bb10a73f7e343")

    def test_a_counter_is_accepted_once(self):
        window = session.ReplayWindow()
        self.assertTrue(window.accept(5))
        self.assertFalse(window.accept(5))
        self.assertTrue(window.accept(3))
        self.assertTrue(window.accept(10_000))
        self.assertFalse(window.accept(5_904))
        self.assertTrue(window.accept(5_905))
        self.assertFalse(window.accept(0))


class Messages(unittest.TestCase):
    def test_what_no_peer_may_send(self):
        kind = messages.of("assay.lineage.v1.Run")
        messages.check(kind(run_id="r", metric=dict(direction=1)))
        for bad in (kind(run_id="x" * 65), kind(run_id="a\0b"), kind(evaluator_key=b"k" * 33),
                    kind(specialists=["s"] * 257), kind(metric=dict(direction=9))):
            with self.assertRaises(ValueError):
                messages.check(bad)
        with self.assertRaises(ValueError):
            messages.parse(kind, b"\x0a\xff\xff\xff\xff\x7f")


RECIPE = {"recipe.py": b"import math\n# --- section: a ---\nX = 1\n# --- section: b ---\nY = 2\n"}


class Recipes(unittest.TestCase):
    def edit(self, old: str, new: str) -> bytes:
        from assay_sdk.agent import diff

        return diff(RECIPE, {"recipe.py": RECIPE["recipe.py"].replace(old.encode(), new.encode())})

    def test_an_edit_applies_and_comes_back(self):
        after = recipe.apply(RECIPE, recipe.parse(self.edit("X = 1", "X = 5\nZ = 1")))
        self.assertIn(b"X = 5\nZ = 1\n", after["recipe.py"])
        self.assertNotEqual(recipe.digest(after), recipe.digest(RECIPE))
        no_newline = {"recipe.py": b"a\nb"}
        from assay_sdk.agent import diff

        changed = {"recipe.py": b"a\nc"}
        self.assertEqual(recipe.apply(no_newline, recipe.parse(diff(no_newline, changed))), changed)

    def test_only_what_is_allowed_may_change(self):
        allowed = {"recipe.py": ["a"]}
        for old, new, count in (("X = 1", "X = 2", 0), ("Y = 2", "Y = 3", 1), ("import math", "import os", 1),
                                ("section: b", "section: c", 1)):
            after = recipe.apply(RECIPE, recipe.parse(self.edit(old, new)))
            self.assertEqual(len(recipe.violations(RECIPE, after, allowed)), count, old)

    def test_bad_edits(self):
        for edit in (b"", b"\0", b"GIT binary patch\n", b"--- a/x\n+++ b/../x\n@@ -1 +1 @@\n-a\n+b\n",
                     b"--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", b"--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n a\n",
                     b"rename from a\n", b"\xff\xfe"):
            with self.assertRaises(recipe.EditError):
                recipe.parse(edit)
        with self.assertRaises(recipe.EditError):
            recipe.apply(RECIPE, recipe.parse(b"--- a/recipe.py\n+++ b/recipe.py\n@@ -1 +1 @@\n-nothing\n+else\n"))


class Statements(unittest.TestCase):
    def test_signed_and_read_back(self):
        key = IdentityKey.generate()
        envelope = statement.sign(statement.VERDICT, [], {"score": "1.5"}, key)
        self.assertEqual(statement.verify(envelope, key.public)["predicate"], {"score": "1.5"})
        with self.assertRaises(ValueError):
            statement.verify(envelope, IdentityKey.generate().public)
        outer = json.loads(envelope)
        outer["payload"] = base64.b64encode(base64.b64decode(outer["payload"]).replace(b"1.5", b"0.5")).decode()
        with self.assertRaises(ValueError):
            statement.verify(json.dumps(outer).encode(), key.public)

    def test_decimals(self):
        self.assertEqual(
            [statement.decimal(v) for v in (1.0, -0.0, 0.1234567, 1e-9, float("nan"), 1e300)],
            ["1", "0", "0.123457", "0", "", ""])

    def test_student(self):
        # NIST/SEMATECH e-Handbook, table of the t distribution.
        for p, degrees, t in ((0.95, 2, 2.920), (0.975, 4, 2.776), (0.975, 30, 2.042)):
            self.assertAlmostEqual(statistics.student_t(p, degrees), t, places=3)

    def test_gates(self):
        # var(b) = 0.000250 (4 degrees), var(x) = 0.0002 (1): s^2 = 0.00024, t(0.95, 5) = 2.015 (NIST/SEMATECH e-Handbook).
        baseline, values = [0.88, 0.89, 0.90, 0.91, 0.92], [0.88, 0.90]
        half = 2.01505 * (0.00024 / 2) ** 0.5
        self.assertAlmostEqual(Gate("accuracy", ">=", "0.87").bound(values, baseline), 0.89 - half, places=6)
        self.assertAlmostEqual(Gate("accuracy", "<=", "0.87").bound(values, baseline), 0.89 + half, places=6)
        missed = Gate("accuracy", ">=", "0.87").failure(values, baseline)
        self.assertIn("accuracy is 0.89 in the mean of 2 seed(s), its lower bound 0.867926", missed)
        self.assertIn("0.002074 away from the gate: accuracy at least 0.87 with confidence 0.95", missed)
        self.assertIsNone(Gate("accuracy", ">=", "0.8679").failure(values, baseline))
        # The mean alone by a confidence of a half; one seed of each has no spread.
        self.assertIsNone(Gate("accuracy", ">=", "0.89", "0.5").failure(values, baseline))
        self.assertIsNone(Gate("accuracy", ">=", "0.7").failure([0.7], [0.5]))
        self.assertIsNotNone(Gate("accuracy", ">=", "0.7").failure([float("nan")], []))
        for sign, confidence in ((">", "0.95"), (">=", "0.4"), (">=", "nan")):
            with self.assertRaises(ValueError):
                Gate("accuracy", sign, "0.7", confidence)

    def test_confirmation(self):
        # Equal gains: only the baseline's spread, here 0.1, counts; t(0.975, 4) is 2.776 (NIST/SEMATECH e-Handbook).
        width = statistics.confirmation_half_width([1.0, 1.0, 1.0], [0.9, 1.0, 1.1], 1)
        self.assertAlmostEqual(width, 2.776 * 0.1 / 3 ** 0.5, places=3)
        # A second challenge has to show more.
        self.assertGreater(statistics.confirmation_half_width([1.0, 1.0, 1.0], [0.9, 1.0, 1.1], 2), width)
        self.assertEqual(statistics.confirmation_half_width([1.0], [1.0], 1), float("inf"))

    def test_untrusted_text(self):
        self.assertEqual(engine._clean("a\x1b[31mred\x1b[0m\0\u202eb\n", 100), "aredb\n")


class Gated(Evaluator):
    name, metric, recipe, partitions = "gated", Metric("loss"), {}, {}
    train = predict = Phase([], {}, 1, 1)
    gates = {"accuracy": (">=", "0.87")}

    def inputs(self, sealed):
        return {}

    def judge(self, predictions, sealed):
        return Judgement({"loss": 1.0, "accuracy": predictions["accuracy"]})


class Gates(unittest.TestCase):
    """The engine's own: by the bound, with the baseline's spread, and by the mean in the final report."""

    def test_trials_are_judged_by_the_bound(self):
        with tempfile.TemporaryDirectory() as folder:
            own = engine.Engine(Gated(), IdentityKey.generate(), folder, None, threading.Event())

            def judged(values, trial, purpose, state=None):
                row = {"run_id": "r", "trial": trial, "purpose": purpose}
                return own._judged([{"accuracy": value} for value in values], row, {} if state is None else state)

            state = {}
            self.assertEqual(judged([0.88, 0.89, 0.90, 0.91, 0.92], 0, "trial", state), [1.0] * 5)
            with own._store.transaction() as db:
                db.execute("INSERT INTO measurements VALUES ('r', 0, 'trial', ?, 'decided')", (json.dumps(state),))
            missed = judged([0.88, 0.90], 1, "trial")
            self.assertEqual((missed.label, missed.rule), ("disqualified", "accuracy"))
            self.assertIn("its lower bound 0.867926", missed.reason)
            self.assertEqual(judged([0.89, 0.91], 1, "trial"), [1.0, 1.0])
            # Beside the incumbent the trial's own have to meet it; in the final report the mean has.
            self.assertEqual(judged([0.95, 0.1, 0.1, 0.95], 1, "confirm"), [1.0] * 4)
            self.assertEqual(judged([0.88, 0.95, 0.95, 0.87], 1, "confirm").label, "disqualified")
            self.assertEqual(judged([0.88, 0.90], 1, "final"), [1.0, 1.0])


class Calls(unittest.TestCase):
    """A server and a client of the SDK, over ipc."""

    HOLD = "/assay.lineage.v1.LineageService/GetRun"

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.server_key, self.key = IdentityKey.generate(), IdentityKey.generate()
        trust = TrustStore([("observer", ["observer"], self.key.public)])
        self.address = f"ipc://{self.folder.name}/s"
        self.server = Server(self.address, self.server_key, trust, workers=4)
        self.runs = []

        def get_run(request, call):
            self.runs.append(call.idempotency_key)
            if request.run_id == "missing":
                raise RPCError(Status.NOT_FOUND, "no run", "UNKNOWN_RUN", {"run": "missing"})
            if request.run_id == "broken":
                raise KeyError("secret text")
            if request.run_id == "large":
                return messages.of("assay.lineage.v1.GetRunResponse")(report=b"x" * (9 << 20))
            return messages.of("assay.lineage.v1.GetRunResponse")(sequence=7)

        self.server.handle(self.HOLD, get_run)
        self.server.start()
        self.client = Client(self.address, self.server_key.public, self.key)

    def tearDown(self):
        self.client.close()
        self.server.stop(grace=0.2)
        self.folder.cleanup()

    def call(self, run="r", client=None, **options):
        request = messages.of("assay.lineage.v1.GetRunRequest")(run_id=run)
        return (client or self.client).call(self.HOLD, request, **options)

    def refused(self, code, reason=None, *arguments, **options):
        with self.assertRaises(RPCError) as caught:
            self.call(*arguments, **options)
        self.assertEqual(caught.exception.code, code, caught.exception)
        if reason is not None:
            self.assertEqual(caught.exception.reason, reason)
        return caught.exception

    def test_answers_and_statuses(self):
        self.assertEqual(self.call().sequence, 7)
        self.assertEqual(self.refused(Status.NOT_FOUND, "UNKNOWN_RUN", "missing").metadata, {"run": "missing"})
        self.assertNotIn("secret", str(self.refused(Status.UNKNOWN, "", "broken")))
        self.refused(Status.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE", "large")
        self.assertEqual(os.stat(self.folder.name + "/s").st_mode & 0o777, 0o600)

    def test_who_is_not_trusted_learns_nothing(self):
        stranger = Client(self.address, self.server_key.public, IdentityKey.generate())
        self.refused(Status.UNAUTHENTICATED, "NOT_TRUSTED", client=stranger)
        mistaken = Client(self.address, IdentityKey.generate().public, self.key)
        self.refused(Status.UNAUTHENTICATED, "WRONG_SERVER", client=mistaken)
        with self.assertRaises(RPCError) as caught:
            self.client.call("/assay.lineage.v1.LineageService/AppendTrial",
                             messages.of("assay.lineage.v1.AppendTrialRequest")())
        self.assertEqual(caught.exception.code, Status.UNIMPLEMENTED)

    def test_a_changed_or_repeated_message_is_refused(self):
        self.call()
        taken = []
        exchange = Client._exchange

        def tap(client, request, deadline):
            taken.append(request)
            return exchange(client, request, deadline)

        with mock.patch.object(Client, "_exchange", tap):
            self.call()
        request = taken[-1]
        again = self.client._exchange(request, 1e12)
        self.assertEqual(again.status.code, Status.UNAUTHENTICATED)
        request.counter += 1000
        self.assertEqual(self.client._exchange(request, 1e12).status.code, Status.UNAUTHENTICATED)

    def test_a_restarted_server_is_met_with_a_new_session(self):
        self.call()
        with self.server._lock:
            self.server._sessions.clear()
        self.assertEqual(self.call().sequence, 7)

    def test_nobody_there(self):
        nobody = Client(f"ipc://{self.folder.name}/none", self.server_key.public, self.key)
        self.refused(Status.UNAVAILABLE, "NOT_CONNECTED", client=nobody, timeout=0.5)

    def test_many_at_once(self):
        failures = []

        def work():
            try:
                for _ in range(50):
                    self.call()
            except RPCError as error:
                failures.append(error)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(len(self.runs), 200)


if __name__ == "__main__":
    unittest.main()
