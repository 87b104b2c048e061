#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-lists.py EXPORT_PAGE: lists of the exported page that are too long to be shown at once.

Speaks TAP. The recording is made here: more variables, types, threads and call sites
than the head of a page lists.
"""

import json
import os
import subprocess
import sys
import tempfile

from webdriver import Browser, find_missing

GROUPS = 1200                 # the head lists 500 of each kind, by each of three orders
FIRST_FIVE = 5
MILLISECOND = 1000000
# Panels of the overview, and how long their lists are: those of live bytes have no place for what is dead.
LISTS = {'cards': GROUPS, 'callSites': GROUPS + 1, 'threads': GROUPS, 'types': GROUPS + 1}


def make_recording (path):
    """One block for each variable, one after the other, the later the smaller; and at the end
    one of which nothing is alive, but which allocated the most."""
    blocks = [{'ptr': 0x100000 + 64 * i, 'size': 4 * GROUPS - i, 'var_name': f'variable_{i:04}', 'type_name': f'Type{i:04}',
               'thread_id': f'worker-{i:04}', 'timestamp_alloc': i * MILLISECOND, 'timestamp_dealloc': None,
               'stack_trace': [f'function_{i:04}', 'main'], 'is_leaked': False} for i in range (GROUPS)]
    for i in range (2000):
        time = GROUPS * MILLISECOND + i * 10
        blocks.append ({'ptr': 0x10, 'size': 100000, 'var_name': 'churning', 'type_name': 'Churn', 'thread_id': 'worker-churn',
                        'timestamp_alloc': time, 'timestamp_dealloc': time + 5, 'stack_trace': ['churn', 'main'], 'is_leaked': False})
    with open (path, 'w') as file:
        json.dump (blocks, file)


class Page:
    def __init__ (self, browser, export, folder):
        self.browser = browser
        self.export = export
        self.folder = folder
        self.recording = os.path.join (folder, 'many.json')
        self.made = 0
        make_recording (self.recording)

    def open (self, *options):
        self.made += 1
        path = os.path.join (self.folder, f'page-{self.made}.html')
        subprocess.run ([self.export, *options, self.recording, path], check=True)
        self.browser.open (path)

    def set_range (self, begin, end):
        self.browser.run ('window.memscope.setRange (arguments[0], arguments[1])', begin, end)
        self.browser.wait ('return window.memscope.isSettled ()')

    def items (self, name):
        return self.browser.run ('return [...document.querySelectorAll (`.top.${arguments[0]} .top-item`)].map (node => node.textContent)', name)

    def tally (self, name):
        return self.browser.run ('return document.querySelector (`.top.${arguments[0]} .top-more`)?.textContent ?? ""', name)

    def show_more (self, name):
        """Whether there was more."""
        return self.browser.run ('''const button = document.querySelector (`.top.${arguments[0]} .top-more button`);
                                    button?.click (); return button !== null''', name)

    def all_items (self, name):
        while self.show_more (name):
            pass
        return self.items (name)

    def wait_for_all (self, name, count):
        self.browser.wait ('''return (document.querySelector (`.top.${arguments[0]} .top-more`)?.textContent ?? "").includes (arguments[1])''',
                           name, f'{count:,}')


def check (condition, words):
    if not condition:
        raise AssertionError (words)


def equal (left, right, words=''):
    check (left == right, f'{words}: {left!r} is not {right!r}')


def test_long_lists_lead_to_their_end (page):
    """a long list says how long it is, and shows the rest on demand"""
    page.open ()
    for name, count in LISTS.items ():
        page.wait_for_all (name, count)
        equal (len (page.items (name)), FIRST_FIVE, name)
        check (f'{FIRST_FIVE} of' in page.tally (name), page.tally (name))
        equal (len (page.all_items (name)), count, name)
    found = page.all_items ('types')
    equal ({f'Type{i:04}' for i in range (GROUPS)} - {text[:8] for text in found}, set (), 'types that are nowhere')


def test_tables_lead_to_their_end (page):
    """so does the table beside a list"""
    page.open ()
    page.wait_for_all ('types', GROUPS + 1)
    page.browser.run ('document.querySelector (".top.types [aria-pressed]").click ()')
    lines = lambda: page.browser.run ('return document.querySelectorAll (".top.types tbody tr").length')
    check (lines () < LISTS['types'], 'not all at once')
    while page.show_more ('types'):
        pass
    equal (lines (), LISTS['types'])
    equal (page.tally ('types'), '', 'nothing is left to say')


def test_a_range_knows_what_the_head_does_not_list (page):
    """a range has all its groups, whether the page's head lists them or not"""
    begin, end = 700 * MILLISECOND, 730 * MILLISECOND
    read_tiles = lambda: page.browser.run ('return [...document.querySelectorAll (".tile-figure, .tile-note")].map (node => node.textContent)')
    page.open ('--begin', str (begin), '--end', str (end))
    tiles = read_tiles ()
    page.open ()
    page.set_range (begin, end)
    equal (read_tiles (), tiles, 'tiles')
    for name, at in (('types', 'Type'), ('callSites', 'function_'), ('cards', 'variable_')):
        found = page.all_items (name)
        born = {f'{at}{i:04}' for i in range (700, 730)}
        equal ({word for word in born if not any (word in text for text in found)}, set (), f'{name} of the range')
    page.browser.run ('window.memscope.setRange (0, window.memscope.duration () + 1)')
    page.browser.wait ('return window.memscope.isSettled ()')
    equal (len (page.all_items ('types')), LISTS['types'], 'and the whole again')


def test_the_head_lists_the_first_of_every_order (page):
    """what allocated the most is first, though nothing of it is alive"""
    page.open ('--budget', '1')     # no blocks to look it up in
    check ('churn' in page.items ('callSites')[0], page.items ('callSites'))
    check ('Churn' in page.items ('types')[0], page.items ('types'))
    page.all_items ('types')
    check ('not in this page' in page.tally ('types'), page.tally ('types'))
    check ('1,201' in page.tally ('types'), page.tally ('types'))
    equal (page.browser.complaints (), [])


def test_cards_beyond_the_head_open (page):
    """a card that only its blocks tell of opens in the inspector under a range"""
    page.open ()
    page.set_range (1100 * MILLISECOND, 1101 * MILLISECOND)
    page.browser.click ('[data-view="variables"]')
    page.browser.run ('''const search = document.querySelector ("input[type=search]");
                         search.value = "variable_1100"; search.dispatchEvent (new Event ("input"));''')
    page.browser.click ('[data-card]')
    page.browser.wait ('return document.querySelector (".inspector-body .inset") !== null')
    check ('variable_1100' in page.browser.run ('return document.querySelector (".inspector").innerText'), 'its name')
    equal (page.browser.complaints (), [])


def main ():
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
                try:
                    test (Page (browser, sys.argv[1], folder))
                    print (f'ok {number} {test.__doc__}', flush=True)
                except (AssertionError, RuntimeError, subprocess.CalledProcessError) as error:
                    failed += 1
                    print (f'not ok {number} {test.__doc__}\n# ' + str (error)[:3000].replace ('\n', '\n# '), flush=True)
    finally:
        browser.close ()

    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit (main ())
