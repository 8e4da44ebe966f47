"""Chromium without a window, driven through chromedriver by the WebDriver protocol (W3C). Standard library only."""
import base64
import json
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request

PATIENCE = 20.0
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Failed(Exception):
    """What the page did not do in time, or the driver refused."""


class Browser:
    def __init__(self, width=1360, height=860):
        driver = shutil.which("chromedriver")
        if not driver or not shutil.which("chromium"):
            raise Failed("chromium and chromedriver are needed: tests/support/ensure_packages chromium chromium-driver")
        self.home = tempfile.mkdtemp(prefix="banyan-browser-")
        # Port 0: the driver takes a free one, and says which.
        self.process = subprocess.Popen([driver, "--port=0", "--allowed-ips=127.0.0.1"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                        env={**os.environ, "HOME": self.home})
        self.session = None
        self.port = None
        for line in self.process.stdout:
            if "on port" in line and "successfully" in line:
                self.port = int(line.rstrip(".\n").split()[-1])
                break
        if not self.port:
            raise Failed("chromedriver did not start")
        args = ["--headless=new", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
                "--disable-background-networking", f"--window-size={width},{height}",
                f"--user-data-dir={self.home}/profile"]
        if os.geteuid() == 0:
            args.append("--no-sandbox")
        wanted = {"browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL"},
                  "goog:chromeOptions": {"binary": shutil.which("chromium"), "args": args}}
        made = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.session = made["sessionId"]

    def close(self):
        try:
            if self.session:
                self._call("DELETE", f"/session/{self.session}")
        except (Failed, OSError):
            pass
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    def _call(self, method, path, body=None):
        data = json.dumps(body if body is not None else {}).encode() if method == "POST" else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data,
                                         {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as refused:
            raise Failed(json.load(refused)["value"]["message"].splitlines()[0]) from None

    def _do(self, method, path, body=None):
        return self._call(method, f"/session/{self.session}{path}", body)

    def open(self, url):
        self._do("POST", "/url", {"url": url})

    def js(self, script, *args):
        return self._do("POST", "/execute/sync", {"script": script, "args": list(args)})

    def wait_js(self, script, *args, patience=PATIENCE):
        """Runs `script`, whose last argument is a function to call with the value."""
        self._do("POST", "/timeouts", {"script": int(patience * 1000)})
        return self._do("POST", "/execute/async", {"script": script, "args": list(args)})

    def until(self, what, condition, *args, patience=PATIENCE):
        """Waits in the page, frame by frame, until the expression is true; returns its value."""
        script = f"""const done = arguments[arguments.length - 1], given = [...arguments].slice(0, -1);
            const look = () => {{
                const value = ((...args) => ({condition}))(...given);
                if (value) done(value); else setTimeout(look, 5);
            }};
            look();"""
        try:
            return self.wait_js(script, *args, patience=patience)
        except Failed as why:
            text = self.js("return document.body.innerText")[:1500]
            raise Failed(f"not seen: {what} ({why}); the page says: {text}") from None

    def click(self, selector):
        self._do("POST", f"/element/{self._find(selector)}/click")

    def type_into(self, selector, text):
        self._do("POST", f"/element/{self._find(selector)}/value", {"text": text})

    def _find(self, selector):
        return self._do("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def keys(self, *keys):
        """Presses keys one after the other, wherever the focus is."""
        actions = [a for k in keys for a in ({"type": "keyDown", "value": k}, {"type": "keyUp", "value": k})]
        self._do("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def cdp(self, command, **params):
        return self._do("POST", "/goog/cdp/execute", {"cmd": command, "params": params})

    def colours(self, scheme):
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def size(self, width, height, mobile=False):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def screenshot(self, file):
        with open(file, "wb") as out:
            out.write(base64.b64decode(self._do("GET", "/screenshot")))

    def log(self):
        return self._do("POST", "/se/log", {"type": "browser"})


TAB, ENTER, ESCAPE = "\ue004", "\ue007", "\ue00c"
LEFT, UP, RIGHT, DOWN, HOME, END = "\ue012", "\ue013", "\ue014", "\ue015", "\ue011", "\ue010"
SPACE = " "
