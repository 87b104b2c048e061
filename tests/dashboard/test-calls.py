#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-calls.py EXPORT_PAGE FOLDER: the calls of the exported page in Chromium.

Speaks TAP. Recordings are made here, and taken from the folder of memscope-rs files.
"""

import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from webdriver import Browser, find_missing

MEASURES = ['liveBytes', 'liveBlocks', 'bornBytes', 'births', 'temporary', 'temporaryBytes', 'peakBytes', 'peakBlocks']
UP, DOWN, LEFT, RIGHT, ENTER, ESCAPE = '\ue013', '\ue015', '\ue012', '\ue014', '\ue007', '\ue00c'
MILLISECOND = 1000000
HOSTILE = '</script><img src=x onerror=alert(1)>'
N_BLOCKS = 400

# [stack innermost first, thread, size]: by turns; every third is freed at once, every fifth later.
CALLS = [(['make_node', 'parse', 'main'], 'reader', 1000), (['make_text', 'parse', 'main'], 'reader', 300), (['copy', 'run', 'start'], 'worker', 70),
         (['make_node', 'load', 'main'], 'reader', 20), ([HOSTILE, 'parse', 'main'], 'reader', 5)]


def make_blocks ():
    blocks = []
    for i in range (N_BLOCKS):
        stack, thread, size = CALLS[i % len (CALLS)]
        born = i * MILLISECOND
        died = born + 10 if i % 3 == 0 else born + 30 * MILLISECOND if i % 5 == 1 else None
        blocks.append ({'ptr': 0x100000 + 4096 * i, 'size': size + i, 'var_name': f'v{i % 7}', 'type_name': 'T', 'thread_id': thread,
                        'timestamp_alloc': born, 'timestamp_dealloc': died, 'stack_trace': stack, 'is_leaked': False})
    return blocks


class Page:
    def __init__ (self, browser, export, folder, recordings):
        self.browser = browser
        self.export = export
        self.folder = folder
        self.recordings = recordings
        self.blocks = make_blocks ()
        self.made = 0
        with open (os.path.join (folder, 'calls.json'), 'w') as file:
            json.dump (self.blocks, file)

    def unpack (self, name):
        path = os.path.join (self.folder, f'{name}.memscope')
        with open (path, 'wb') as file:
            file.write (gzip.decompress ((self.recordings / f'{name}.memscope.gz').read_bytes ()))
        return path

    def open (self, *options, recording=None):
        self.made += 1
        path = os.path.join (self.folder, f'page-{self.made}.html')
        subprocess.run ([self.export, *options, recording or os.path.join (self.folder, 'calls.json'), path], check=True)
        self.browser.open (path)
        self.browser.click ('[data-view="calls"]')
        self.settle ()

    # A tree is there, or a page that says why not.
    def settle (self):
        self.browser.wait ('return window.memscope.isSettled () && document.querySelector (".call-body").getAttribute ("aria-busy") !== "true" && (document.querySelector (".calls .call-line[data-node]") !== null || !document.querySelector (".calls .status-page").hidden)')

    def measure (self, name):
        self.browser.run ('const select = document.querySelector (".calls .select select"); select.value = arguments[0]; select.dispatchEvent (new Event ("change"))', name)

    def direction (self, name):
        self.browser.click (f'.calls [data-key="{name}"]')
        self.settle ()

    def total (self):
        return int (self.browser.run ('return document.querySelector (".call-body").dataset.total'))

    def search (self, text):
        self.browser.run ('const entry = document.querySelector (".call-entry input"); entry.value = arguments[0]; entry.dispatchEvent (new Event ("input"))', text)

    def text (self, selector):
        return self.browser.run ('return document.querySelector (arguments[0])?.textContent ?? ""', selector)

    def lines (self):
        return self.browser.run ('return [...document.querySelectorAll (".call-line[data-node]")].map (line => `${line.getAttribute ("aria-level")} ${line.innerText.replace (/\\s+/g, " ")}`)')

    def path (self):
        return self.browser.run ('return [...document.querySelectorAll (".crumb")].map (crumb => crumb.textContent)')

    def root (self):
        return self.text ('.crumb[aria-current]')

    def set_range (self, begin, end):
        self.browser.run ('window.memscope.setRange (arguments[0], arguments[1])', begin, end)
        self.settle ()


def check (condition, words):
    if not condition:
        raise AssertionError (words)


def equal (left, right, words=''):
    check (left == right, f'{words}: {left!r} is not {right!r}')


def expected_totals (blocks):
    live = [block for block in blocks if block['timestamp_dealloc'] is None]
    events = sorted ([(block['timestamp_alloc'], 1, block['size']) for block in blocks] +
                     [(block['timestamp_dealloc'], 0, block['size']) for block in blocks if block['timestamp_dealloc'] is not None])
    best = (0, 0)
    size = n = 0
    for _, is_birth, bytes_ in events:
        size += bytes_ if is_birth else -bytes_
        n += 1 if is_birth else -1
        if size > best[0]:
            best = (size, n)
    temporary = [block for i, block in enumerate (blocks) if i % 3 == 0]
    return {'liveBytes': sum (block['size'] for block in live), 'liveBlocks': len (live),
            'bornBytes': sum (block['size'] for block in blocks), 'births': len (blocks),
            'temporary': len (temporary), 'temporaryBytes': sum (block['size'] for block in temporary),
            'peakBytes': best[0], 'peakBlocks': best[1]}


# ---- the tests ------------------------------------------------------------------


def test_totals (page):
    """every measure has the totals of the recording, both ways and with threads first"""
    expected = expected_totals (page.blocks)
    page.open ()
    for direction in ('down', 'up'):
        page.direction (direction)
        for name in MEASURES:
            page.measure (name)
            equal (page.total (), expected[name], f'{direction} {name}')
    page.direction ('down')
    page.measure ('births')
    page.browser.run ('[...document.querySelectorAll (".calls .toolbar button")].find (button => button.textContent === "Threads").click ()')
    page.settle ()
    equal (page.total (), N_BLOCKS, 'threads first')
    equal ([line.split ()[1] for line in page.lines () if line.startswith ('1 ')], ['reader', 'worker'])


def test_a_range_agrees_with_the_exporter (page):
    """a range folded in the page is what the exporter says of it"""
    begin, end = 71 * MILLISECOND + 5, 303 * MILLISECOND + 7
    said = []
    for options in ((), ('--begin', str (begin), '--end', str (end))):
        page.open (*options)
        if not options:
            page.set_range (begin, end)
            page.browser.wait ('return document.querySelector (".calls .strip-words").textContent.includes ("Range")')
        for direction in ('down', 'up'):
            page.direction (direction)
            for name in MEASURES:
                page.measure (name)
                said.append ((direction, name, page.total (), sorted (page.lines ())))
    half = len (said) // 2
    for left, right in zip (said[:half], said[half:]):
        equal (left, right)


def test_keys_walk_and_zoom (page):
    """arrow keys walk, Enter zooms, Escape and the path lead out again"""
    page.open ()
    page.measure ('bornBytes')
    page.browser.run ('document.querySelector (".flame").focus ()')
    page.browser.keys (DOWN, DOWN, DOWN)
    equal (page.path (), ['all', 'main', 'parse'])
    page.browser.keys (DOWN)
    equal (page.path (), ['all', 'main', 'parse', 'make_node'])
    page.browser.keys (RIGHT)
    equal (page.path ()[-1], 'make_text')
    page.browser.keys (UP, ENTER)
    equal (page.root (), 'parse')
    page.browser.keys (ESCAPE)
    equal (page.root (), 'main')
    page.browser.click ('.crumb')
    equal (page.root (), 'all')
    check ('main' in page.browser.run ('return document.querySelector (".flame").getAttribute ("aria-description")') or
           page.path () == ['all'], 'the graph is described')


def test_a_double_click_zooms (page):
    """a click selects, a double click zooms, in the drawing"""
    page.open ()
    page.measure ('bornBytes')
    click = '''const flame = document.querySelector (".flame"), area = flame.getBoundingClientRect ();
               flame.dispatchEvent (new MouseEvent (arguments[0], { bubbles: true, clientX: area.left + 20, clientY: area.top + 25 * arguments[1] + 10 }))'''
    page.browser.run (click, 'click', 2)
    equal (page.path (), ['all', 'main', 'parse'])
    equal (page.root (), 'all')
    page.browser.run (click, 'dblclick', 2)
    equal (page.root (), 'parse')
    page.browser.run (click, 'contextmenu', 0)
    check (not page.browser.run ('return document.querySelector (".call-menu").hidden'), 'the menu is open')
    page.browser.keys (ESCAPE)
    check (page.browser.run ('return document.querySelector (".call-menu").hidden'), 'the menu is closed')


def test_search (page):
    """a search says which hit of how many, and counts what they hold once"""
    page.open ()
    page.measure ('births')
    page.search ('make_node')
    equal (page.text ('.call-position'), '0 / 2')
    equal (page.text ('.calls .chip.on'), '2 frames hold 40\u00a0%')
    page.browser.click ('.call-entry button:last-child')
    equal (page.text ('.call-position'), '1 / 2')
    equal (page.path ()[-1], 'make_node')
    page.browser.click ('.call-entry button:last-child')
    page.browser.click ('.call-entry button:last-child')
    equal (page.text ('.call-position'), '1 / 2')
    # main is above parse and load: what is below it counts once
    page.search ('A')
    equal (page.text ('.calls .chip.on').split ('hold')[1], ' 100\u00a0%')
    page.search ('nothing like this')
    equal (page.text ('.call-position'), '0 / 0')
    check (page.browser.run ('return document.querySelector (".call-entry").classList.contains ("failed")'), 'the entry says so')
    page.search ('')
    equal (page.text ('.call-position'), '')


def test_the_table_is_the_same_tree (page):
    """a row selects in the graph, and the keys open and close rows"""
    page.open ()
    page.measure ('bornBytes')
    page.browser.run ('[...document.querySelectorAll (".call-line[data-node]")].find (line => line.textContent.includes ("parse")).click ()')
    equal (page.path (), ['all', 'main', 'parse'])
    check (page.browser.run ('return document.querySelector (".flame").getAttribute ("aria-description")').startswith ('parse'), 'the graph says what is selected')
    before = len (page.lines ())
    page.browser.keys (LEFT)
    check (len (page.lines ()) < before, 'a row closes')
    page.browser.keys (RIGHT, RIGHT)
    equal (page.path ()[-1], 'make_node')
    page.browser.keys (LEFT)
    equal (page.path ()[-1], 'parse')
    page.browser.keys (ENTER)
    equal (page.root (), 'parse')
    shares = page.browser.run ('return [...document.querySelectorAll (".call-line[aria-level=\\"1\\"] b")].map (node => node.textContent)')
    equal (len (shares), 2)


def test_hostile_names (page):
    """names are text, wherever they are shown"""
    page.open ()
    page.search ('onerror')
    page.browser.click ('.call-entry button:last-child')
    equal (page.path ()[-1], HOSTILE)
    check (page.browser.run ('return document.querySelector ("img") === null'), 'no element came of a name')
    page.open (recording=page.unpack ('names_full'))
    for direction in ('up', 'down'):
        page.direction (direction)
        page.measure ('births')
        check (len (page.lines ()) > 0, 'there are rows')
    check (page.browser.run ('return document.querySelector ("img, main script") === null'), 'no element came of a name')


def test_without_stacks (page):
    """a recording without stacks says so"""
    page.open (recording=page.unpack ('old_9d68aa0_typical'))
    check ('memscope-rs stored no call stacks' in page.text ('.calls .status-page'), 'the reason is said')
    check (page.browser.run ('return document.querySelector (".calls .toolbar").hidden'), 'no controls without a tree')


def test_left_out_blocks (page):
    """blocks left out of the page are in the calls of the whole; a range says what it is of"""
    expected = expected_totals (page.blocks)
    # the page's own scripts take most of it: the less is left, the more blocks are left out
    for budget in range (260000, 100000, -4000):
        page.open ('--budget', str (budget))
        dropped = page.text ('.banner')
        if 'not listed' in dropped:
            break
    check ('not listed' in dropped, 'some blocks are left out')
    for name in MEASURES:
        page.measure (name)
        equal (page.total (), expected[name], name)
    page.set_range (10 * MILLISECOND, 20 * MILLISECOND)
    check ('Of the whole recording' in page.text ('.calls [role=status].call-note'), 'what is shown is said')


def test_narrow_and_chinese (page):
    """360 pixels and Chinese: everything fits, nothing is left in English"""
    page.browser.resize (360, 740, 'dark')
    try:
        page.open ('--language', 'zh-CN')
        check (not page.browser.run ('return document.documentElement.scrollWidth > innerWidth'), 'as wide as the window')
        equal (page.browser.run ('return [...document.querySelectorAll (".calls .linked button")].slice (0, 2).map (button => button.textContent)'), ['自顶向下', '自底向上'])
        check ('存活' in page.text ('.call-status'), 'the status is Chinese')
    finally:
        page.browser.resize (1280, 800, 'light')


TESTS = [test_totals, test_a_range_agrees_with_the_exporter, test_keys_walk_and_zoom, test_a_double_click_zooms, test_search,
         test_the_table_is_the_same_tree, test_hostile_names, test_without_stacks, test_left_out_blocks, test_narrow_and_chinese]


def main ():
    export, recordings = sys.argv[1:3]
    reason = find_missing ()

    if reason:
        print (f'1..0 # SKIP {reason}')
        return 0

    print (f'1..{len (TESTS)}')
    failed = 0
    with tempfile.TemporaryDirectory (prefix='memscope-calls-') as folder:
        browser = Browser ()
        try:
            page = Page (browser, export, folder, pathlib.Path (recordings))
            for number, test in enumerate (TESTS, 1):
                try:
                    test (page)
                    equal (page.browser.complaints (), [], 'the console')
                    equal (page.browser.requests (), [], 'requests')
                    print (f'ok {number} - {test.__doc__}', flush=True)
                except Exception as error:
                    failed += 1
                    print (f'not ok {number} - {test.__doc__}\n# {test.__name__}: {type (error).__name__}: {error}'.replace ('\n', '\n# ').replace ('# # ', '# '), flush=True)
        finally:
            browser.close ()

    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit (main ())
