# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways a program is run: alone, under MemScope, under its peers."""

import glob
import json
import os
import shutil
import subprocess

import bench_runs

SAMPLE = 512 * 1024

# what /usr/bin/heaptrack does, but for the window at the end; capped, for 1.4 may need all memory there is
HEAPTRACK = '''
ulimit -v 10000000
mkfifo "$1.fifo"
"$HEAPTRACK_LIBEXEC/heaptrack_interpret" < "$1.fifo" | zstd -q -f -c > "$1" &
out=$1; shift
LD_PRELOAD=$HEAPTRACK_PRELOAD DUMP_HEAPTRACK_OUTPUT="$out.fifo" "$@"
status=$?
wait
rm -f "$out.fifo"
exit $status
'''


def first_of (*patterns):
    for pattern in patterns:
        for path in sorted (glob.glob (pattern)):
            return path
    return None


class Tools:
    """What there is to run. @build: a build directory that was installed to its prefix."""
    def __init__ (self, build, folder):
        prefix = os.path.join (build, 'prefix')
        bench = os.path.join (build, 'tests/bench')
        self.folder = folder
        self.cli = os.path.join (prefix, 'bin/memscope-cli')
        self.collector = os.path.join (prefix, 'libexec/memscope-collector')
        self.recorder = first_of (os.path.join (prefix, 'lib/*/libmemscope-tracker.so.1'), os.path.join (prefix, 'lib*/libmemscope-tracker.so.1'))
        self.mix = os.path.join (bench, 'alloc-mix')
        self.gtk_mix = first_of (os.path.join (bench, 'gtk-mix'))
        self.count = os.path.join (bench, 'libbench-count.so')
        self.facts = os.path.join (bench, 'recording-facts')
        self.heaptrack = first_of ('/usr/lib/heaptrack/libheaptrack_preload.so', '/usr/lib/*/heaptrack/libheaptrack_preload.so')
        self.interpreter = first_of ('/usr/lib/heaptrack/libexec/heaptrack_interpret', '/usr/lib/*/heaptrack/libexec/heaptrack_interpret')
        self.jemalloc = first_of ('/usr/lib/*/libjemalloc.so.2')
        self.tcmalloc = first_of ('/usr/lib/*/libtcmalloc.so.4')
        self.recording = os.path.join (folder, 'run.memscope')
        self.theirs = os.path.join (folder, 'heaptrack.zst')
        self.raw = os.path.join (folder, 'heaptrack.raw')
        if self.heaptrack and self.interpreter and shutil.which ('zstd'):
            os.environ.update (HEAPTRACK_LIBEXEC=os.path.dirname (self.interpreter), HEAPTRACK_PRELOAD=self.heaptrack)
        else:
            self.interpreter = None

    def clear (self):
        for path in glob.glob (os.path.join (self.folder, '*.memscope')):
            os.unlink (path)


def recorded (tools, workload, options=()):
    tools.clear ()
    return bench_runs.Recorded (workload.command, tools, tools.recording, options, workload.environment)


def variants (tools, workload):
    """Name to a function that runs it and returns its usage. The first is the program alone."""
    def alone ():
        return bench_runs.run (workload.command, workload.environment)

    def with_library (library, **environment):
        return lambda: bench_runs.run (workload.command, {**workload.environment, **environment, 'LD_PRELOAD': library})

    def pipeline ():
        tools.clear ()
        return bench_runs.run ([tools.cli, 'record', '-o', tools.recording, '--', *workload.command], workload.environment)

    def heaptrack ():
        return bench_runs.run (['sh', '-c', HEAPTRACK, 'sh', tools.theirs, *workload.command], workload.environment)

    found = {
        'native': alone,
        'count': with_library (tools.count),
        'idle': with_library (tools.recorder),
        'memscope target': lambda: recorded (tools, workload).target,
        '… without stacks': lambda: recorded (tools, workload, ['--no-stacks']).target,
        '… sampling': lambda: recorded (tools, workload, ['--sample', str (SAMPLE)]).target,
        'memscope all': pipeline,
    }
    if tools.heaptrack:
        found['heaptrack target'] = with_library (tools.heaptrack, DUMP_HEAPTRACK_OUTPUT=tools.raw)
    if tools.interpreter and workload.runs_under_old_heaptrack:
        found['heaptrack all'] = heaptrack
    if tools.jemalloc:
        found['jemalloc'] = with_library (tools.jemalloc)
        found['jemalloc sampling'] = with_library (tools.jemalloc, MALLOC_CONF='prof:true,lg_prof_sample:19,prof_final:false')
    if tools.tcmalloc:
        found['tcmalloc'] = with_library (tools.tcmalloc)
        found['tcmalloc sampling'] = with_library (tools.tcmalloc, TCMALLOC_SAMPLE_PARAMETER=str (SAMPLE))
    return found


def counts (tools, workload, depth_every=0):
    """What the counting library saw in a run of its own, the largest process' line."""
    path = os.path.join (tools.folder, 'counts')
    environment = {**workload.environment, 'LD_PRELOAD': tools.count, 'BENCH_COUNTS': path}
    if depth_every:
        environment['BENCH_DEPTH'] = str (depth_every)
    bench_runs.run (workload.command, environment)
    with open (path) as lines:
        found = max ((json.loads (line) for line in lines), key=lambda line: line['births'])
    os.unlink (path)
    return found


def facts (tools):
    """What is in the recording that the pipeline left behind, and how large it is."""
    files = glob.glob (os.path.join (tools.folder, '*.memscope'))
    largest = max (files, key=os.path.getsize)
    done = subprocess.run ([tools.facts, largest], capture_output=True, text=True, check=True)
    return {**json.loads (done.stdout), 'size': os.path.getsize (largest)}
