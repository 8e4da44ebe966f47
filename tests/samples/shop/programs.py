"""The shop and its acquirer as processes that tests kill and start again under the same command lines."""
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import urllib.request


def free_port():
    """Below the range from which the kernel takes ports for connections: nobody gets it while its program is down."""
    for port in range(20_000 + os.getpid() % 9000, 31_000):
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
            if port not in free_port.taken:
                free_port.taken.add(port)
                return port
    raise RuntimeError("no free port")


free_port.taken = set()


class Program:
    """A process that can be killed and started again; it is ready once it has printed a line with `ready` in it."""

    def __init__(self, name, command, ready, log, environment=None):
        self.name, self.command, self.line, self.log, self.environment = name, command, ready, log, environment
        self.start()

    def start(self):
        self.is_ready = threading.Event()
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env=self.environment)
        threading.Thread(target=self.read, args=(self.process, self.is_ready), daemon=True).start()

    def read(self, process, is_ready):
        for line in process.stdout:
            if self.line in line:
                is_ready.set()

    def kill(self):
        """By SIGKILL. Returns whether it was ready."""
        was_ready = self.is_ready.is_set()
        ended = self.process.poll()
        if ended is not None:
            raise RuntimeError(f"{self.name} had ended by itself with {ended}")
        self.process.kill()
        self.process.wait()
        return was_ready

    def await_ready(self):
        if not self.is_ready.wait(60):
            raise RuntimeError(f"{self.name} is not ready within a minute")

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class ShopAndAcquirer:
    """Both, in `folder`, ready: `shop`, `acquirer`, their URLs, and the shop's data folder."""

    def __init__(self, shop, acquirer, folder, log, seed, faults=()):
        port, acquirer_port = free_port(), free_port()
        self.url, self.acquirer_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{acquirer_port}"
        self.data, secret = os.path.join(folder, "data"), os.path.join(folder, "secret")
        self.program, self.log, self.started = shop, log, []
        with open(secret, "w") as f:
            f.write("a-secret-of-this-test-alone-0123456789")
        self.acquirer = self.begin("the acquirer", [acquirer, "--port", str(acquirer_port), "--data", os.path.join(folder, "acquirer"),
                                                    "--seed", str(seed), "--callback-url", self.url + "/payments/settlements",
                                                    "--callback-secret-file", secret]
                                   + [word for fault in faults for word in ("--fault", fault)], "listens on")
        self.admin_port = free_port()
        self.shop = self.begin("the shop", [shop, "serve", "--port", str(port), "--admin-port", str(self.admin_port), "--data", self.data,
                                            "--set", f"payments.ambassador.acquirer.to={self.acquirer_url}"], "serves http",
                               os.environ | {"SHOP_ACQUIRER_SECRET_FILE": secret})

    def begin(self, name, command, ready, environment=None):
        program = Program(name, command, ready, self.log, environment)
        self.started.append(program)
        return program

    def await_ready(self):
        for program in self.started:
            program.await_ready()

    def set_faults(self, body):
        """Adds to the acquirer's faults: JSON as its PUT /faults takes it."""
        self.ask_acquirer("PUT", body.encode())

    def end_faults(self):
        self.ask_acquirer("DELETE")

    def ask_acquirer(self, method, body=None):
        request = urllib.request.Request(self.acquirer_url + "/faults", body, {"Content-Type": "application/json"}, method=method)
        urllib.request.urlopen(request, timeout=10).close()

    def stock(self):
        subprocess.run([self.program, "stock", "--url", self.url], check=True, stdout=self.log, stderr=self.log, timeout=60)

    def audit(self):
        """`shop audit`, with time for what is under way."""
        return subprocess.run([self.program, "audit", "--url", self.url, "--acquirer", self.acquirer_url, "--data", self.data,
                               "--settle-for", "90"], capture_output=True, text=True, timeout=200)

    def end(self):
        for program in reversed(self.started):
            program.end()


def in_a_folder(prefix, keep, run):
    """Calls run(folder, log), which returns what was wrong; prints that, and the end of the log. Returns the exit code."""
    folder = tempfile.mkdtemp(prefix=prefix)
    try:
        with open(os.path.join(folder, "log"), "w") as log:
            wrong = run(folder, log)
        if wrong:
            with open(os.path.join(folder, "log")) as log:
                print("".join(log.readlines()[-40:]))
        for sentence in wrong:
            print("WRONG", sentence)
        return 1 if wrong else 0
    finally:
        if keep:
            print(f"data and log are in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
