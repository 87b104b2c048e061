#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-click-through.py chromium EXPORT_PAGE FOLDER…
test-click-through.py webkit WEBKIT_PAGE PROBE EXPORT_PAGE FOLDER…

Everything on the exported page is used, by click-through.js, in the same way in
either browser: nothing goes wrong, nothing is asked of the network. Speaks TAP.
Skipped, with the reason, where the browser is not there.
"""

import base64
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zlib

from recordings import Recordings
import webdriver

HERE = pathlib.Path (__file__).resolve ().parent
SECONDS = 400

# What must have been seen on the way through a recording with everything in it.
WANTS = ['.overview .tiles', '.overview .chart', '.variables .inspector', '.inspector .inset', '.life-drawing', '.map-page .map-field', '.map-twin', '.map-side',
         '.calls', '.flame', '.call-table', '.call-menu', '.diagnostics', '.finding-detail', 'dialog .facts', 'dialog kbd']
NATIVE_WANTS = WANTS + ['.strip .timeline', '.call-path']


def read (name):
    return (HERE / name).read_text (encoding='utf-8')


class Outcome:
    """answer: what the script returned. console: what the browser said beside. asked: what it would have fetched."""

    def __init__ (self, answer, console, asked):
        self.answer = answer
        self.console = console
        self.asked = asked


class Chromium:
    name = 'Chromium'

    def find_missing (self):
        return webdriver.find_missing ()

    def run (self, page, script, argument, width=1280, height=800, starts=(), pdf=None):
        browser = webdriver.Browser (width=width, height=height)
        try:
            browser.resize (width, height)
            for start in starts:
                browser.devtools ('Page.addScriptToEvaluateOnNewDocument', {'source': read (start)})
            browser.request ('POST', '/url', {'url': f'file://{os.path.abspath (page)}'})
            browser.requests ()
            # The answer is fetched: a script may take longer than a request.
            browser.run (f'''const [argument, port] = arguments; window.outcome = null;
                             (async () => {{ {script} }}) ().then (answer => window.outcome = [String (answer), null], error => window.outcome = [null, String (error)]);''', argument, 1)
            answer, error = browser.wait ('return window.outcome', seconds=SECONDS)
            if error:
                raise AssertionError (error)
            if pdf:
                pathlib.Path (pdf).write_bytes (base64.b64decode (browser.devtools ('Page.printToPDF', {'printBackground': True})['data']))
            return Outcome (answer, browser.complaints (), browser.requests ())
        finally:
            browser.close ()


class WebKit:
    name = 'WebKit'

    def __init__ (self, program, probe):
        self.program = program
        self.probe = probe

    def find_missing (self):
        if not os.environ.get ('DISPLAY'):
            return 'there is no display'
        probed = subprocess.run ([self.probe], capture_output=True, text=True, timeout=60)
        return None if probed.returncode == 0 else f'WebKit does not start: {probed.stderr.strip ().splitlines ()[-1:]}'

    def run (self, page, script, argument, width=1280, height=800, starts=(), pdf=None):
        with tempfile.NamedTemporaryFile ('w', suffix='.js', encoding='utf-8') as file:
            file.write (script)
            file.flush ()
            command = [self.program, f'--width={width}', f'--height={height}', f'--seconds={SECONDS}', *[f'--start={HERE / start}' for start in starts]]
            if pdf:
                command.append (f'--pdf={pdf}')
            done = subprocess.run ([*command, page, file.name, argument], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors='replace', timeout=SECONDS + 60)
        last = done.stdout.strip ().split ('\n')[-1]
        if not last.startswith ('{'):
            raise AssertionError (f'exit status {done.returncode}: {done.stderr[-2000:]}')
        report = json.loads (last)
        if report['error']:
            raise AssertionError (f'{report["error"]} {done.stderr[-1000:]}')
        # WebKit's own console goes to the system's journal: watch-errors.js hears what is said there by scripts.
        return Outcome (report['answer'], [], report['asked'])


class Tests:
    def __init__ (self, browser, export, folders, made):
        self.browser = browser
        self.export = export
        self.made = pathlib.Path (made)
        self.recordings = Recordings ([pathlib.Path (folder) for folder in folders], made)
        self.pages = 0

    def make (self, recording, *options):
        self.pages += 1
        path = self.made / f'page-{self.pages}.html'
        subprocess.run ([self.export, *options, recording, path], check=True)
        return str (path)

    def click_through (self, recording, options, page_options=(), **more):
        script = read ('click-through.js') + '\nreturn JSON.stringify (await clickThrough (JSON.parse (argument)));'
        outcome = self.browser.run (self.make (recording, *page_options), script, json.dumps (options), starts=['watch-errors.js', *more.pop ('starts', [])], **more)
        answer = json.loads (outcome.answer)
        print (f'# {self.browser.name}: {answer["steps"]} steps, {len (answer["kinds"])} kinds of controls', flush=True)
        check (answer['failures'] == [], '\n'.join (answer['failures'][:40]))
        check (outcome.console == [], f'console: {outcome.console[:10]}')
        check (outcome.asked == [], f'asked of the network: {outcome.asked[:10]}')
        return answer

    # ---- the tests --------------------------------------------------------------------

    def test_native (self):
        """a recording of our own: everything is used"""
        native = self.recordings.record ()
        if native is None:
            return 'nothing to record with'
        answer = self.click_through (native, {'wants': NATIVE_WANTS, 'rich': True})
        check (answer['steps'] > 100, f'few steps: {answer["steps"]}')

    def test_memscope_rs (self):
        """a recording of memscope-rs: everything is used"""
        recording = self.recordings.get ('typical_full') or self.recordings.get ('rich_full')
        answer = self.click_through (recording, {'wants': ['.overview .tiles', '.inspector .inset', '.map-page', '.diagnostics', 'dialog .facts']})
        check (answer['steps'] > 60, f'few steps: {answer["steps"]}')

    def test_hostile (self):
        """hostile names: everything is used, nothing of them is more than text"""
        self.click_through (self.recordings.get ('names_full'), {'wants': ['.inspector .inset']})

    def test_empty (self):
        """an empty recording: everything there is is used"""
        self.click_through (self.recordings.get ('empty_legacy'), {'wants': ['.overview .tiles', '.map-page', '.diagnostics']})

    def test_left_out (self):
        """a page without its blocks: everything is used"""
        self.click_through (self.recordings.get ('typical_legacy'), {}, ['--budget', '1'])

    def test_narrow (self):
        """360 pixels: everything is used, nothing is wider"""
        self.click_through (self.recordings.get ('typical_legacy'), {}, width=360, height=740)

    def test_no_storage (self):
        """a browser that lets files store nothing"""
        self.click_through (self.recordings.get ('tiny_user'), {}, starts=['no-storage.js'])

    def test_printing (self):
        """printing gives pages with text"""
        path = self.made / 'printed.pdf'
        self.browser.run (self.make (self.recordings.get ('typical_legacy')), read ('watch-errors.js') + OPENED, '', pdf=str (path))
        data = path.read_bytes ()
        check (data.startswith (b'%PDF'), 'a PDF')
        check (len (re.findall (rb'/Type\s*/Page\b', inflate (data))) >= 1, 'has pages')
        check (len (re.findall (rb'T[jJ]\b', inflate (data))) > 20, 'has text')

    def test_policy (self):
        """the page's own rules leave no way out"""
        outcome = self.browser.run (self.make (self.recordings.get ('tiny_user')), read ('outside.js') + OPENED + OUTSIDE, 'http://outside.invalid')
        tried = json.loads (outcome.answer)
        check (len (tried['ways']) >= 15, 'ways were tried')
        check (len (tried['refused']) + len (tried['errors']) >= len (tried['ways']) - 2, f'refused: {tried}')
        # What Chromium tells of as a request is one that the page's rules stop before it is sent.
        if self.browser.name == 'WebKit':
            check (outcome.asked == [], f'asked of the network: {outcome.asked}')

    def test_watching (self):
        """a page that does go out is caught, so that none above did"""
        page = self.made / 'lawless.html'
        page.write_text ('<!DOCTYPE html><html data-ready="yes"><body><p>x</p><script>console.error ("said"); setTimeout (() => { throw new Error ("thrown"); }); </script></body></html>', encoding='utf-8')
        outcome = self.browser.run (str (page), read ('outside.js') + FETCHES, 'http://outside.invalid', starts=['watch-errors.js'])
        check (any ('outside.invalid' in line for line in outcome.asked), f'was not seen: {outcome.asked}')
        heard = json.loads (outcome.answer)['heard']
        check (any ('said' in line for line in heard), f'the console was not heard: {heard}')
        # WebKit keeps the words of errors in files to itself, but not that there was one.
        check (any ('thrown' in line or 'Script error' in line for line in heard), f'an error was not heard: {heard}')


OPENED = '''
while (document.documentElement.dataset.ready !== 'yes')
  await new Promise (resolve => setTimeout (resolve, 20));
await new Promise (resolve => setTimeout (resolve, 400));
'''
OUTSIDE = 'return JSON.stringify (await tryOutside (argument));'
FETCHES = "return JSON.stringify (await tryOutside (argument, ['fetch', 'image', 'style', 'WebSocket']));"


def inflate (data):
    """A PDF with its packed parts unpacked behind it."""
    parts = [data]
    for found in re.finditer (rb'stream\r?\n', data):
        try:
            parts.append (zlib.decompressobj ().decompress (data[found.end ():]))
        except zlib.error:
            pass
    return b'\n'.join (parts)


def check (condition, words):
    if not condition:
        raise AssertionError (words)


def main ():
    which, *rest = sys.argv[1:]
    browser = WebKit (rest.pop (0), rest.pop (0)) if which == 'webkit' else Chromium ()
    export, *folders = rest
    if os.environ.get ('MEMSCOPE_FIXTURES'):
        folders.insert (0, os.environ['MEMSCOPE_FIXTURES'])
    only = os.environ.get ('ONLY', '').split ()
    reason = browser.find_missing ()
    if reason:
        print (f'1..0 # SKIP {reason}')
        return 0

    tests = [name for name in vars (Tests) if name.startswith ('test_') and (not only or name in only)]
    failed = 0
    print (f'1..{len (tests)}', flush=True)
    with tempfile.TemporaryDirectory (prefix='memscope-click-through-') as made:
        group = Tests (browser, export, folders, made)
        for number, name in enumerate (tests, 1):
            test = getattr (group, name)
            try:
                skipped = test ()
                print (f'ok {number} {test.__doc__}' + (f' # SKIP {skipped}' if skipped else ''), flush=True)
            except (AssertionError, RuntimeError, OSError, subprocess.SubprocessError) as error:
                failed += 1
                print (f'not ok {number} {test.__doc__}\n# ' + str (error)[:6000].replace ('\n', '\n# '), flush=True)

    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit (main ())
