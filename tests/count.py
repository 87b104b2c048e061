#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The closing line of a test run, counted from meson's testlog.json.

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
    with open(sys.argv[1], encoding='utf-8') as log:
        totals = [sum(column) for column in zip((0, 0, 0), *(count(json.loads(line)) for line in log))]
    text = f'{totals[0]} passed, {totals[1]} failed'
    print(text + (f', {totals[2]} skipped' if totals[2] else ''))
    return totals[1] > 0 or totals[0] == 0


sys.exit(main())
