#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""translations.py SOURCE_ROOT LANGUAGE…: whether every string for people is translated.

Says which source files po/POTFILES.in lacks, which strings a catalogue lacks or has
only a guess for, which it has for nobody, what msgfmt --check finds, and which strings
count something without asking ngettext for the number.
"""

import html
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# As meson's i18n module calls it with the preset "glib".
KEYWORDS = ['_', 'N_', 'C_:1c,2', 'NC_:1c,2', 'g_dcgettext:2', 'g_dngettext:2,3', 'g_dpgettext2:2c,3', 'ngettext:1,2']
MARKED_C = re.compile (r'(?<![A-Za-z0-9_])(?:_|N_|C_|NC_|ngettext|g_dngettext)\s*\(\s*"')
MARKED_UI = 'translatable="yes"'
# Their strings are found by rules of other projects, which may not be installed: what is
# not found there but stands in them counts as used.
OTHERS = ('.desktop.in', '.xml', '.xml.in', '.xml.in.in')
SOURCES = ('app', 'core', 'data')
# "%s blocks", where the count may be one; behind it those where it can't be, or where it is a verb.
COUNTED = re.compile (r'%[\'0-9$]*(?:l|ll|z)?[sud] (?:live |more )?(?:allocations|blocks|events|frees|sizes|characters|cards|findings|'
                      r'recordings|programs|files|threads|frames|stacks|reallocations|resizes|moves|rules|bytes|pages|modules)\b')
NEVER_ONE = {
    '%s in %s (%s bytes)',
    '%s frees what %s allocates: %s',
    'The file ends after %zu bytes, inside its header: nothing of the recording is there',
    'Saves about %s at this instant: %u bytes of allocator overhead for each live block.',
}


def listed (root):
    lines = (root / 'po/POTFILES.in').read_text (encoding='utf-8').splitlines ()

    return [line.strip () for line in lines if line.strip () and not line.startswith ('#')]


def marked (root):
    """Source files with strings for people."""
    for folder in SOURCES:
        for path in sorted ((root / folder).rglob ('*')):
            if path.suffix in ('.c', '.h') and MARKED_C.search (path.read_text (encoding='utf-8')):
                yield path.relative_to (root).as_posix ()
            elif path.suffix == '.ui' and MARKED_UI in path.read_text (encoding='utf-8'):
                yield path.relative_to (root).as_posix ()


def entries (text):
    """The messages of a catalogue in msgcat's form: (context, string) and flags, translations."""
    found = {}
    for block in text.split ('\n\n'):
        flags, fields, key = set (), {}, None
        for line in block.splitlines ():
            if line.startswith ('#~'):
                break
            if line.startswith ('#,'):
                flags.update (flag.strip () for flag in line[2:].split (','))
            elif line.startswith ('msg'):
                key, value = line.split (' ', 1)
                fields[key] = value[1:-1]
            elif line.startswith ('"'):
                fields[key] += line[1:-1]
        if fields.get ('msgid'):
            found[fields.get ('msgctxt'), fields['msgid']] = flags | ({'plural'} if 'msgid_plural' in fields else set ()), \
                [value for key, value in fields.items () if key.startswith ('msgstr')]

    return found


def plain (text):
    return ' '.join (html.unescape (text).replace ('\\"', '"').replace ('\\n', ' ').split ())


def extract (root, files):
    with tempfile.TemporaryDirectory () as folder:
        template = pathlib.Path (folder) / 'messages.pot'
        found = subprocess.run (['xgettext', f'--directory={root}', '--from-code=UTF-8', f'--output={template}', '--no-wrap',
                                 *[f'--keyword={keyword}' for keyword in KEYWORDS], *files],
                                check=True, stderr=subprocess.PIPE, encoding='utf-8', env={**os.environ, 'LC_ALL': 'C'})
        twice = re.findall (r"msgid '(.*)' is used without plural and with plural", found.stderr)

        return entries (template.read_text (encoding='utf-8')), [f'with and without plural: {string}' for string in twice]


def check_catalogue (path, strings, others):
    complaints = []
    subprocess.run (['msgfmt', '--check', '--output-file=/dev/null', path], check=True)
    text = subprocess.run (['msgcat', '--no-wrap', path], check=True, capture_output=True, encoding='utf-8').stdout
    catalogue = entries (text)

    for key, (flags, translations) in catalogue.items ():
        if 'fuzzy' in flags:
            complaints.append (f'a guess only: {key[1]}')
        if not all (translations):
            complaints.append (f'not translated: {key[1]}')
        if key not in strings and plain (key[1]) not in others:
            complaints.append (f'no longer used: {key[1]}')
    complaints += [f'missing: {string}' for context, string in strings if (context, string) not in catalogue]

    return [f'{path.name}: {complaint}' for complaint in complaints]


def main (root, languages):
    missing = [program for program in ('xgettext', 'msgfmt', 'msgcat') if shutil.which (program) is None]
    if missing:
        print (f'{missing[0]} is not installed')
        return 77

    files = listed (root)
    complaints = [f'not in po/POTFILES.in: {path}' for path in marked (root) if path not in files]
    complaints += [f'in po/POTFILES.in, but not there: {path}' for path in files if not (root / path).is_file ()]
    complaints += [f'twice in po/POTFILES.in: {path}' for path in sorted ({path for path in files if files.count (path) > 1})]
    files = [path for path in files if (root / path).is_file ()]
    strings, twice = extract (root, files)
    complaints += twice
    complaints += [f'needs ngettext: {string}' for (_, string), (flags, _) in strings.items ()
                   if 'plural' not in flags and string not in NEVER_ONE and COUNTED.search (string)]
    others = plain (' '.join ((root / path).read_text (encoding='utf-8') for path in files if path.endswith (OTHERS)))
    for language in languages:
        complaints += check_catalogue (root / f'po/{language}.po', strings, others)
    print ('\n'.join (complaints) or f'{len (strings)} strings')

    return 1 if complaints or not strings else 0


sys.exit (main (pathlib.Path (sys.argv[1]), sys.argv[2:]))
