# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that are recorded, w1 to w6, and what heaptrack's current source costs them."""

import os
import shutil
import subprocess

HERE = os.path.dirname (os.path.abspath (__file__))


class Workload:
    """@reference: heaptrack's overhead (ratio to the program alone, minus 1): of the target's
    processor time, of all processes', of wall time; and bytes an event takes in its raw stream
    and in its finished file (None: to be measured). All of its current source, measured once."""
    def __init__ (self, title, command, environment=None, reference=None, runs_under_old_heaptrack=True):
        self.title = title
        self.command = command
        self.environment = environment or {}
        self.target, self.pipeline, self.wall, self.raw_bytes, self.final_bytes = reference
        self.runs_under_old_heaptrack = runs_under_old_heaptrack


def find (mix, gtk_mix, display, scale):
    """By name; what this machine lacks is left out. @scale: of the work of w1 and w2."""
    pairs = str (max (1000, int (3000000 * scale)))
    found = {
        'w1': Workload ('allocates, 1 thread', [mix, pairs, '1'], reference=(4.46, 12.2, 7.00, 18.9, 2.34)),
        'w2': Workload ('allocates, 4 threads, a quarter freed by others', [mix, pairs, '4', '25'],
                        reference=(6.88, 21.0, 20.71, 18.9, 2.34)),
    }
    if shutil.which ('sqlite3'):
        found['w3'] = Workload ('sqlite3 in memory',
                                ['sqlite3', '-lookaside', '0', '0', '-init', os.path.join (HERE, 'sqlite-mix.sql'), ':memory:', '.quit'],
                                reference=(0.79, 1.52, 1.07, 18.5, 0.013))
    if os.path.exists ('/usr/bin/python3'):
        found['w4'] = Workload ('python3, JSON and dictionaries', ['/usr/bin/python3', '-S', os.path.join (HERE, 'python-mix.py')],
                                {'PYTHONMALLOC': 'malloc', 'PYTHONHASHSEED': '0'}, reference=(1.68, 3.13, 1.97, 14.1, 0.115))
    compiler = shutil.which ('g++') and subprocess.run (['g++', '-print-prog-name=cc1plus'], capture_output=True, text=True).stdout.strip ()
    if compiler and os.path.isabs (compiler):
        # heaptrack 1.4, which Debian 12 has, takes minutes and gigabytes on this one and then fails
        found['w5'] = Workload ('cc1plus -O1, templates',
                                [compiler, '-quiet', '-O1', '-std=c++17', '-imultiarch', 'x86_64-linux-gnu', '-D_GNU_SOURCE',
                                 os.path.join (HERE, 'compile-mix.cc'), '-o', os.devnull],
                                reference=(0.65, 1.15, 0.68, 17.7, 1.18), runs_under_old_heaptrack=False)
    if gtk_mix and display:
        found['w6'] = Workload ('GTK 4, 1500 widgets, 60 frames', [gtk_mix, '1500', '60'],
                                {'DISPLAY': display, 'GDK_BACKEND': 'x11', 'GSK_RENDERER': 'cairo', 'GTK_A11Y': 'none',
                                 'GSETTINGS_BACKEND': 'memory', 'GIO_USE_VFS': 'local', 'DBUS_SESSION_BUS_ADDRESS': '/dev/null'},
                                reference=(0.85, 2.53, 1.31, 22.7, 0.864))
    return found
