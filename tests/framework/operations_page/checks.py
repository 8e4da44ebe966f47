"""What the tests of the page share: what is checked, how a view is opened, what is focused."""
import os
import sys

from browser import ENTER, Failed
from node import TOKEN

pictures = sys.argv[2]  # a folder
os.makedirs(pictures, exist_ok=True)


def check(what, is_so):
    if not is_so:
        raise Failed(what)


def no_complaints(browser):
    said = [line["message"] for line in browser.log()]
    check(f"the console is silent: {said}", not said)


def see(browser, node, view="map"):
    browser.open(f"{node.operations}/#/{view}")
    browser.until("the page is live", "document.body.dataset.connection === 'live'")


def paint_at_once(node, browser):
    """Opens the page anew, and prints when something was seen, and the map."""
    browser.open("about:blank")
    see(browser, node)
    paint = browser.until("a first paint", "performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
    ready = browser.until("a map", "document.querySelectorAll('.graph .node').length > 0 && performance.now()")
    print(f"  first contentful paint after {paint:.0f} ms, the map within {ready:.0f} ms")
    check("first paint within 500 ms on an idle machine; this is for a loaded one", paint < 15000)


BREAKER = """document.querySelector('.linklabel[aria-label^="payments asks acquirer"]')?.dataset.state === args[0]
    && Date.now()"""


def give_token(browser):
    browser.until("the token is asked for", "document.querySelector('dialog #token')")
    browser.type_into("#token", TOKEN + ENTER)


def focused(browser):
    return browser.js("const e = document.activeElement; return (e.getAttribute('aria-label') || e.textContent).trim()")
