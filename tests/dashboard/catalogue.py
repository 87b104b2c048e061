# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts of the page's sources, and those its Chinese catalogue has."""

import pathlib
import re

SOURCES = pathlib.Path (__file__).resolve ().parents[2] / 'data/dashboard/src'
STRING = r"'((?:[^'\\]|\\.)*)'"

# Tables of words that are translated where they are used: a key and its text.
TABLES = ('TABS', 'VIEWS', 'SORTS')


def unescape (text):
    return text.replace ("\\'", "'").replace ('\\\\', '\\')


def used ():
    texts = set ()
    for path in sorted (SOURCES.rglob ('*.js')):
        source = path.read_text (encoding='utf-8')
        if path.name == 'strings-zh.js':
            continue
        source = re.sub (r'^\s*//.*$', '', source, flags=re.M)
        texts.update (re.findall (rf'\bt \({STRING}', source))
        for one, many in re.findall (rf'\bn \({STRING}, {STRING}', source):
            texts.add (many)
        for name in TABLES:
            for table in re.findall (rf'const {name} = [\[{{](.*?)[\]}}];', source, flags=re.S):
                texts.update (text for text in re.findall (STRING, table) if text[:1].isupper ())
        if path.name == 'blocks.js':
            texts.update (['Address', 'Size', 'Born', 'Lived'])
    return {unescape (text) for text in texts}


# "{n} blocks", where the count may be one; behind it limits, and verbs.
COUNTED = re.compile (r'\{\w+\} (?:live |more |of its )?(?:allocations|blocks|events|frees|sizes|cards|findings|threads|frames|stacks|calls|rules|pages|regions|others)\b')
NEVER_ONE = ('Allocates most of all threads, and {bytes} or {n} blocks a second or more', 'one size ≤ {a}: ≥ {b} blocks and ≥ {c} % of all',
             '{other} frees what {thread} allocates: {subject}', '{shown} of {all} cards are in this page, those with the most bytes.',
             '{dropped} of {all} blocks are not listed, to keep the page within {budget}. Listed are those alive at the end, then the largest. '
             'All totals, charts and cards cover every block.')


def without_plural ():
    """Texts that count something, but are not given to n ()."""
    texts = set ()
    for path in sorted (SOURCES.rglob ('*.js')):
        if path.name != 'strings-zh.js':
            texts.update (unescape (text) for text in re.findall (rf'\bt \({STRING}', path.read_text (encoding='utf-8')))
    return {text for text in texts if COUNTED.search (text) and text not in NEVER_ONE}


def translated ():
    source = (SOURCES / 'strings-zh.js').read_text (encoding='utf-8')
    return {unescape (key): unescape (value) for key, value in re.findall (rf'^  {STRING}:\s*{STRING},$', source, flags=re.M)}
