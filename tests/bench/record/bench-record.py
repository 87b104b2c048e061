#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What recording costs: programs alone, under MemScope, under a library that only counts, and
under heaptrack, jemalloc's and tcmalloc's sampling where they are installed; in turn, so that
all meet the same machine. Ratios are taken inside a round.

    bench-record.py [--rounds N] [--scale X] [--only-memscope] BUILD [w1 … w6]

BUILD is a build directory that was installed to BUILD/prefix. The programs it needs are built
there by `ninja -C BUILD bench-record-programs`. Says which machine, and how busy it was.
"""

import argparse
import contextlib
import os
import platform
import subprocess
import sys
import tempfile

import bench_figures
import bench_runs
import bench_variants
import bench_workloads

OURS = ('native', 'count', 'idle', 'memscope target', '… without stacks', '… sampling', 'memscope all')


@contextlib.contextmanager
def display ():
    """An X server of our own, if there is one to be had: a number for $DISPLAY."""
    readable, writable = os.pipe ()
    try:
        server = subprocess.Popen (['Xvfb', '-displayfd', str (writable), '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=[writable])
    except OSError:
        yield None
        return
    os.close (writable)
    number = os.read (readable, 16).decode ().strip ()
    try:
        yield ':' + number if number else None
    finally:
        server.terminate ()
        server.wait ()


def processor ():
    with open ('/proc/cpuinfo') as lines:
        return next ((line.split (':', 1)[1].strip () for line in lines if line.startswith ('model name')), 'unknown processor')


def measure (name, workload, tools, arguments):
    counted = bench_variants.counts (tools, workload)
    deep = bench_variants.counts (tools, workload, depth_every=101)
    variants = bench_variants.variants (tools, workload)
    if arguments.only_memscope:
        variants = {key: run for key, run in variants.items () if key in OURS}
    runs = {key: [] for key in variants}

    for _ in range (arguments.rounds):
        for key, run in variants.items ():
            runs[key].append (run ())
            if key == 'memscope all':
                facts = bench_variants.facts (tools)

    measured = bench_figures.Measured (name, workload, counted, deep, runs)
    measured.facts = facts
    if os.path.exists (tools.raw):
        measured.raw_size = os.path.getsize (tools.raw)
        os.unlink (tools.raw)
    if os.path.exists (tools.theirs):
        measured.final_size = os.path.getsize (tools.theirs)
        os.unlink (tools.theirs)

    # memory is looked at in runs of its own, for looking takes time
    alone = bench_runs.peak_of (workload.command, workload.environment)
    watched = bench_runs.Recorded (workload.command, tools, tools.recording, environment=workload.environment, watch=True)
    nodes = 16 * facts['nodes'] / 1e6      # of the stacks: shared, but no rings
    measured.target_memory = (alone, watched.own_memory[0] + nodes)
    measured.collector_memory = watched.own_memory[1]
    if facts['lost']:
        print (f'{name}: {facts["lost"]} events were lost', file=sys.stderr)
    return measured


def main ():
    parser = argparse.ArgumentParser ()
    parser.add_argument ('--rounds', type=int, default=5)
    parser.add_argument ('--scale', type=float, default=1, help='of the work of w1 and w2')
    parser.add_argument ('--only-memscope', action='store_true')
    parser.add_argument ('build')
    parser.add_argument ('workloads', nargs='*')
    arguments = parser.parse_args ()

    bench_runs.adopt_orphans ()
    os.environ.pop ('LD_PRELOAD', None)
    with tempfile.TemporaryDirectory () as folder, display () as number:
        tools = bench_variants.Tools (os.path.abspath (arguments.build), folder)
        found = bench_workloads.find (tools.mix, tools.gtk_mix, number, arguments.scale)
        all_measured = []
        print (f'{processor ()}, {os.cpu_count ()} processors, {platform.system ()} {platform.release ()}, '
               f'load {os.getloadavg ()[0]:.1f}, {arguments.rounds} rounds\n')
        print (bench_figures.HEAD)
        for name in arguments.workloads or found:
            try:
                all_measured.append (measure (name, found[name], tools, arguments))
                all_measured[-1].print_rows ()
            except (bench_runs.Failed, subprocess.CalledProcessError, OSError) as error:
                print (f'{name}: {error}', file=sys.stderr)
        print ()
        bench_figures.print_figures (all_measured)
        print (f'\nload at the end {os.getloadavg ()[0]:.1f}')


if __name__ == '__main__':
    main ()
