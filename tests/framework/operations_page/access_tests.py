"""What each view owes everybody: headers, keyboard, contrast, small screens, foreign markup as text."""
import json
import urllib.request

from browser import DOWN, ENTER, ESCAPE, HOME, LEFT, RIGHT, SPACE, TAB, UP
from checks import BREAKER, check, focused, no_complaints, pictures, see
from node import TOKEN


def test_headers(node, browser):
    status, headers, text = node.ask("GET", node.operations + "/")
    check("the page is there", status == 200 and "<main" in text)
    policy = headers["Content-Security-Policy"]
    for rule in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'none'"):
        check(f"the policy has {rule}", rule in policy)
    check("no inline script", "unsafe" not in policy)
    check("nosniff", headers["X-Content-Type-Options"] == "nosniff")
    check(
        "nothing of the page is elsewhere",
        "//" not in text.replace("<!doctype", "").replace("http://www.w3.org", ""),
    )
    for path, media_type in (
        ("/page/app.js", "text/javascript"),
        ("/page/style.css", "text/css"),
        ("/page/icon.svg", "image/svg+xml"),
    ):
        status, headers, _ = node.ask("GET", node.operations + path)
        check(path, status == 200 and headers["Content-Type"].startswith(media_type))
        check(f"{path} with nosniff", headers["X-Content-Type-Options"] == "nosniff")
    check("an unknown file", node.ask("GET", node.operations + "/page/nothing.js")[0] == 404)
    check("the page takes no POST", node.ask("POST", node.operations + "/")[0] == 405)
    with urllib.request.urlopen(node.operations + "/live", timeout=20) as stream:
        check(
            "events of what there is",
            stream.headers["Content-Type"] == "text/event-stream" and stream.readline().startswith(b"event: "),
        )
    check(
        "a foreign page can not listen",
        node.ask("GET", node.operations + "/live", Origin="http://evil.example")[0] == 403,
    )
    check(
        "nor a neighbouring one",
        node.ask("GET", node.operations + "/live", **{"Sec-Fetch-Site": "same-site"})[0] == 403,
    )
    check("a foreign Host is misdirected", node.ask("GET", node.operations + "/", Host="evil.example")[0] == 421)
    foreign = {"Origin": "http://evil.example", "Authorization": "Bearer " + TOKEN}
    status, _, _ = node.ask("POST", node.operations + "/test/mend", **foreign)
    check("a command of a foreign page is refused, with the token too", status == 403)
    status, _, text = node.ask("GET", node.operations + "/plan")
    settings = {s["name"]: s for s in json.loads(text)["settings"]}
    check("settings are told without the token", settings["operator_token"]["value"] == "(set)" and TOKEN not in text)


def test_keyboard(node, browser):
    browser.open("about:blank")
    see(browser, node)
    browser.until("the map", "document.querySelector('.graph .node')")
    browser.keys(TAB)
    check("the first stop skips to the content", focused(browser) == "Skip to the content")
    check("and is seen", browser.js("return getComputedStyle(document.querySelector('.skip')).top === '0px'"))
    browser.keys(ENTER)
    check("the content has the focus", browser.js("return document.activeElement.id") == "main")
    for key, heading in (
        ("2", "Health"),
        ("3", "Supervision"),
        ("4", "Views"),
        ("5", "Dead letters"),
        ("6", "Parked streams"),
        ("7", "Sagas"),
        ("8", "Options"),
        ("1", "Map"),
    ):
        browser.keys(key)
        browser.until(
            heading,
            "document.querySelector('main h1')?.textContent === args[0] && "
            "document.querySelector('#nav [aria-current]').textContent.startsWith(args[0])",
            heading,
        )
    browser.keys("/")
    check("/ is for finding", browser.js("return document.activeElement.id") == "filter")
    browser.keys(*"orders", ENTER)
    browser.until(
        "the box that was found has the focus",
        "document.activeElement.getAttribute('aria-label')?.startsWith('orders')",
    )
    walked = set()
    for key in (RIGHT, RIGHT, DOWN, LEFT, UP, RIGHT, RIGHT, RIGHT, DOWN):
        browser.keys(key)
        walked.add(focused(browser))
        check("the focus is visible", browser.js("return document.activeElement.matches(':focus-visible')"))
    check(f"arrows move in the map: {walked}", len(walked) >= 4)
    browser.keys(ENTER)
    browser.until("Enter opens", "!document.getElementById('details').hidden && location.hash.split('/').length > 2")
    browser.keys(ESCAPE)
    browser.until("Escape closes", "document.getElementById('details').hidden")

    browser.keys("?")
    browser.until("help", "document.querySelector('dialog[open] .keys')")
    browser.screenshot(f"{pictures}/help.png")
    check("a dialog holds the keys", browser.js("return document.querySelector('main h1').textContent") == "Map")
    browser.js("document.getElementById('keys-on').focus()")
    browser.keys(SPACE, TAB, ENTER)
    browser.until("closed", "!document.querySelector('dialog')")
    browser.keys("2")
    check("shortcuts are off", browser.js("return document.querySelector('main h1').textContent") == "Map")
    browser.click("#help")
    browser.until("help", "document.querySelector('dialog[open] .keys')")
    browser.click("#keys-on")
    browser.keys(ESCAPE)
    browser.until("closed", "!document.querySelector('dialog')")

    browser.keys("3")
    browser.until("the tree", "document.querySelector('#tree [role=treeitem]')")
    browser.js("document.querySelector('#tree [tabindex=\"0\"]').focus()")
    browser.keys(HOME)
    first = browser.js("return document.activeElement.dataset.id")
    check("an open node", browser.js("return document.activeElement.getAttribute('aria-expanded')") == "true")
    browser.keys(LEFT)
    check("is folded", browser.js("return document.activeElement.getAttribute('aria-expanded')") == "false")
    browser.keys(RIGHT, RIGHT)
    check("opened, and entered", browser.js("return document.activeElement.getAttribute('aria-level')") == "2")
    browser.keys(LEFT)
    check("and left", browser.js("return document.activeElement.dataset.id") == first)
    browser.keys(DOWN, DOWN, UP)
    check("one line down", browser.js("return document.activeElement.dataset.id") != first)
    no_complaints(browser)


def background(browser):
    return browser.js("return getComputedStyle(document.body).backgroundColor")


def contrast(browser):
    """The least contrast of a text with its ground (WCAG 2.2, 1.4.3), among the texts of the page."""
    return browser.js("""
        const numbers = (c) => c.match(/[\\d.]+/g).map(Number);
        const part = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
        const bright = (c) => {
            const [r, g, b] = numbers(c);
            return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
        };
        const ground = (e) => {
            for (; e; e = e.parentElement) {
                const c = getComputedStyle(e).backgroundColor;
                const n = numbers(c);
                if (!c.startsWith('color(') && (n.length === 3 || n[3] === 1)) return c;
            }
            return 'rgb(255,255,255)';
        };
        let least = 21;
        for (const e of document.querySelectorAll('main *:not(svg):not(svg *), header *:not(svg *), nav *')) {
            if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
            if (e.closest('[hidden]') || e.tagName === 'KBD') continue;
            const [a, b] = [bright(getComputedStyle(e).color), bright(ground(e))].sort((x, y) => y - x);
            least = Math.min(least, (a + 0.05) / (b + 0.05));
        }
        return least;""")


def test_colours_and_sizes(node, browser):
    node.order("/test/links/payments/acquirer/open")
    node.order("/test/links/orders/catalog/half_open")
    grounds = {}
    for scheme in ("light", "dark"):
        browser.colours(scheme)
        see(browser, node)
        browser.until("open", BREAKER, "open")
        browser.until("rates", "!document.querySelector('.linklabel text').textContent.includes('–')")
        grounds[scheme] = background(browser)
        browser.screenshot(f"{pictures}/map_{scheme}.png")
        see(browser, node, "map/service/payments")
        browser.until("details", "document.querySelector('#details h2')?.textContent === 'payments'")
        browser.screenshot(f"{pictures}/service_{scheme}.png")
        check(f"the words can be read in {scheme}", contrast(browser) >= 4.5)
    check("dark is dark", grounds["light"] != grounds["dark"])
    browser.js("document.activeElement.blur()")
    browser.keys("d")
    check("the switch wins over the system", background(browser) == grounds["light"])
    see(browser, node)
    check("and is remembered", background(browser) == grounds["light"])
    browser.js("localStorage.clear()")
    browser.size(390, 844, True)
    for view in ("map", "views", "supervision", "health", "options", "map/link/payments/acquirer"):
        see(browser, node, view)
        browser.until("the view", "document.querySelector('main h1')")
        browser.until("a small screen is wide enough", "document.documentElement.scrollWidth <= innerWidth + 1")
        browser.screenshot(f"{pictures}/small_{view.split('/')[-1]}.png")
    browser.size(1360, 860)
    browser.colours("light")
    node.order("/test/links/payments/acquirer/closed")
    node.order("/test/links/orders/catalog/closed")
    no_complaints(browser)


def test_markup(node, browser):
    see(browser, node)
    browser.until(
        "a name of markup is text",
        "[...document.querySelectorAll('.graph .node')].some((n) => n.textContent.includes('<script>alert'))",
    )
    check(
        "there is no element of it",
        browser.js(
            "return document.querySelectorAll('main script, main iframe, main img').length"
        ) == 0,
    )
    browser.open(node.operations + "/#/map/service/%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    browser.until(
        "an unknown name is said, as text",
        "document.querySelector('#details')?.innerText.includes('<img src=x onerror=alert(1)>')",
    )
    no_complaints(browser)
