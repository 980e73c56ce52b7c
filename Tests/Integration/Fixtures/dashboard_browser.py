"""Clicks through a dashboard in Chromium and says as JSON what it found.

usage: dashboard_browser.py live URL HOSTILE_TRIAL   a run with a trial whose words are markup
       dashboard_browser.py large URL                ten thousand trials
       dashboard_browser.py report FILE HOSTILE_TRIAL
       dashboard_browser.py revoked PLACE TRIAL      a trial that is, or in a moment will be, revoked
       dashboard_browser.py token URL                an address with a token in its fragment
With ASSAY_SCREENSHOTS=DIR, pictures of the views are kept there.
"""

import json
import os
import sys
import time

from playwright.sync_api import sync_playwright

found = {"problems": [], "foreign": []}


def check(condition, what):
    if not condition:
        found["problems"].append(what)


def watch(page, origin):
    page.on("console", lambda message: message.type in ("error", "warning") and found["problems"].append(message.text))
    page.on("pageerror", lambda error: found["problems"].append(str(error)))
    page.on("dialog", lambda dialog: (found["problems"].append("a dialog opened"), dialog.dismiss()))
    page.on("request", lambda request: not request.url.startswith((origin, "data:", "blob:")) and found["foreign"].append(request.url))


def picture(page, name):
    folder = os.environ.get("ASSAY_SCREENSHOTS")
    if folder:
        page.wait_for_timeout(150)
        page.screenshot(path=f"{folder}/{name}.png")


def inert(page, what):
    """Words that look like markup stay words."""
    check("taken" not in page.title(), f"{what}: a script of a hypothesis ran")
    check(page.locator("main img, main script, main iframe").count() == 0, f"{what}: markup of a hypothesis became elements")


def click_through(page, hostile):
    page.wait_for_selector(".figure")
    check(page.locator(".chart canvas").count() == 1, "no chart")
    for axis in ("wall time", "CPU time", "trials"):
        button = page.get_by_role("button", name=axis, exact=True)
        button.click()
        check(button.get_attribute("aria-pressed") == "true", f"the axis {axis} was not chosen")
    picture(page, "overview")
    inert(page, "overview")
    made = page.locator("section.card", has=page.get_by_role("heading", name="What proposals were made from"))
    check(made.is_visible() and made.locator("tbody tr").count() > 0, "no views of the lineage before the proposals")

    page.get_by_role("link", name="Tree", exact=True).click()
    page.wait_for_selector('[role="treeitem"]')
    tree = page.locator('[role="tree"]')
    tree.focus()
    page.keyboard.press("Home")
    first = page.locator('[role="treeitem"][aria-selected="true"]')
    check(first.get_attribute("aria-level") == "1", "the tree does not begin at its root")
    page.keyboard.press("ArrowLeft")
    check(page.locator('[role="treeitem"][aria-selected="true"]').get_attribute("aria-expanded") == "false", "a branch did not close by key")
    page.keyboard.press("ArrowRight")
    check(page.locator('[role="treeitem"][aria-selected="true"]').get_attribute("aria-expanded") == "true", "a branch did not open by key")
    page.keyboard.press("ArrowDown")
    picture(page, "tree")
    page.keyboard.press("Enter")
    page.wait_for_selector("article h1")
    check(page.locator("article h1").inner_text().startswith("Trial "), "Enter in the tree opened no trial")

    page.evaluate("trial => { location.hash = '#/trial/' + trial }", hostile)
    page.wait_for_function("trial => document.querySelector('article h1')?.textContent === 'Trial ' + trial", arg=hostile)
    words = page.locator("blockquote").inner_text()
    check("<script>" in words and "onerror" in words, f"the hypothesis is not shown as it is: {words}")
    inert(page, "trial")
    check(page.locator(".diff .plus").count() > 0 and page.locator(".diff .minus").count() > 0, "no side-by-side diff")
    found["proof"] = page.locator(".proof .tag").inner_text()
    found["command"] = page.locator(".command code").first.inner_text() if page.locator(".command code").count() else ""
    picture(page, "trial")

    page.get_by_role("link", name="Trials", exact=True).click()
    page.wait_for_selector('[role="option"]')
    page.get_by_label("Find trials").fill("onerror")
    check(page.locator('[role="option"]').count() >= 1, "the search finds no trial")
    inert(page, "trials")
    page.get_by_role("link", name="Compare", exact=True).click()
    page.wait_for_selector("th:has-text('Baseline')")
    picture(page, "compare")

    page.keyboard.press("1")
    page.wait_for_selector(".figure")
    page.locator(".chart canvas").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_selector("article h1")


def phone(browser, url, origin):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    watch(page, origin)
    page.goto(url)
    page.wait_for_selector(".figure")
    for view in ("#/", "#/tree", "#/trials", "#/trial/1", "#/compare"):
        page.evaluate("view => { location.hash = view }", view)
        page.wait_for_timeout(200)
        width = page.evaluate("document.documentElement.scrollWidth")
        check(width <= 390, f"{view} is {width} wide on a phone")
    page.evaluate("location.hash = '#/'")
    picture(page, "phone")
    context.close()


def live(browser, url, hostile):
    context = browser.new_context(viewport={"width": 1360, "height": 900})
    page = context.new_page()
    watch(page, url)
    page.goto(url)
    page.wait_for_selector(".figure")
    page.evaluate("window.stillHere = true")
    trials = lambda: page.evaluate("app.run.rows.size")
    before = trials()
    deadline = time.time() + 60
    while trials() <= before and time.time() < deadline:
        page.wait_for_timeout(100)
    found["live"] = trials() > before and page.evaluate("window.stillHere === true")
    click_through(page, hostile)
    context.close()
    context = browser.new_context(color_scheme="dark", viewport={"width": 1360, "height": 900})
    page = context.new_page()
    watch(page, url)
    page.goto(url)
    page.wait_for_selector(".figure")
    check(page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 17, 22)", "dark is not dark")
    picture(page, "dark")
    context.close()
    phone(browser, url, url)


def revoked(browser, place, trial):
    url = place if place.startswith("http") else "file://" + os.path.abspath(place)
    page = browser.new_page(viewport={"width": 1360, "height": 900})
    watch(page, url)
    page.goto(url)
    page.wait_for_selector(".figure")
    page.evaluate("trial => { location.hash = '#/trial/' + trial }", trial)
    page.wait_for_selector("article h1")
    print("LOOKING", file=sys.stderr, flush=True)
    page.wait_for_selector("#revocation", timeout=60000)
    found["tag"] = page.locator(".trialhead .tag").first.inner_text()
    found["note"] = page.locator("#revocation dl").inner_text()
    inert(page, "revocation")
    picture(page, "revoked")
    found["best"] = page.evaluate("app.run.view.best")
    found["marked"] = page.evaluate("trial => [...app.run.rows.values()].filter((row) => row.revokedAncestor === trial).length", trial)
    found["steps"] = page.evaluate("app.run.facts.steps.map((step) => step.row.trial)")
    page.evaluate("location.hash = '#/'")
    page.wait_for_selector("h2:has-text('Audits and revocations')")
    page.evaluate("location.hash = '#/trials?label=revoked'")
    page.wait_for_selector('[role="option"]')
    found["listed"] = page.evaluate("app.views.trials.list.items.map((row) => row.trial)")


def large(browser, url):
    context = browser.new_context(viewport={"width": 1360, "height": 900})
    page = context.new_page()
    watch(page, url)
    page.goto(url)
    page.wait_for_selector(".figure")
    found["ready_ms"] = round(page.evaluate("performance.now()"))
    found["first_paint_ms"] = round(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
    found["trials"] = page.evaluate("app.run.rows.size")
    timed = lambda script: round(page.evaluate("() => { const start = performance.now(); %s; return performance.now() - start }" % script))
    found["chart_ms"] = timed("app.views.overview.drawChart()")
    page.get_by_role("link", name="Tree", exact=True).click()
    page.wait_for_selector('[role="treeitem"]')
    found["expand_ms"] = timed("app.views.tree.expand(true)")
    check(page.evaluate("app.views.tree.list.items.length") == found["trials"], "the tree does not show every trial")
    check(page.locator('[role="treeitem"]').count() < 200, "the tree puts every row into the document")
    page.locator('[role="tree"]').focus()
    page.keyboard.press("End")
    page.wait_for_timeout(100)
    check(page.locator('[role="treeitem"][aria-selected="true"]').count() == 1, "the end of the tree cannot be reached by key")
    picture(page, "large-tree")
    page.get_by_role("link", name="Trials", exact=True).click()
    page.wait_for_selector('[role="option"]')
    found["sort_ms"] = timed("app.views.trials.sort = { key: 'score', descends: false }; app.views.trials.refresh()")
    inert(page, "large")
    page.keyboard.press("1")
    page.wait_for_selector(".figure")
    picture(page, "large-overview")
    context.close()


def main():
    kind, place = sys.argv[1:3]
    hostile = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        if kind == "live":
            live(browser, place, hostile)
        elif kind == "revoked":
            revoked(browser, place, hostile)
        elif kind == "large":
            large(browser, place)
        elif kind == "report":
            url = "file://" + os.path.abspath(place)
            page = browser.new_page()
            watch(page, url)
            page.goto(url)
            click_through(page, hostile)
            phone(browser, url, url)
        else:
            origin = place.split("#")[0]
            page = browser.new_page()
            page.goto(origin)
            page.wait_for_selector("input[type=password]")
            page.goto("about:blank")
            page.goto(place)
            page.wait_for_selector(".figure")
            found["address"] = page.url
            found["cookie_seen_by_scripts"] = page.evaluate("document.cookie")
            page.reload()
            page.wait_for_selector(".figure")
            found["state"] = page.locator("#state").inner_text()
        browser.close()
    print(json.dumps(found))


main()
