#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-filter.py EXPORT_PAGE GOLDEN: the filter expressions of the exported page.

The page must answer every expression of GOLDEN/filter/expressions.txt as the program
does, which has a test of its own for the same file. Speaks TAP.
"""

import os
import subprocess
import sys
import tempfile

from webdriver import Browser, find_missing

COUNT = 'return window.memscope.countFilter (arguments[0])'
SEARCH = '.variables .filter-entry input'


def read_expressions (golden):
    """(recording, expected, expression)…"""
    recording = None
    with open (os.path.join (golden, 'filter', 'expressions.txt'), encoding='utf-8') as lines:
        for line in lines:
            line = line.rstrip ('\n')
            if line.startswith ('@ '):
                recording = os.path.join (golden, line[2:])
            elif line and not line.startswith ('#'):
                yield (recording, *line.split ('\t', 1))


class Page:
    def __init__ (self, browser, export, golden, folder):
        self.browser = browser
        self.export = export
        self.golden = golden
        self.folder = folder
        self.shown = None

    def open (self, recording):
        if self.shown != recording:
            path = os.path.join (self.folder, os.path.basename (recording) + '.html')
            subprocess.run ([self.export, recording, path], check=True)
            self.browser.open (path)
            self.shown = recording

    def type (self, text):
        self.browser.run ('''const input = document.querySelector (arguments[0]);
                             input.value = arguments[1];
                             input.dispatchEvent (new Event ('input', { bubbles: true }))''', SEARCH, text)
        self.browser.wait ('return window.memscope.isSettled ()')

    def names (self):
        return self.browser.run ('''return [...document.querySelectorAll ('.variables [data-card] .name')].map (node => node.textContent)''')

    def fault (self):
        return self.browser.run ('''const node = document.querySelector ('.variables .filter-fault');
                                    return node.hidden ? null : node.textContent''')


def equal (left, right, words=''):
    if left != right:
        raise AssertionError (f'{words}: {left!r} is not {right!r}')


def test_answers_as_the_program (page):
    """every expression passes as many blocks, or is wrong in the same column, as in the program"""
    wrong = []
    for recording, expected, expression in read_expressions (page.golden):
        page.open (recording)
        answer = page.browser.run (COUNT, expression)
        found = f'!{answer["column"]}' if isinstance (answer, dict) else str (answer)
        if found != expected:
            wrong.append (f'{expression}: {found}, expected {expected}')
    equal (wrong, [])


def test_cards_are_those_of_the_filter (page):
    """an expression in the search rules the cards; without it all are back"""
    page.shown = None
    page.open (os.path.join (page.golden, 'filter', 'threads.json'))
    page.browser.keys ('2')
    page.browser.wait ('return document.querySelectorAll (".variables [data-card]").length > 0')
    everything = page.names ()
    page.type ('size > 1K and thread = worker-1')
    page.browser.wait ('return document.querySelectorAll (".variables [data-card]").length === 1')
    equal ([name for name in page.names () if name == 'Buffer'], ['Buffer'])
    page.type ('')
    page.browser.wait ('return document.querySelectorAll (".variables [data-card]").length > 1')
    equal (page.names (), everything)


def test_mistakes_are_shown (page):
    """what is wrong is said with its column, and the last whole filter stays"""
    page.type ('var = buffer')
    page.browser.wait ('return document.querySelectorAll (".variables [data-card]").length === 2')
    page.type ('var = buffer and size > big')
    equal ('Column 25' in (page.fault () or ''), True, page.fault ())
    equal (page.browser.run ('return document.querySelectorAll (".variables [data-card]").length'), 2)
    page.type ('var = buffer and size > 1')
    equal (page.fault (), None)


def main ():
    missing = find_missing ()
    tests = [test_answers_as_the_program, test_cards_are_those_of_the_filter, test_mistakes_are_shown]
    if missing:
        print (f'1..0 # SKIP {missing}')
        return 0
    print (f'1..{len (tests)}')
    failed = False
    browser = Browser ()
    with tempfile.TemporaryDirectory () as folder:
        page = Page (browser, sys.argv[1], sys.argv[2], folder)
        for number, test in enumerate (tests, 1):
            try:
                test (page)
                print (f'ok {number} {test.__doc__}', flush=True)
            except Exception as error:
                failed = True
                print (f'not ok {number} {test.__doc__}\n# {error}', flush=True)
        complaints = browser.complaints ()
        if complaints:
            print ('# ' + '\n# '.join (complaints))
        browser.close ()
    return failed


if __name__ == '__main__':
    sys.exit (main ())
