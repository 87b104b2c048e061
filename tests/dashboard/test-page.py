#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-page.py EXPORT_PAGE FOLDER: the exported page in Chromium.

Speaks TAP. Pages are made by the export-page program from recordings of
memscope-rs in the folder (packed or not), and are opened from files. The folder
that MEMSCOPE_FIXTURES names is looked into first. With MEMSCOPE_CLI a program is
recorded too.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

import catalogue
from recordings import Recordings
from webdriver import Browser, find_missing

TABS = ['overview', 'lifecycle', 'passport', 'advice']
ARROW_DOWN, ARROW_RIGHT, ENTER, ESCAPE = '\ue015', '\ue014', '\ue007', '\ue00c'

# Scrolls through the list of cards and gathers what the page shows.
READ_CARDS = '''
const [selector, done] = arguments;
const scroll = document.querySelector ('.card-scroll');
const names = new Set ();
const step = () => {
  for (const node of scroll.querySelectorAll (selector))
    names.add ((node.getAttribute ('aria-label') ?? '') + node.textContent);
  const before = scroll.scrollTop;
  scroll.scrollTop += scroll.clientHeight / 2;
  if (scroll.scrollTop === before)
    done ([...names]);
  else
    requestAnimationFrame (() => requestAnimationFrame (step));
};
scroll.scrollTop = 0;
requestAnimationFrame (step);
'''


class Page:
    def __init__ (self, browser, export, folder):
        self.browser = browser
        self.export = export
        self.folder = folder
        self.made = 0

    def make (self, recording, *options):
        self.made += 1
        path = os.path.join (self.folder, f'page-{self.made}.html')
        subprocess.run ([self.export, *options, recording, path], check=True)
        return path

    def open (self, recording, *options):
        self.browser.open (self.make (recording, *options))

    def show (self, view):
        self.browser.click (f'[data-view="{view}"]')

    def open_card (self, index=None):
        self.show ('variables')
        self.browser.click ('[data-card]' if index is None else f'[data-card="{index}"]')
        self.browser.wait ('return document.querySelector (".inspector-body .inset, .inspector-body .status-page") !== null')

    def tab (self, name):
        self.browser.click (f'[data-tab="{name}"]')

    def text (self, selector):
        return self.browser.run ('return document.querySelector (arguments[0])?.innerText ?? ""', selector)

    def read_cards (self, selector='[data-card] .card-name'):
        return set (self.browser.request ('POST', '/execute/async', {'script': READ_CARDS, 'args': [selector]}))

    def is_wider_than_the_window (self):
        return self.browser.run ('return document.documentElement.scrollWidth > innerWidth || document.body.scrollWidth > innerWidth')


def check (condition, words):
    if not condition:
        raise AssertionError (words)


def equal (left, right, words=''):
    check (left == right, f'{words}: {left!r} is not {right!r}')


# ---- the tests ------------------------------------------------------------------


def test_every_panel_opens (page, recordings):
    """every panel opens, with an empty console and no request"""
    for name in ('typical_legacy', 'rich_full', 'empty_legacy', 'tiny_user', 'old_9d68aa0_typical'):
        page.open (recordings.get (name))
        page.browser.requests ()
        for toggle in range (page.browser.run ('return document.querySelectorAll (".overview .panel-head [aria-pressed]").length')):
            page.browser.run ('document.querySelectorAll (".overview .panel-head [aria-pressed]")[arguments[0]].click ()', toggle)
        page.show ('variables')
        if page.browser.run ('return document.querySelector ("[data-card]") !== null'):
            page.open_card ()
            for tab in TABS:
                page.tab (tab)
                check (page.text ('.inspector-body').strip (), f'{name}: {tab} is empty')
        page.browser.click ('[aria-label="About this recording"]')
        check ('memscope-rs' in page.text ('dialog'), f'{name}: details')
        page.browser.keys (ESCAPE)
        equal (page.browser.complaints (), [], name)
        equal (page.browser.requests (), [], name)


def test_all_names_are_found_by_scrolling (page, recordings):
    """all named variables are found by scrolling"""
    name, names = named_variables (recordings)
    page.open (recordings.get (name))
    page.show ('variables')
    check (len (names) > 50, 'the fixture has names')
    equal (names - page.read_cards (), set (), 'not shown')
    page.browser.click ('[data-key="variable"]')
    equal (names - page.read_cards (), set (), 'not shown by variable')


def test_all_names_are_found_by_searching (page, recordings):
    """all named variables are found by searching"""
    recording, names = named_variables (recordings)
    page.open (recordings.get (recording))
    page.show ('variables')
    for name in names:
        page.browser.run ('''const search = document.querySelector ("input[type=search]");
                             search.value = arguments[0]; search.dispatchEvent (new Event ("input"));''', name)
        shown = page.browser.run ('return [...document.querySelectorAll (".card-name")].map (node => node.textContent)')
        check (name in shown, f'{name!r} is not among {shown!r}')


def test_hostile_names_are_text (page, recordings):
    """hostile names are shown as text"""
    for fixture in ('names_full', 'old_985889d_names', 'huge_records_full'):
        recording = recordings.get (fixture)
        if recording is None:
            continue
        page.open (recording)
        page.show ('variables')
        cards = page.browser.run ('return document.querySelectorAll ("[data-card]").length')
        for index in range (min (cards, 40)):
            page.browser.run ('document.querySelectorAll ("[data-card]")[arguments[0]]?.click ()', index)
            page.browser.wait ('return document.querySelector (".inspector-body .inset") !== null')
            for tab in TABS:
                page.tab (tab)
        equal (page.browser.run ('return document.querySelectorAll ("#app img, #app script, #app iframe, #app a:not(.skip)").length'), 0, 'elements from names')
        equal (page.browser.complaints (), [], fixture)
        equal (page.is_wider_than_the_window (), False, 'wider than the window')


def test_filters_and_counts (page, recordings):
    """chips, search and groups keep matched and total apart"""
    page.open (recordings.get ('typical_legacy'))
    page.show ('variables')
    whole = page.text ('.tally')
    headers = lambda: page.browser.run ('return [...document.querySelectorAll (".group-head .num")].map (node => node.innerText)')
    check (all (words.split (' / ')[0] == words.split (' / ')[1] for words in headers ()), 'all match')
    page.browser.click ('.chips .chip:nth-child(4)')
    check (page.text ('.tally') != whole, 'freed cards are fewer')
    stages = page.browser.run ('return [...document.querySelectorAll (".card .stage")].map (node => node.innerText)')
    equal (set (stages), {'freed'})
    check (any (words.split (' / ')[0] != words.split (' / ')[1] for words in headers ()), 'not all match')
    page.browser.click ('.chips .chip:nth-child(4)')
    equal (page.text ('.tally'), whole)
    page.browser.run ('''const search = document.querySelector ("input[type=search]");
                         search.value = "no such thing"; search.dispatchEvent (new Event ("input"));''')
    check ('No variable matches' in page.text ('.status-page'), 'says so')
    page.browser.click ('.list-side .status-page .pill')
    equal (page.text ('.tally'), whole)


def test_keyboard (page, recordings):
    """everything is reached by the keyboard"""
    page.open (recordings.get ('typical_legacy'))
    page.browser.keys ('2')
    page.browser.run ('document.querySelector ("[data-card]").focus ()')
    page.browser.keys (ARROW_RIGHT, ARROW_DOWN)
    equal (page.browser.run ('return document.activeElement.hasAttribute ("data-card")'), True)
    focused = page.browser.run ('return document.activeElement.dataset.card')
    page.browser.keys (ENTER)
    page.browser.wait ('return !document.querySelector (".inspector").hidden')
    equal (page.browser.run ('return document.querySelector ("[data-card][aria-pressed=true]").dataset.card'), focused)
    page.browser.run ('document.querySelector ("[role=tab][aria-selected=true]").focus ()')
    for tab in TABS[1:] + TABS[:1]:
        page.browser.keys (ARROW_RIGHT)
        equal (page.browser.run ('return document.activeElement.dataset.tab'), tab)
    page.browser.keys (ESCAPE)
    equal (page.browser.run ('return document.querySelector (".inspector").hidden'), True)
    page.browser.keys ('1', '[')
    equal (page.browser.run ('return document.activeElement.getAttribute ("role")'), 'slider')
    page.browser.keys (ARROW_RIGHT)
    page.browser.wait ('return !document.querySelector (".chart button.small:not(.icon-only)").disabled')
    page.browser.keys ('0')
    page.browser.wait ('return document.querySelector (".chart button.small:not(.icon-only)").disabled')


def test_names_and_roles (page, recordings):
    """every control has a name, tabs and lists have their roles"""
    page.open (recordings.get ('typical_legacy'))
    page.open_card ()
    nameless = page.browser.run ('''return [...document.querySelectorAll ("button, select, input, [role=slider], [role=img], aside, nav")]
      .filter (node => !(node.getAttribute ("aria-label") || node.getAttribute ("aria-labelledby") || node.textContent.trim ()))
      .map (node => node.outerHTML.slice (0, 120))''')
    equal (nameless, [])
    equal (page.browser.run ('return document.querySelectorAll ("main, header, nav, aside").length >= 4'), True)
    equal (page.browser.run ('return document.querySelectorAll ("[role=tab]").length'), 4)
    check (page.browser.run ('return document.querySelector ("[role=listitem]").ariaSetSize') is not None, 'size of the list')


def test_chinese (page, recordings):
    """the language switch makes all of it Chinese"""
    page.open (recordings.get ('typical_legacy'))
    page.browser.run ('''const select = document.querySelector (".head select");
                         select.value = "zh-CN"; select.dispatchEvent (new Event ("change"));''')
    equal (page.browser.run ('return document.documentElement.lang'), 'zh-CN')
    check ('存活字节' in page.text ('.tiles'), 'tiles')
    page.open_card ()
    equal (page.browser.run ('return [...document.querySelectorAll ("[role=tab]")].map (node => node.innerText)'), ['概览', '生命周期', 'FFI Passport', '优化'])
    check ('线程变量 (' in page.browser.run ('return document.querySelector (".variables h2").textContent'), 'heading')
    page.browser.run ('''const select = document.querySelector (".head select");
                         select.value = "en"; select.dispatchEvent (new Event ("change"));''')
    check ('Peak' in page.text ('.inspector'), 'and back')
    equal (page.browser.complaints (), [])


def test_catalogue (page, recordings):
    """the Chinese catalogue has each text, and no other"""
    used, translated = catalogue.used (), catalogue.translated ()
    equal (used - set (translated), set (), 'not translated')
    equal (set (translated) - used, set (), 'no longer used')
    equal (catalogue.without_plural (), set (), 'needs n ()')


def test_sizes_and_colours (page, recordings):
    """360, 1280 and 1920 pixels, light and dark: nothing is cut off"""
    grounds = set ()
    for scheme in ('light', 'dark'):
        for width, height in ((360, 740), (1280, 800), (1920, 1080)):
            page.browser.resize (width, height, scheme)
            page.open (recordings.get ('typical_legacy'))
            equal (page.is_wider_than_the_window (), False, f'overview at {width}')
            equal (page.browser.run ('return [...document.querySelectorAll (".tile")].filter (tile => tile.scrollHeight > tile.clientHeight).map (tile => tile.textContent)'), [], f'tiles at {width}')
            page.open_card ()
            equal (page.is_wider_than_the_window (), False, f'inspector at {width}')
        grounds.add (page.browser.run ('return getComputedStyle (document.body).backgroundColor'))
    equal (len (grounds), 2)
    page.browser.resize (1280, 800, 'light')


READ_FIGURES = '''
const text = selector => [...document.querySelectorAll (selector)].map (node => node.textContent);
return { tiles: text (".tile-figure"), notes: text (".tile-note"),
         sizes: text (".sizes .histogram title"), lifetimes: text (".lifetimes .histogram title"),
         tops: text (".top .top-item"), medians: text (".panel-head > .caption") };
'''


def figures_of (page):
    page.show ('overview')
    figures = page.browser.run (READ_FIGURES)
    # The sparklines of a page are those of its own time line.
    page.show ('variables')
    if page.browser.run ('return document.querySelector (".line") === null'):
        page.browser.run ('document.querySelector (".toolbar > .icon-only").click ()')
    figures['cards'] = sorted (page.read_cards ('.line[data-card]'))
    return figures


def check_ranges (page, recording, ranges):
    whole = page.make (recording)
    for begin, end in ranges:
        page.browser.open (page.make (recording, '--begin', str (begin), '--end', str (end)))
        expected = figures_of (page)
        page.browser.open (whole)
        page.browser.run ('window.memscope.setRange (arguments[0], arguments[1])', begin, end)
        page.browser.wait ('return window.memscope.isSettled ()')
        found = figures_of (page)
        for key in expected:
            equal (found[key], expected[key], f'{recording} [{begin}, {end}) {key}')


def test_ranges_agree (page, recordings):
    """the figures of a range are those of the analyses"""
    check_ranges (page, recordings.get ('typical_legacy'), [(1000000, 900000000), (700000000, 2500000001), (2000000, 30000000)])


def test_what_is_left_out_is_said (page, recordings):
    """a page without its blocks says so, and keeps its figures"""
    page.open (recordings.get ('typical_legacy'), '--budget', '1')
    check ('200 of 200 blocks are not listed' in page.text ('.banner'), page.text ('.banner'))
    tiles = page.text ('.tiles')
    check ('200' in tiles, 'totals')
    page.browser.run ('window.memscope.setRange (1000000, 900000000)')
    page.browser.wait ('return window.memscope.isSettled ()')
    equal (page.text ('.tiles'), tiles)
    check ('stay those of the whole' in page.text ('.overview'), 'says so')
    page.open_card ()
    for tab in TABS:
        page.tab (tab)
    equal (page.browser.complaints (), [])


def test_native_recording (page, recordings):
    """a recording of our own: stacks, sources, ranges"""
    native = recordings.record ()
    if native is None:
        return 'nothing to record with'
    page.open (native)
    page.open_card ()
    check ('malloc' in page.text ('.inspector-body') or 'calloc' in page.text ('.inspector-body') or 'realloc' in page.text ('.inspector-body'), 'function')
    for tab in TABS:
        page.tab (tab)
    equal (page.browser.complaints (), [])
    duration = page.browser.run ('return window.memscope.duration ()')
    check_ranges (page, native, [(duration // 10, duration // 2), (duration // 3, duration)])


def named_variables (recordings):
    name = 'typical_full' if recordings.get ('typical_full') else 'typical_legacy'
    return name, {record['var_name'] for record in recordings.expected (name) if record['var_name']}


def main ():
    export, *folders = sys.argv[1:]
    if os.environ.get ('MEMSCOPE_FIXTURES'):
        folders.insert (0, os.environ['MEMSCOPE_FIXTURES'])
    reason = find_missing ()
    if reason:
        print (f'1..0 # SKIP {reason}')
        return 0

    tests = [test for name, test in globals ().items () if name.startswith ('test_')]
    failed = 0
    print (f'1..{len (tests)}', flush=True)
    browser = Browser ()
    try:
        with tempfile.TemporaryDirectory () as folder:
            for number, test in enumerate (tests, 1):
                words = test.__doc__
                try:
                    browser.resize (1280, 800, 'light')
                    skipped = test (Page (browser, export, folder), Recordings ([pathlib.Path (name) for name in folders], folder))
                    print (f'ok {number} {words}' + (f' # SKIP {skipped}' if skipped else ''), flush=True)
                except (AssertionError, RuntimeError, subprocess.CalledProcessError) as error:
                    failed += 1
                    print (f'not ok {number} {words}\n# ' + str (error)[:3000].replace ('\n', '\n# '), flush=True)
    finally:
        browser.close ()

    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit (main ())
