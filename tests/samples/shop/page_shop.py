"""The shop and its acquirer as processes, for the test of the operations page: orders, faults, what the log tells."""
import datetime
import json
import os
import shutil
import subprocess
import tempfile

from browser import Failed
from node import TOKEN, Node, end
from programs import free_port

GROUP = "payments.subscribes.payments.requested.collection"


class Acquirer:
    """The program, with a book of its own; `url` is where it listens."""

    def __init__(self, program, callbacks, secret):
        self.data = tempfile.mkdtemp(prefix="banyan-acquirer-")
        command = [program, "--port", "0", "--data", self.data, "--seed", "7",
                   "--callback-url", callbacks, "--callback-secret-file", secret]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        first = self.process.stdout.readline()
        if "listens on " not in first:
            raise Failed("the acquirer does not listen: " + first)
        self.url = first.split("listens on ")[1].split()[0]

    def close(self):
        end(self.process)
        shutil.rmtree(self.data, ignore_errors=True)


class Shop(Node):
    """The shop beside its acquirer. A payment is given up after few `attempts`: an outage makes dead letters."""

    def __init__(self, program, acquirer_program, attempts):
        self.folder = tempfile.mkdtemp(prefix="banyan-shop-")
        secret = os.path.join(self.folder, "secret")
        with open(secret, "w") as f:
            f.write("a-secret-of-this-test-alone-0123456789")
        port = free_port()
        self.acquirer = Acquirer(acquirer_program, f"http://127.0.0.1:{port}/payments/settlements", secret)
        self.orders = 0
        try:
            super().__init__(program, "--set", f"payments.ambassador.acquirer.to={self.acquirer.url}",
                             "--set", f"{GROUP}.max_attempts={attempts}", "--set", f"operator_token={TOKEN}",
                             "--set", "log_format=json", port=port, SHOP_ACQUIRER_SECRET_FILE=secret)
        except BaseException:
            self.acquirer.close()
            raise

    def close(self):
        super().close()
        self.acquirer.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stock(self, *skus):
        for sku in skus:
            self.put_product(sku)
            opening = {"id": "opening", "kind": "opening", "quantity": 1000}
            status, _, text = self.ask("POST", f"{self.edge}/stock/{sku}/movements", opening)
            assert status < 300, text

    def place(self, count=1):
        """Places orders of one line each, and returns their ids."""
        ids = []
        for _ in range(count):
            self.orders += 1
            ids.append(str(self.orders))
            order = {"id": ids[-1], "customer": "17850", "lines": [{"line": 1, "sku": "LANTERN", "quantity": 1}]}
            status, _, text = self.ask("POST", self.edge + "/orders", order)
            assert status < 300, text
        return ids

    def faults(self, **faults):
        status, _, text = self.ask("PUT", self.acquirer.url + "/faults", faults)
        assert status == 200, text

    def no_faults(self):
        status, _, text = self.ask("DELETE", self.acquirer.url + "/faults")
        assert status == 200, text

    def until_paid(self):
        """Returns when every order that was placed is confirmed, which it is only after its payment."""
        waits = {str(n + 1) for n in range(self.orders)}
        for _ in range(20_000):
            waits = {n for n in waits if self._status(n) != "confirmed"}
            if not waits:
                return
        raise Failed(f"orders {sorted(waits)} are not paid")

    def _status(self, order):
        status, _, text = self.ask("GET", f"{self.edge}/orders/{order}")
        assert status == 200, text
        return json.loads(text)["status"]

    def told(self, message):
        """When the log first told it, in milliseconds since 1970; None: not yet."""
        with open(self.log.name) as lines:
            for line in lines:
                said = json.loads(line)
                if said.get("message") == message:
                    return datetime.datetime.fromisoformat(said["time"]).timestamp() * 1000
        return None
