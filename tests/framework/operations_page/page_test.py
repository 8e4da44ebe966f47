#!/usr/bin/env python3
"""The operations page in a browser: page_test.py PROGRAM FOLDER_FOR_PICTURES

Starts PROGRAM (page_program.cpp) as each of its applications, looks at its page, and ends what it started.
"""
import contextlib
import os
import sys

sys.dont_write_bytecode = True  # the source tree stays as it is
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import access_tests as access  # noqa: E402
import map_tests as maps  # noqa: E402
import view_tests as views  # noqa: E402
from browser import Browser, Failed  # noqa: E402
from checks import pictures  # noqa: E402
from node import TOKEN, Node  # noqa: E402


def run(browser, which, settings, tests):
    """What failed: a line for each."""
    failed = []
    with contextlib.closing(Node(sys.argv[1], *settings, BANYAN_PAGE_APPLICATION=which)) as node:
        for test in tests:
            name = test.__name__[5:]
            print(f"{which}: {name}", flush=True)
            try:
                test(node, browser)
            except (Failed, AssertionError) as why:
                failed.append(f"{which}: {name}: {why}")
                browser.screenshot(f"{pictures}/failed_{name}.png")
                browser.log()
    return failed


def main():
    token = ("--set", f"operator_token={TOKEN}")
    only = sys.argv[3:]
    plan = [
        ("whole", token, [access.test_headers, maps.test_first_paint, maps.test_breakers,
                          maps.test_overrides_and_token, access.test_markup, views.test_supervision,
                          views.test_health_and_options]),
        ("whole", token, [views.test_parked, access.test_colours_and_sizes, access.test_keyboard]),
        ("whole", token, [views.test_dead_letter, maps.test_lost_node]),
        ("whole", token, [views.test_replay_all]),
        ("whole", (), [maps.test_no_token_configured]),
        ("sagas", token, [views.test_sagas]),
        ("empty", token, [views.test_empty, maps.test_layout]),
        ("many", token, [maps.test_many]),
    ]
    failed = []
    with contextlib.closing(Browser()) as browser:
        for which, settings, tests in plan:
            chosen = [t for t in tests if not only or t.__name__[5:] in only]
            if chosen:
                failed += run(browser, which, settings, chosen)
    for line in failed:
        print("FAILED", line)
    print("The page is as it should be." if not failed else f"{len(failed)} failed")
    return 1 if failed else 0


sys.exit(main())
