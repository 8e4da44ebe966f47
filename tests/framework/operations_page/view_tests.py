"""The views beside the map: dead letters, parked streams, supervision, health, options; and each when it is empty."""
import json

from browser import ENTER, ESCAPE
from checks import check, give_token, no_complaints, pictures, see


def test_dead_letter(node, browser):
    for sku in ("A1", "A2"):
        node.put_product(sku, "<script>document.title = 'owned'</script>")
    see(browser, node, "letters")
    browser.until("two letters", "document.querySelectorAll('button[data-replay]').length === 2")
    browser.until("and a badge", "document.querySelector('#nav a[data-view=letters] .badge').textContent === '2'")
    check(
        "markup is text",
        browser.js(
            "return document.querySelector('main td:nth-child(4)').textContent.includes('<script>alert(1)</script>')"
        ),
    )
    browser.click("main tbody tr button[aria-expanded]")
    browser.until(
        "the payload is text",
        "document.querySelector('main pre')?.textContent.includes('<script>document.title')",
    )
    browser.screenshot(f"{pictures}/letters.png")
    check(
        "no markup ran",
        browser.js(
            "return document.title !== 'owned' && document.querySelectorAll('main script').length === 0"
        ),
    )

    browser.click("button[data-replay]")  # the handler still fails
    give_token(browser)
    browser.until(
        "the letter stays and says why",
        "document.querySelector('#toast.visible')?.dataset.tone === 'bad' && "
        "document.querySelectorAll('button[data-replay]').length === 2",
    )
    browser.log()  # the browser tells of the 503 of the failed replay
    node.order("/test/mend")
    browser.click("button[data-replay]")
    browser.until("one is handled", "document.querySelectorAll('button[data-replay]').length === 1")
    # The other by the keyboard: the focus has moved to its button.
    check("the focus is at the next one", browser.js("return document.activeElement.matches('button[data-replay]')"))
    browser.keys(ENTER)
    browser.until("both are handled", "document.querySelector('main .empty h2')?.textContent === 'No dead letters'")
    browser.until("no badge", "document.querySelector('#nav a[data-view=letters] .badge').hidden")
    check("the node has none", json.loads(node.ask("GET", node.operations + "/dead-letters")[2])["letters"] == [])
    browser.until(
        "the reason",
        "document.querySelector('main .empty p').textContent.includes('Every event was handled')",
    )
    no_complaints(browser)


def test_replay_all(node, browser):
    for sku in ("A1", "A2", "A3"):
        node.put_product(sku)
    see(browser, node, "letters")
    browser.until("three letters", "document.querySelectorAll('button[data-replay]').length === 3")
    browser.until("their group", "document.querySelector('.groups li')?.textContent.includes('3 events')")
    browser.click("button[data-replay-all]")
    browser.until("it is asked", "document.querySelector('dialog')?.textContent.includes('Replay all')")
    browser.screenshot(f"{pictures}/replay_all.png")
    browser.keys(ESCAPE)
    browser.until("left", "!document.querySelector('dialog')")
    check("nothing was sent", not browser.log() and letters_of(node) == 3)

    browser.click("button[data-replay-all]")
    browser.click("dialog button.primary")
    give_token(browser)
    browser.until(
        "all fail again, and it says why",
        "document.querySelector('#toast.visible')?.textContent.startsWith('0 handled, 3 stay: ') && "
        "document.querySelector('button[data-replay-all]').textContent === 'Replay all'",
    )
    check("none is lost", letters_of(node) == 3)
    browser.log()  # the browser tells of the 503 of the failed replays
    node.order("/test/mend")
    browser.click("button[data-replay-all]")
    browser.click("dialog button.primary")
    browser.until("all are handled", "document.querySelector('main .empty h2')?.textContent === 'No dead letters'")
    browser.until("it says so", "document.querySelector('#toast').textContent === '3 events handled.'")
    browser.until("the groups are gone", "document.querySelector('.groups').hidden")
    check("the node has none", letters_of(node) == 0)
    no_complaints(browser)


def letters_of(node):
    return len(json.loads(node.ask("GET", node.operations + "/dead-letters")[2])["letters"])


def test_parked(node, browser):
    see(browser, node, "parked")
    browser.until(
        "an empty state that says why",
        "document.querySelector('main .empty p')?.textContent.includes('Every event could be applied')",
    )
    node.put_product("UNREADABLE-1")
    browser.until(
        "a parked stream comes by itself",
        "document.querySelector('main tbody tr')?.innerText.includes('no label is wide enough')",
    )
    browser.screenshot(f"{pictures}/parked.png")
    see(browser, node, "views")
    browser.until(
        "the view tells",
        "[...document.querySelectorAll('main tbody tr')].some((r) => r.innerText.includes('shelf_labels') && "
        "r.innerText.includes('degraded') && "
        "r.innerText.includes('1 stream held back'))",
    )
    browser.screenshot(f"{pictures}/views.png")
    node.order("/test/mend")
    see(browser, node, "parked")
    browser.until("its button", "document.querySelector('button[data-replay]')")
    browser.click("button[data-replay]")
    if browser.js("return !!document.querySelector('dialog #token')"):
        give_token(browser)
    browser.until("it is free", "document.querySelector('main .empty h2')?.textContent === 'No parked streams'")
    no_complaints(browser)


def test_sagas(node, browser):
    see(browser, node, "sagas")
    browser.until(
        "an empty state that says why",
        "document.querySelector('main .empty p')?.textContent.includes('None was started so far')",
    )
    node.put_product("A1")
    browser.until(
        "a saga comes by itself",
        "document.querySelector('main tbody tr')?.innerText.includes('event sold')",
    )
    browser.screenshot(f"{pictures}/sagas.png")
    browser.click("main tbody a")
    browser.until("its turns", "document.querySelectorAll('main tbody tr').length === 2")
    check(
        "what would be undone",
        browser.js(
            "return document.querySelector('main').innerText.includes('shelves.take_off_shelf {\"sku\":\"A1\"}')"
        ),
    )
    browser.screenshot(f"{pictures}/saga.png")
    browser.click("#saga-abort")
    browser.until("it asks why", "document.querySelector('dialog #because')")
    browser.type_into("#because", "nobody buys it" + ENTER)
    give_token(browser)
    browser.until("the undo action is refused", "document.querySelector('main .chip').textContent === 'attention'")
    browser.until("a badge", "document.querySelector('#nav a[data-view=sagas] .badge').textContent === '1'")
    check(
        "markup is text",
        browser.js("return document.querySelector('main').innerText.includes('the shelf is <b>locked</b>')"),
    )
    advice = browser.js("return document.querySelector('main .notice').textContent")
    check("what to do", "sagas undone" in advice)
    browser.screenshot(f"{pictures}/saga_attention.png")
    node.order("/test/mend")
    browser.click("#saga-retry")
    browser.until("it is undone", "document.querySelector('main .chip').textContent === 'undone'")
    browser.until("nothing can be done", "document.querySelector('#saga-retry').disabled")
    browser.until("no badge", "document.querySelector('#nav a[data-view=sagas] .badge').hidden")
    see(browser, node, "sagas")
    browser.until("it has ended", "document.querySelector('main tbody tr')?.innerText.includes('undone')")
    browser.js(
        "const s = document.getElementById('saga-state'); s.value = 'blocked'; s.dispatchEvent(new Event('change'))"
    )
    browser.until("nothing fits", "document.querySelector('main .empty p')?.textContent.includes('No saga fits')")
    no_complaints(browser)


def test_supervision(node, browser):
    see(browser, node, "supervision/payments")
    browser.until("the part runs", "document.querySelector('#tree').innerText.includes('card_reader')")
    node.order("/test/crash")
    browser.until(
        "its restart and the cause, as text",
        "document.querySelector('#tree .cause') && "
        "[...document.querySelectorAll('#tree .cause')]"
        ".some((c) => /1 restart, last: .*<b>burns<\\/b>.*crash_now/.test(c.textContent))",
    )
    see(browser, node, "supervision")
    browser.until("the whole tree", "document.querySelectorAll('#tree [role=treeitem]').length > 5")
    browser.screenshot(f"{pictures}/supervision.png")
    browser.click("#only-trouble")
    browser.until("only what was restarted", "document.querySelectorAll('#tree code').length === 2")
    browser.js("const f = document.getElementById('filter'); f.value = 'nobody'; f.dispatchEvent(new Event('input'))")
    browser.until(
        "nothing fits, and says so",
        "document.querySelector('main .empty p')?.textContent.includes('nobody')",
    )
    no_complaints(browser)


def test_health_and_options(node, browser):
    see(browser, node, "health")
    browser.until(
        "lines with sentences",
        "document.querySelectorAll('main .lines li').length >= 4 && "
        "document.querySelector('main .lines').innerText.includes('up to date')",
    )
    browser.screenshot(f"{pictures}/health.png")
    see(browser, node, "options")
    browser.until("options with origins", "document.querySelectorAll('main tbody tr').length > 20")
    browser.click("#only-set")
    browser.until(
        "what was set from outside",
        "[...document.querySelectorAll('main tbody tr')].some((r) => r.innerText.includes('operator_token') && "
        "r.innerText.includes('(set)') && "
        "r.innerText.includes('command line'))",
    )
    browser.screenshot(f"{pictures}/options.png")
    no_complaints(browser)


def test_empty(node, browser):
    for view, sentence in (
        ("map", "declares no ambassador"),
        ("letters", "subscribes to a topic"),
        ("parked", "builds a view"),
        ("sagas", "declares a saga"),
        ("views", "builds a read model"),
    ):
        see(browser, node, view)
        browser.until(
            f"why {view} is empty",
            "[...document.querySelectorAll('main .empty p')].some((p) => p.textContent.includes(args[0]))",
            sentence,
        )
        browser.screenshot(f"{pictures}/empty_{view}.png")
    no_complaints(browser)
