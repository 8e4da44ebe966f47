"""The map: services, links, breakers and what an operator does to them."""
import signal
import time

from browser import ENTER
from checks import BREAKER, check, no_complaints, paint_at_once, pictures, see
from node import TOKEN


def test_first_paint(node, browser):
    see(browser, node)
    paint_at_once(node, browser)
    browser.until(
        "services and links",
        "document.querySelectorAll('.graph .node').length === 7 && "
        "document.querySelectorAll('.graph .linklabel').length === 7",
    )
    browser.until(
        "rates",
        "[...document.querySelectorAll('.linklabel text')].some((t) => /^3\\d\\d\\/s$/.test(t.textContent))",
    )
    no_complaints(browser)


def test_breakers(node, browser):
    see(browser, node)
    browser.until("closed", BREAKER, "closed")
    for state in ("open", "half_open", "closed", "open"):
        began = time.time() * 1000
        node.order(f"/test/links/payments/acquirer/{state}")
        seen = browser.until(f"the breaker is {state}", BREAKER, state)
        print(f"  breaker seen {state} after {seen - began:.0f} ms")
        check(f"{state} is seen within a second on an idle machine; this is for a loaded one", seen - began < 15000)
        if state in ("open", "half_open"):
            browser.screenshot(f"{pictures}/breaker_{state}.png")
    browser.until(
        "the bar and the list tell of it",
        "!document.getElementById('trouble').hidden && "
        "document.querySelector('#nav a[data-view=map] .badge').textContent === '1'",
    )
    browser.until(
        "the table has it first",
        "document.querySelector('main tbody tr').innerText.includes('payments → acquirer')",
    )
    node.order("/test/links/payments/acquirer/closed")
    browser.until("closed again", BREAKER, "closed")
    no_complaints(browser)


def test_overrides_and_token(node, browser):
    browser.js("sessionStorage.clear()")
    see(browser, node, "map/link/payments/acquirer")
    browser.until("the chain", "document.querySelector('#details .chain li')?.textContent.startsWith('deadline')")
    browser.click("button[data-override=forced_open]")
    browser.until("the token is asked for", "document.querySelector('dialog #token')")
    browser.screenshot(f"{pictures}/token.png")
    browser.type_into("#token", "a-wrong-token-of-many" + ENTER)
    browser.until("it was refused", "document.querySelector('dialog .refused')")
    check("nothing was changed", browser.js(f"return ((...args) => {BREAKER})('closed')"))
    browser.type_into("#token", TOKEN + ENTER)
    browser.until("forced open", BREAKER, "forced_open")
    browser.until(
        "the button tells",
        "document.querySelector('button[data-override=forced_open]').getAttribute('aria-pressed') === 'true'",
    )
    browser.screenshot(f"{pictures}/link_forced_open.png")
    for override, state in (("forced_closed", "forced_closed"), ("observe_only", "observe_only"), ("auto", "closed")):
        browser.click(f"button[data-override={override}]")  # the token is known now
        browser.until(state, BREAKER, state)
    check(
        "the token is in this tab alone",
        browser.js(
            "return sessionStorage.length === 1 && "
            "!JSON.stringify(localStorage).includes(arguments[0]) && "
            "document.cookie === ''",
            TOKEN,
        ),
    )
    browser.click("#operator")
    check("it is forgotten", browser.js("return sessionStorage.length === 0"))
    complaints = [line["message"] for line in browser.log()]
    check(f"only the refusal is told in the console: {complaints}", all("401" in c for c in complaints))


def test_no_token_configured(node, browser):
    browser.js("sessionStorage.clear()")
    see(browser, node, "map/link/payments/acquirer")
    browser.until("a breaker", "document.querySelector('button[data-override=forced_open]')")
    browser.click("button[data-override=forced_open]")
    browser.until("the token is asked for", "document.querySelector('dialog #token')")
    browser.type_into("#token", TOKEN + ENTER)
    browser.until(
        "the missing setting is named",
        "document.getElementById('toast').textContent.includes('operator_token')",
    )
    complaints = [line["message"] for line in browser.log()]
    check(f"only the refusal is told in the console: {complaints}", all("403" in c for c in complaints))


def test_layout(node, browser):
    """Graphs by chance: no two boxes overlap, and each line ends at its boxes."""
    see(browser, node)
    wrong = browser.wait_js("""const done = arguments[0];
        import('/page/graph.js').then(({ layout, curve }) => {
          const box = { width: 190, height: 70, gapX: 112, gapY: 26 };
          for (let seed = 1; seed <= 300; ++seed) {
            let state = seed;
            const random = (n) => Math.floor(((state = (state * 1103515245 + 12345) & 0x7fffffff) / 0x80000000) * n);
            const size = 1 + random(60);
            const nodes = Array.from({ length: size }, (_, i) => ({ id: `n${i}` }));
            const any = () => `n${random(size)}`;
            const edges = Array.from({ length: random(size * 2) }, () => ({ from: any(), to: any() }));
            const placed = layout(nodes, edges, box);
            const at = [...placed.nodes.values()];
            const wrong = (what) => done(`seed ${seed}: ${what}`);
            if (at.length !== size || at.some((p) => !Number.isFinite(p.x + p.y))) return wrong('a box has no place');
            const apart = (p, q) => Math.abs(p.x - q.x) >= box.width || Math.abs(p.y - q.y) >= box.height;
            for (let i = 0; i < size; ++i)
              for (let k = 0; k < i; ++k)
                if (!apart(at[i], at[k])) return wrong(`boxes ${i} and ${k} overlap`);
            for (const [i, e] of edges.entries()) {
              const line = placed.edges[i];
              if (e.from === e.to) continue;
              const ends = [placed.nodes.get(e.from), placed.nodes.get(e.to)];
              if (line[0] !== ends[0] || line.at(-1) !== ends[1]) return wrong(`line ${i} ends elsewhere`);
              if (/NaN|undefined/.test(curve(line, box.width).d)) return wrong(`line ${i} has no path`);
            }
          }
          done('');
        }, (failure) => done(String(failure)));""")
    check(wrong, wrong == "")


def test_many(node, browser):
    began = time.time()
    see(browser, node)
    browser.until(
        "all services",
        "document.querySelectorAll('.graph .node').length === 200 && "
        "document.querySelectorAll('.graph .linklabel').length > 400",
    )
    browser.until(
        "rates",
        "[...document.querySelectorAll('.linklabel text')].every((t) => t.textContent.endsWith('/s'))",
    )
    print(f"  200 services and their links shown after {time.time() - began:.1f} s")
    check("boxes do not overlap", browser.js("""
        const placeOf = (n) => n.getAttribute('transform').match(/[-\\d.]+/g).map(Number);
        const boxes = [...document.querySelectorAll('.graph .node')].map(placeOf);
        const apart = ([x, y], [u, v]) => Math.abs(x - u) >= 200 || Math.abs(y - v) >= 70;
        return boxes.every((a, i) => boxes.every((b, k) => i === k || apart(a, b)));"""))
    longest = browser.wait_js("""const done = arguments[0];
        let longest = 0, last = performance.now();
        const end = last + 3000;
        const frame = (t) => {
            longest = Math.max(longest, t - last);
            last = t;
            if (t < end) requestAnimationFrame(frame); else done(longest);
        };
        requestAnimationFrame(frame);""")
    print(f"  longest frame in 3 s of updates: {longest:.0f} ms")
    check("it stays usable; the bound is for a loaded machine", longest < 10000)
    browser.screenshot(f"{pictures}/many.png")
    browser.click("#filter")
    browser.type_into("#filter", "service_137" + ENTER)
    browser.until("one is found", "document.activeElement.getAttribute('aria-label')?.startsWith('service_137')")
    browser.screenshot(f"{pictures}/many_found.png")
    browser.keys(ENTER)
    browser.until("and opened", "document.querySelector('#details h2')?.textContent === 'service_137'")
    see(browser, node, "options")
    browser.until("the first options", "document.querySelectorAll('main tbody tr').length === 300")
    no_complaints(browser)


def test_lost_node(node, browser):
    see(browser, node)
    browser.until("the map", "document.querySelector('.graph .node')")
    node.process.send_signal(signal.SIGTERM)
    browser.until(
        "the loss is told",
        "document.body.dataset.connection === 'lost' && "
        "document.getElementById('connection').textContent === 'connection lost'",
    )
    check("it ended in order, although a stream was open", node.process.wait(20) == 0)
