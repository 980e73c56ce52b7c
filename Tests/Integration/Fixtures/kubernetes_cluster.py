"""A stand-in for a Kubernetes cluster of two nodes, for tests: the API server's requests that steps need, over TLS, and pods as processes.

  kubernetes_cluster.py serve FOLDER [LIBRARY]  makes FOLDER/account (token, namespace, ca.crt), prints its address
  kubernetes_cluster.py steps FOLDER            pods that run: "JOB NODE" a line
  kubernetes_cluster.py delete FOLDER JOB       as an admin would with kubectl
  kubernetes_cluster.py lose FOLDER NODE        the node goes away with its pods

A file FOLDER/busy-NODE holds lines for the driver of pods there, such as a stranger's process.

With LIBRARY, which plays the driver (AssayGPUTesting), each node has two GPUs, GPU-n0a to GPU-n1b. As with NVIDIA's device plugin a pod gets as
many as its container's limit says, named in NVIDIA_VISIBLE_DEVICES, sees the nodes of no others, and waits until they are free.

What it takes is checked against the published schemas (kubernetes-validate), strictly. A container whose image is "missing" cannot be pulled;
a pod of a program that ends with 137 was killed at its memory limit. A real cluster cannot be had where these tests run.
"""

import http.server
import json
import os
import pathlib
import secrets
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import urllib.parse
import urllib.request

VERSION = "1.34"
JOBS = "/apis/batch/v1/namespaces/lab/jobs"
PODS = "/api/v1/namespaces/lab/pods"
NODES = ["n0", "n1"]
GPU = "nvidia.com/gpu"
OWN_DEVICES = pathlib.Path(__file__).parent / "own_devices.sh"


class Cluster:
    def __init__(self):
        self.jobs, self.pods, self.running = {}, {}, {}
        self.changed, self.version, self.placed = threading.Condition(), 0, 0
        self.folder, self.library = None, None
        # Pods that no node has yet, and GPUs (node, number) by the pod that has them.
        self.waiting, self.held = [], {}

    def touch(self):
        self.version += 1
        self.changed.notify_all()

    def create(self, job):
        import kubernetes_validate  # slow to load, and only the server needs it

        kubernetes_validate.validate(job, VERSION, strict=True)
        name, pod = job["metadata"]["name"], job["spec"]["template"]
        with self.changed:
            if name in self.jobs:
                raise ValueError(f"{name} exists")
            job = {**job, "status": {"active": 1}}
            self.jobs[name] = job
            container = next(c for c in pod["spec"]["containers"] if c["name"] == "step")
            resources = container.get("resources", {})
            wanted = resources.get("limits", {}).get(GPU)
            if resources.get("requests", {}).get(GPU) != wanted:
                raise ValueError(f"{GPU}: limits and requests have to be the same")
            self.pods[name] = {
                "kind": "Pod", "metadata": {"name": name + "-0", "labels": pod["metadata"]["labels"]},
                "spec": {"affinity": pod["spec"].get("affinity", {})}, "status": {"phase": "Pending"}}
            self.waiting.append((name, container, int(wanted or 0)))
            self.place()
            return job

    def place(self):
        for entry in list(self.waiting):
            name, container, wanted = entry
            taken = [gpu for gpus in self.held.values() for gpu in gpus]
            free = {node: [(node, n) for n in range(2) if self.library and (node, n) not in taken] for node in NODES}
            # Without GPUs in turn.
            refused = self.refused(self.pods[name])
            able = [n for n in NODES if len(free[n]) >= wanted and n not in refused] if wanted else [NODES[self.placed % 2]]
            if not able:
                continue
            self.waiting.remove(entry)
            self.placed += 1
            self.start(name, container, able[0], free[able[0]][:wanted])
        self.touch()

    @staticmethod
    def refused(pod):
        """The nodes that a pod's affinity names as those that may not take it."""
        required = pod["spec"]["affinity"].get("nodeAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution", {})
        fields = [field for term in required.get("nodeSelectorTerms", []) for field in term.get("matchFields", [])]
        if any((f["key"], f["operator"], len(f["values"])) != ("metadata.name", "NotIn", 1) for f in fields):
            raise ValueError("matchFields: only metadata.name, and one value")
        return [field["values"][0] for field in fields]

    def start(self, name, container, node, gpus):
        pod = self.pods[name]
        pod["spec"]["nodeName"], status = node, pod["status"]
        if container["image"] == "missing":
            status["containerStatuses"] = [{"name": "step", "state": {
                "waiting": {"reason": "ImagePullBackOff", "message": 'no image "missing"'}}}]
            return
        words, env = container["command"] + container["args"], {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        if gpus:
            self.held[name] = gpus
            driver = self.folder / "drivers" / name
            driver.mkdir(parents=True)
            shutil.copy(self.library, driver)
            uuids = [f"GPU-{node}{'ab'[n]}" for _, n in gpus]
            (driver / "state").write_text(
                "".join(f"gpu {u} NVIDIA_H100 81559 9.0 {n} 0\n" for u, (_, n) in zip(uuids, gpus)))
            busy = self.folder / f"busy-{node}"
            if busy.exists():
                (driver / "state").open("a").write(busy.read_text())
            env["NVIDIA_VISIBLE_DEVICES"] = ",".join(uuids)
            nodes = "nvidiactl nvidia-uvm " + " ".join(f"nvidia{n}" for _, n in gpus)
            words = ["unshare", "--mount", "--propagation", "private", "/bin/sh", OWN_DEVICES, nodes, driver,
                     self.folder / "nvml", *words]
        child = subprocess.Popen(words, start_new_session=True, stdin=subprocess.DEVNULL, env=env)
        status["phase"], status["containerStatuses"] = "Running", [{"name": "step", "state": {"running": {}}}]
        self.running[name] = child
        threading.Thread(target=self.wait, args=(name, child), daemon=True).start()

    def wait(self, name, child):
        code = child.wait()
        with self.changed:
            if self.held.pop(name, None):
                self.place()
            if self.running.pop(name, None) is None or name not in self.jobs:
                return
            reason = "OOMKilled" if code in (137, -9) else "Completed" if code == 0 else "Error"
            self.finish(name, None, {"exitCode": code & 255, "reason": reason}, code == 0)

    def finish(self, name, reason, terminated, succeeded):
        status = self.pods[name]["status"]
        status["phase"] = "Succeeded" if succeeded else "Failed"
        status["containerStatuses"][0]["state"] = {"terminated": terminated}
        if reason:
            status["reason"], status["message"] = reason, f"the stand-in's doing: {reason}"
        condition = {"type": "Complete" if succeeded else "Failed", "status": "True"}
        if not succeeded:
            condition["reason"], condition["message"] = "BackoffLimitExceeded", "Job has reached the specified backoff limit"
        self.jobs[name]["status"] = {"succeeded": int(succeeded), "failed": int(not succeeded), "conditions": [condition]}
        self.touch()

    def delete(self, name):
        with self.changed:
            job = self.jobs.pop(name, None)
            child = self.running.pop(name, None)
            self.waiting = [entry for entry in self.waiting if entry[0] != name]
            self.touch()
        if child:
            child.terminate()
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
        with self.changed:
            self.pods.pop(name, None)
            self.touch()
        return job

    def lose(self, node):
        with self.changed:
            for name, child in list(self.running.items()):
                if self.pods[name]["spec"]["nodeName"] == node:
                    del self.running[name]
                    os.killpg(child.pid, signal.SIGKILL)
                    self.finish(name, "NodeLost", {"exitCode": 255, "reason": "Error"}, False)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cluster, token = Cluster(), ""

    def log_message(self, *_):
        pass

    def say(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, message):
        self.say(status, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": status, "message": message})

    def serve(self):
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        if self.headers.get("authorization") != f"Bearer {self.token}":
            return self.refuse(401, "Unauthorized")
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        name = url.path.removeprefix(JOBS + "/")
        if self.command == "POST" and url.path == JOBS:
            try:
                return self.say(201, self.cluster.create(json.loads(body)))
            except Exception as error:  # whatever a checker thinks of it
                return self.refuse(422, str(error)[:2000])
        if self.command == "GET" and url.path == JOBS and "watch" in query:
            return self.watch(query["fieldSelector"].split("=")[1], float(query["timeoutSeconds"]))
        if self.command == "GET" and url.path == PODS:
            label, value = query.get("labelSelector", "=").split("=")
            with self.cluster.changed:
                pods = [p for p in self.cluster.pods.values() if p["metadata"]["labels"].get(label, "") == value or not label]
                return self.say(200, {"kind": "PodList", "apiVersion": "v1", "items": pods})
        if self.command == "GET" and name in self.cluster.jobs:
            with self.cluster.changed:
                return self.say(200, self.cluster.jobs[name])
        if self.command == "DELETE":
            if url.path.startswith("/nodes/"):
                self.cluster.lose(url.path.removeprefix("/nodes/"))
                return self.say(200, {})
            if job := self.cluster.delete(name):
                return self.say(200, job)
        return self.refuse(404, f"{url.path} not found")

    def watch(self, name, seconds):
        self.send_response(200)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        with self.cluster.changed:
            seen = None
            while True:
                job = self.cluster.jobs.get(name)
                if job != seen:
                    line = json.dumps({"type": "MODIFIED" if seen else "ADDED", "object": job}).encode() + b"\n"
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                    self.wfile.flush()
                    seen = json.loads(json.dumps(job))
                if not self.cluster.changed.wait(seconds):
                    break
        self.wfile.write(b"0\r\n\r\n")

    do_GET = do_POST = do_DELETE = serve


def serve(folder, library=None):
    Handler.cluster.folder, Handler.cluster.library = folder, library
    (folder / "nvml").mkdir(exist_ok=True)
    account = folder / "account"
    account.mkdir(parents=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=cluster", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem",
         "-out", account / "ca.crt"], check=True, capture_output=True)
    Handler.token = secrets.token_hex(16)
    (account / "token").write_text(Handler.token + "\n")
    (account / "namespace").write_text("lab")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(account / "ca.crt", folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    address = f"https://127.0.0.1:{server.server_address[1]}"
    (folder / "address").write_text(address)
    print(address, flush=True)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    server.serve_forever()


def ask(folder, method, path):
    request = urllib.request.Request(
        (folder / "address").read_text() + path, method=method,
        headers={"authorization": "Bearer " + (folder / "account/token").read_text().strip()})
    context = ssl.create_default_context(cafile=folder / "account/ca.crt")
    return json.load(urllib.request.urlopen(request, context=context, timeout=30))


if __name__ == "__main__":
    what, folder, *rest = sys.argv[1:]
    folder = pathlib.Path(folder)
    if what == "serve":
        serve(folder, *rest)
    elif what == "steps":
        for pod in ask(folder, "GET", PODS)["items"]:
            if pod["status"]["phase"] == "Running":
                print(pod["metadata"]["name"].removesuffix("-0"), pod["spec"]["nodeName"])
    elif what == "delete":
        ask(folder, "DELETE", f"{JOBS}/{rest[0]}")
    elif what == "lose":
        ask(folder, "DELETE", f"/nodes/{rest[0]}")
