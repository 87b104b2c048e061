#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-diagnostics.py EXPORT_PAGE: the diagnostics of the exported page in Chromium.

Speaks TAP. Recordings are made here, as memscope-rs stores them.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from webdriver import Browser, find_missing

DOWN, UP, ENTER = '\ue015', '\ue013', '\ue007'
MILLISECOND = 1000000
HOSTILE = '</script><img src=x onerror=alert(1)>'
ROOT = pathlib.Path (__file__).resolve ().parents[2]


def block (i, name, size, born, died, leaked, stack):
    return {'ptr': 0x100000 + 8192 * i, 'size': size, 'var_name': name, 'type_name': 'T', 'thread_id': 'worker', 'timestamp_alloc': born,
            'timestamp_dealloc': died, 'stack_trace': stack, 'is_leaked': leaked}


def make_blocks ():
    """A hostile name leaks 40 KiB steadily; "scratch" is 2000 temporary blocks; "buffer" holds the peak for a while."""
    blocks = []
    for i in range (40):
        born = i * 50 * MILLISECOND
        blocks.append (block (len (blocks), HOSTILE, 1024, born, None, True, ['put', 'load', 'main']))
        for k in range (50):
            at = born + (k + 1) * 1000
            blocks.append (block (len (blocks), 'scratch', 30 + k, at, at + 500, False, ['scan', 'main']))
        if i == 20:
            blocks.append (block (len (blocks), 'buffer', 4 << 20, born + MILLISECOND, born + 20 * MILLISECOND, False, ['read', 'main']))
    return blocks


class Page:
    def __init__ (self, browser, export, folder):
        self.browser = browser
        self.export = export
        self.folder = folder
        self.made = 0

    def open (self, blocks, *options):
        self.made += 1
        recording = os.path.join (self.folder, f'made-{self.made}.json')
        path = os.path.join (self.folder, f'page-{self.made}.html')
        with open (recording, 'w') as file:
            json.dump (blocks, file)
        subprocess.run ([self.export, *options, recording, path], check=True)
        self.browser.open (path)
        self.browser.click ('[data-view="diagnostics"]')
        # Once the stacks are there it is drawn again.
        self.browser.wait ('return document.querySelector (".finding-detail[hidden], .finding-detail .frames") !== null')

    def rules (self, selector='.finding-list > .findings'):
        return self.browser.run ('return [...document.querySelectorAll (`${arguments[0]} [data-rule]`)].map (node => node.dataset.rule)', selector)

    def text (self, selector):
        return self.browser.run ('return document.querySelector (arguments[0])?.innerText ?? ""', selector).replace ('\u00a0', ' ')

    def badge (self):
        return self.browser.run ('const badge = document.querySelector (".badge"); return badge.hidden ? 0 : Number (badge.textContent)')

    def click_in_row (self, rule, which):
        self.browser.run ('document.querySelector (`.findings [data-rule="${arguments[0]}"]`).querySelectorAll ("button")[arguments[1]].click ()', rule, which)


def equal (got, expected, what):
    assert got == expected, f'{what}: {got!r} is not {expected!r}'


def test_lists_by_severity (page):
    """findings are listed by severity, counted on the tab, the first one in full"""
    page.open (make_blocks ())
    rules = page.rules ()
    assert 'leak.growing' in rules and 'churn.temporary' in rules and 'peak.blame' in rules, rules
    equal (page.badge (), len (rules), 'the badge')
    order = page.browser.run ('return [...document.querySelectorAll (".finding-section")].map (node => node.className.match (/severity-(\\w+)/)[1])')
    equal (order, [s for s in ['critical', 'warning', 'note', 'hint'] if s in order], 'the order')
    assert HOSTILE in page.text ('.finding-head h2')
    numbers = page.text ('.finding-numbers')
    assert '40.0 KiB' in numbers and '40' in numbers, numbers


def test_figures_are_those_of_the_blocks (page):
    """the numbers are those of the blocks"""
    page.open (make_blocks ())
    page.click_in_row ('churn.temporary', 0)
    numbers = page.text ('.finding-numbers')
    assert '2,000' in numbers and '100' in numbers, numbers
    page.click_in_row ('peak.blame', 0)
    assert '4.00 MiB' in page.text ('.finding-numbers'), page.text ('.finding-numbers')
    equal (page.browser.run ('return document.querySelectorAll (".curve-line").length'), 1, 'curves')


def test_each_drawing_has_a_table (page):
    """the curve and the causes have table twins"""
    page.open (make_blocks ())
    for panel in ('.curve-panel', '.cause-panel'):
        page.browser.run ('document.querySelector (`${arguments[0]} .panel-head button`).click ()', panel)
        assert page.browser.run ('return document.querySelectorAll (`${arguments[0]} tbody tr`).length', panel) > 0, panel


def test_show_me (page):
    """Show me goes to the variable, its time and its card"""
    page.open (make_blocks ())
    page.click_in_row ('churn.temporary', 1)
    page.browser.wait ('return document.querySelector (".inspector-body .inset") !== null && window.memscope.isSettled ()')
    equal (page.browser.run ('return document.querySelector (".variables .entry input").value'), 'scratch', 'the search')
    equal (page.browser.run ('return document.querySelectorAll ("[data-card]").length'), 1, 'cards')
    assert 'scratch' in page.text ('.inspector')
    page.browser.click ('[data-view="diagnostics"]')
    equal (page.badge (), len (page.rules ()), 'findings afterwards')


def test_mute (page):
    """Mute folds a finding away for the reader, and Unmute brings it back"""
    page.open (make_blocks ())
    many = page.badge ()
    page.click_in_row ('churn.temporary', 2)
    equal (page.badge (), many - 1, 'the badge')
    assert 'churn.temporary' not in page.rules ()
    equal (page.rules ('.muted-findings'), ['churn.temporary'], 'the muted')
    page.click_in_row ('churn.temporary', 2)
    equal (page.badge (), many, 'the badge again')


def test_what_the_user_muted (page):
    """what the user muted before the export is muted in the page, and a range says what findings are of"""
    mutes = os.path.join (page.folder, 'mutes')
    with open (mutes, 'w') as file:
        file.write ('churn.temporary variable=scratch\n')
    page.open (make_blocks ())
    many = page.badge ()
    page.open (make_blocks (), '--suppressions', mutes)
    equal (page.badge (), many - 1, 'the badge')
    assert 'churn.temporary' not in page.rules ()
    equal (page.rules ('.muted-findings'), ['churn.temporary'], 'the muted')
    equal (page.text ('.of-whole'), '', 'without a range')
    page.browser.run ('window.memscope.setRange (100000000, 900000000)')
    page.browser.wait ('return window.memscope.isSettled () && document.querySelector (".of-whole") !== null')
    words = page.text ('.of-whole')
    assert words.startswith ('Findings are of 0') and 'not of the range' in words, words


def test_keys (page):
    """5 opens the view, arrow keys go through the findings, Enter opens one"""
    page.open (make_blocks ())
    page.browser.click ('[data-view="overview"]')
    page.browser.keys ('5')
    equal (page.browser.run ('return document.querySelector (".switcher [aria-current]").dataset.view'), 'diagnostics', 'the view')
    page.browser.run ('document.querySelector (".finding-open").focus ()')
    page.browser.keys (DOWN, ENTER)
    equal (page.browser.run ('return document.querySelectorAll (".finding-open")[1].getAttribute ("aria-pressed")'), 'true', 'the second')
    equal (page.browser.run ('return document.activeElement === document.querySelectorAll (".finding-open")[1]'), True, 'the focus')


def test_leaked_tile (page):
    """the overview's Leaked tile leads to the leak"""
    page.open (make_blocks ())
    page.click_in_row ('peak.blame', 0)
    page.browser.click ('[data-view="overview"]')
    page.browser.run ('[...document.querySelectorAll ("button.tile")].find (node => node.textContent.includes ("Leaked")).click ()')
    equal (page.browser.run ('return document.querySelector (".finding.chosen").dataset.rule'), 'leak.growing', 'the finding')


def test_nothing_found (page):
    """nothing found says what was looked for, and what could not be"""
    page.open ([block (i, 'v', 100, i * MILLISECOND, (i + 1) * MILLISECOND, False, ['f']) for i in range (5)])
    equal (page.rules (), [], 'findings')
    equal (page.badge (), 0, 'the badge')
    assert 'Nothing found by' in page.text ('.finding-list .status-page')
    page.browser.run ('document.querySelector (".unchecked-rules").open = true')
    assert 'usable sizes were not recorded' in page.text ('.unchecked-rules')


def test_chinese (page):
    """all of it follows the page's language"""
    page.open (make_blocks (), '--language', 'zh-CN')
    page.browser.run ('for (const node of document.querySelectorAll ("details")) node.open = true')
    for node in ('.finding-list', '.finding-detail'):
        text = page.text (node).replace (HOSTILE, '')
        left = [word for word in re.findall (r'[A-Za-z][a-z]{3,} [a-z]{2,} [a-z]{2,}', text)]
        equal (left, [], f'English in {node}')
    assert '泄漏' in page.text ('.finding-head h2')


def test_narrow (page):
    """360 px: the list, then one finding with a way back, nothing wider than the page"""
    page.browser.resize (360, 740)
    try:
        page.open (make_blocks ())
        for step in (None, '.finding-open', '.finding-back'):
            if step:
                page.browser.click (step)
            equal (page.browser.run ('return document.documentElement.scrollWidth <= 360'), True, 'the width')
            shown = page.browser.run ('return document.querySelector (".finding-list").offsetParent !== null')
            equal (shown, step != '.finding-open', 'the list')
    finally:
        page.browser.resize (1280, 800)


def test_every_name_has_words (page):
    """whatever the analysis can say has words in the page"""
    words = (ROOT / 'data/dashboard/src/findings.js').read_text (encoding='utf-8')
    finding = (ROOT / 'core/analysis/memscope-finding.c').read_text (encoding='utf-8')
    rule = (ROOT / 'core/analysis/memscope-rule.c').read_text (encoding='utf-8')
    names = re.findall (r'\[MEMSCOPE_(?:EVIDENCE|UNCHECKED)_\w+\] = "([^"]+)"', finding + rule)
    names += re.findall (r'\[MEMSCOPE_RULE_\w+\] = \{ "([^"]+)"', rule)
    assert len (names) > 50, len (names)
    equal ([name for name in names if f"'{name}': t (" not in words], [], 'without words')


def test_blocks_are_in_order (page):
    """the blocks behind a finding are listed in the order asked for, from the first to the last"""
    sizes = [(i * 7919) % 3001 + 1 for i in range (3000)]
    blocks = [{'ptr': 0x7f0000000000 + (i * 104729 % 3001) * 4096, 'size': size, 'var_name': 'many', 'type_name': 'T', 'thread_id': 'worker',
               'timestamp_alloc': i * MILLISECOND, 'timestamp_dealloc': None if i % 3 == 0 else i * MILLISECOND + size * 1000, 'stack_trace': ['main'], 'is_leaked': False}
              for i, size in enumerate (sizes)]
    page.open (blocks)
    page.browser.click ('[data-view="variables"]')
    page.browser.click ('[data-card]')
    page.browser.wait ('return document.querySelector (".block-heads button") !== null')
    read = """const scroll = document.querySelector (".block-scroll"), rows = new Map ();
              const steps = [0, scroll.scrollHeight / 2, scroll.scrollHeight];
              document.querySelectorAll (".block-heads button")[arguments[0]].click ();
              return Promise.all ([]).then (async () => {
                for (const top of steps) {
                  scroll.scrollTop = top;
                  await new Promise (resolve => setTimeout (resolve, 0));
                  scroll.dispatchEvent (new Event ("scroll"));
                  for (const line of document.querySelectorAll (".block-line[data-place]"))
                    rows.set (Number (line.dataset.place), Number (line.dataset.row));
                }
                return [...rows].sort ((a, b) => a[0] - b[0]);
              });"""
    lived = lambda row: float ('inf') if row % 3 == 0 else sizes[row]
    keys = (lambda row: blocks[row]['ptr'], lambda row: -sizes[row], lambda row: row, lambda row: -lived (row))
    for column, key in enumerate (keys):
        order = sorted (range (3000), key=lambda row: (key (row), row))
        shown = page.browser.run (read, column)
        assert shown[0][0] == 0 and shown[-1][0] == 2999 and len (shown) > 20, shown
        equal ([(place, order[place]) for place, _ in shown], [tuple (pair) for pair in shown], f'column {column}')


TESTS = [test_lists_by_severity, test_figures_are_those_of_the_blocks, test_each_drawing_has_a_table, test_show_me, test_mute, test_what_the_user_muted, test_keys, test_leaked_tile,
         test_nothing_found, test_chinese, test_narrow, test_every_name_has_words, test_blocks_are_in_order]


def main ():
    export = sys.argv[1]
    reason = find_missing ()

    if reason:
        print (f'1..0 # SKIP {reason}')
        return 0

    print (f'1..{len (TESTS)}')
    failed = 0
    with tempfile.TemporaryDirectory (prefix='memscope-diagnostics-') as folder:
        browser = Browser ()
        try:
            page = Page (browser, export, folder)
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
