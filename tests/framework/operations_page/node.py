"""A running program of banyan::run, and requests to its two ports."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request

from browser import Failed

TOKEN = "a-token-of-the-tests"


def end(process):
    """By SIGTERM, or by SIGKILL when that takes too long."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Node:
    """A running program, with `edge` and `operations` as the addresses of its two ports."""

    def __init__(self, program, *settings, port=0, **environment):
        self.data = tempfile.mkdtemp(prefix="banyan-page-")
        self.log = open(os.path.join(self.data, "log"), "w+")
        command = [program, "serve", "--port", str(port), "--admin-port", "0", "--data", self.data, *settings]
        self.process = subprocess.Popen(command,
                                        stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env={**os.environ, **environment})
        for line in self.process.stdout:
            if "operations: " in line:
                self.edge = line.split(" serves ")[1].split()[0]
                self.operations = line.split("operations: ")[1].split(",")[0].strip()
                return
        self.log.seek(0)
        raise Failed("the program does not serve: " + self.log.read())

    def close(self):
        end(self.process)
        self.log.close()
        shutil.rmtree(self.data, ignore_errors=True)

    def ask(self, method, url, body=None, **headers):
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(url, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers, refused.read().decode()

    def put_product(self, sku, name="lantern"):
        product = {"name": name, "price": {"minor": 255, "currency": "GBP"}}
        status, _, text = self.ask("PUT", f"{self.edge}/products/{sku}", product)
        assert status == 200, text

    def order(self, path):
        status, _, text = self.ask("POST", self.operations + path, Authorization="Bearer " + TOKEN)
        assert status == 200, text
