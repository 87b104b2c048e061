# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of the WebDriver protocol as the page's tests need, on the standard library."""

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ARGUMENTS = ['--headless=new', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking',
             '--disable-component-update', '--disable-sync', '--no-default-browser-check', '--hide-scrollbars',
             '--force-device-scale-factor=1']

# How Chromium says that an element that was found is no longer in the page.
GONE = ('stale element', 'does not belong to the document')


def find_missing ():
    """What keeps Chromium tests from running, or None."""
    for program in ('chromedriver', 'chromium'):
        if shutil.which (program) is None:
            return f'{program} is not installed'
    return None


class Browser:
    def __init__ (self, language='en-US', dark=False, width=1280, height=800):
        self.profile = tempfile.mkdtemp (prefix='memscope-chromium-')
        self.driver = subprocess.Popen (['chromedriver', '--port=0'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = f'http://127.0.0.1:{self.read_port ()}'
        # Root can't have Chromium's sandbox; the pages are our own.
        arguments = ARGUMENTS + [f'--user-data-dir={self.profile}', f'--lang={language}', f'--window-size={width},{height}']
        if os.geteuid () == 0:
            arguments.append ('--no-sandbox')
        if dark:
            arguments.append ('--blink-settings=preferredColorScheme=0')
        options = {'binary': shutil.which ('chromium'), 'args': arguments, 'prefs': {'intl.accept_languages': language}}
        capabilities = {'browserName': 'chrome', 'goog:chromeOptions': options, 'goog:loggingPrefs': {'browser': 'ALL', 'performance': 'ALL'}}
        self.session = ''
        answer = self.request ('POST', '/session', {'capabilities': {'alwaysMatch': capabilities}})
        self.session = f'/session/{answer["sessionId"]}'

    def read_port (self):
        for line in self.driver.stdout:
            found = re.search (r'successfully on port (\d+)', line)
            if found:
                return int (found[1])
        raise RuntimeError ('chromedriver did not start')

    def request (self, method, path, body=None):
        data = None if body is None else json.dumps (body).encode ()
        request = urllib.request.Request (self.url + getattr (self, 'session', '') + path, method=method, data=data,
                                          headers={'Content-Type': 'application/json'})
        try:
            with urllib.request.urlopen (request, timeout=120) as answer:
                return json.load (answer)['value']
        except urllib.error.HTTPError as error:
            raise RuntimeError (json.load (error)['value']['message']) from None

    def close (self):
        try:
            self.request ('DELETE', '')
        finally:
            self.driver.terminate ()
            self.driver.wait ()
            shutil.rmtree (self.profile, ignore_errors=True)

    def open (self, path):
        self.request ('POST', '/url', {'url': f'file://{os.path.abspath (path)}'})
        self.wait ('return document.documentElement.dataset.ready === "yes"')

    def run (self, script, *arguments):
        return self.request ('POST', '/execute/sync', {'script': script, 'args': list (arguments)})

    def wait (self, script, *arguments, seconds=60):
        deadline = time.monotonic () + seconds
        while time.monotonic () < deadline:
            value = self.run (script, *arguments)
            if value:
                return value
            time.sleep (0.03)
        raise AssertionError (f'never true: {script}')

    def find (self, selector):
        found = self.request ('POST', '/element', {'using': 'css selector', 'value': selector})
        return next (iter (found.values ()))

    # What is drawn anew between the finding and the click is found anew.
    def click (self, selector, seconds=20):
        deadline = time.monotonic () + seconds
        while True:
            try:
                self.request ('POST', f'/element/{self.find (selector)}/click', {})
                return
            except RuntimeError as error:
                if not any (words in str (error) for words in GONE) or time.monotonic () > deadline:
                    raise

    def keys (self, *keys):
        actions = [action for key in keys for action in ({'type': 'keyDown', 'value': key}, {'type': 'keyUp', 'value': key})]
        self.request ('POST', '/actions', {'actions': [{'type': 'key', 'id': 'keyboard', 'actions': actions}]})

    def resize (self, width, height, scheme=None):
        metrics = {'width': width, 'height': height, 'deviceScaleFactor': 1, 'mobile': False}
        self.devtools ('Emulation.setDeviceMetricsOverride', metrics)
        if scheme:
            self.devtools ('Emulation.setEmulatedMedia', {'features': [{'name': 'prefers-color-scheme', 'value': scheme}]})

    def devtools (self, command, parameters):
        return self.request ('POST', '/goog/cdp/execute', {'cmd': command, 'params': parameters})

    def screenshot (self, path):
        with open (path, 'wb') as file:
            file.write (base64.b64decode (self.request ('GET', '/screenshot')))

    def complaints (self):
        """Messages of the console at the level of a warning and above."""
        return [entry['message'] for entry in self.request ('POST', '/se/log', {'type': 'browser'}) if entry['level'] in ('SEVERE', 'WARNING')]

    def requests (self):
        """Addresses asked for since the last call, but the page's own and those of the browser's first tab."""
        found = []
        for entry in self.request ('POST', '/se/log', {'type': 'performance'}):
            message = json.loads (entry['message'])['message']
            if message['method'] == 'Network.requestWillBeSent':
                found.append (message['params']['request']['url'])
        return [url for url in found if not url.startswith (('file://', 'data:', 'chrome://', 'chrome-untrusted://'))]
