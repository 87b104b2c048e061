#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The closing line of a test run, counted from the testlog.json files of meson that are named.

TAP sub-tests count one by one. A program that crashed, hung or ended badly
without naming a failed sub-test counts as one failure: no report can hide it.
"""
import json
import re
import sys

BAD = {'FAIL', 'ERROR', 'TIMEOUT', 'INTERRUPT', 'UNEXPECTEDPASS'}


def count(test):
    passed = failed = skipped = 0
    lines = re.findall(r'^(not )?ok \d+(.*)$', test.get('stdout', ''), re.M)
    for bad, rest in lines:
        if re.search(r'#\s*SKIP', rest, re.I):
            skipped += 1
        elif bad and not re.search(r'#\s*TODO', rest, re.I):
            failed += 1
        else:
            passed += 1
    if test['result'] in BAD and failed == 0:
        failed = 1
    if not lines:
        passed += test['result'] in ('OK', 'EXPECTEDFAIL')
        skipped += test['result'] == 'SKIP'
    return passed, failed, skipped


def main():
    totals = [0, 0, 0]
    for path in sys.argv[1:]:
        try:
            with open(path, encoding='utf-8') as log:
                counts = [count(json.loads(line)) for line in log]
        except FileNotFoundError:
            counts = [(0, 1, 0)]
        totals = [sum(column) for column in zip(totals, *counts)]
    text = f'{totals[0]} passed, {totals[1]} failed'
    print(text + (f', {totals[2]} skipped' if totals[2] else ''))
    return totals[1] > 0 or totals[0] == 0


sys.exit(main())
