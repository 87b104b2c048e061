#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What recording costs: programs as they are, under MemScope, and under heaptrack if it is
installed, in turn, so that all meet the same machine. Ratios are taken inside a round.

    bench-record.py ALLOC-MIX MEMSCOPE-CLI [--rounds N] [WORKLOAD…]

Prints for each workload the overhead (ratio to the program alone, minus 1): the target's own
processor time, that of all processes until the file is complete, and wall time; and the bytes
an event takes in the finished file. Say beside any figure which machine, and how busy it was.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

JSON_PROGRAM = '''
import json
rows = [{"id": i, "name": "row %d" % i, "tags": ["a%d" % (i % 7), "b"], "value": i * 1.5} for i in range(12000)]
for _ in range(12):
    rows = json.loads(json.dumps(rows))
'''
SQL_PROGRAM = '''
create table t (a integer primary key, b text, c text);
with recursive n (i) as (select 1 union all select i + 1 from n where i < 120000)
  insert into t select i, printf ('%08d', (i * 7919) % 120000), hex (i * 31) from n;
select count (*) from (select upper (b) || lower (c) as x from t order by x desc);
select count (*) from t as p join t as q on p.b = q.c;
'''
CXX_PROGRAM = '''
#include <map>
#include <regex>
#include <string>
#include <variant>
#include <vector>
using Value = std::variant<int, double, std::string, std::vector<int>>;
int main () {
  std::map<std::string, Value> values { { "a", 1 }, { "b", std::string ("x") } };
  std::regex words ("([a-z]+)-([0-9]+)");
  std::smatch found;
  std::string text = "abc-12";
  return std::regex_match (text, found, words) ? (int) values.size () : 0;
}
'''
SPY = '''
import os, sys
pid = os.fork ()
if pid == 0:
    os.execvp (sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4 (pid, 0)
with open (sys.argv[1], 'w') as out:
    print (usage.ru_utime + usage.ru_stime, usage.ru_maxrss, file=out)
'''

# heaptrack 1.4, which Debian 12 has, takes minutes and gigabytes on this one and then fails.
NOT_THEIRS = ['cc1plus']


class Run:
    """One run: processor time of everything waited for, wall time, and the target's own."""
    def __init__ (self, command, spy=None):
        before, start = resource.getrusage (resource.RUSAGE_CHILDREN), os.times ().elapsed
        done = subprocess.run (command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage (resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            raise SystemExit (f'{command[0]} ended with status {done.returncode}')
        self.wall = os.times ().elapsed - start
        self.all = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.own = float (open (spy).read ().split ()[0]) if spy else self.all


def workloads (mix, folder):
    compiler = subprocess.run (['g++', '-print-prog-name=cc1plus'], capture_output=True, text=True).stdout.strip ()
    source = os.path.join (folder, 'source.cc')
    with open (source, 'w') as out:
        out.write (CXX_PROGRAM)
    found = {'mix-1': [mix, '2000000', '1'], 'mix-4': [mix, '2000000', '4', '25'],
             'python': ['/usr/bin/python3', '-S', '-c', JSON_PROGRAM]}
    if shutil.which ('sqlite3'):
        found['sqlite'] = ['sqlite3', ':memory:', SQL_PROGRAM]
    if os.path.isabs (compiler):
        found['cc1plus'] = [compiler, '-quiet', '-O1', '-std=c++17', '-imultiarch', 'x86_64-linux-gnu', '-D_GNU_SOURCE',
                            source, '-o', os.devnull]
    return found


def main ():
    arguments = sys.argv[1:]
    rounds = 5
    if '--rounds' in arguments:
        at = arguments.index ('--rounds')
        rounds = int (arguments[at + 1])
        del arguments[at:at + 2]
    mix, cli, *wanted = arguments
    os.environ.update (PYTHONMALLOC='malloc', PYTHONHASHSEED='0')
    os.environ.pop ('DISPLAY', None)

    with tempfile.TemporaryDirectory () as folder:
        recording, spy, program = (os.path.join (folder, name) for name in ('run.memscope', 'spy', 'spy.py'))
        with open (program, 'w') as out:
            out.write (SPY)
        watched = ['/usr/bin/python3', '-S', program, spy]
        found = workloads (mix, folder)
        print (f'{os.cpu_count ()} processors, load {os.getloadavg ()[0]:.1f}, {rounds} rounds')
        print (f'{"workload":10} {"alone s":>8} {"target":>7} {"all":>7} {"wall":>7} {"B/event":>8}   heaptrack: {"all":>7} {"wall":>7}')
        for name in wanted or found:
            command, alone, ours, theirs = found[name], [], [], []
            for _ in range (rounds):
                alone.append (Run (command))
                # the spy's own file is another process image: the program's is beside it
                ours.append (Run ([cli, 'record', '-o', recording, '--', *watched, *command], spy))
                if shutil.which ('heaptrack') and name not in NOT_THEIRS:
                    theirs.append (Run (['heaptrack', '-o', os.path.join (folder, 'heaptrack'), *command]))
            files = [os.path.join (folder, entry) for entry in os.listdir (folder) if entry.endswith ('.memscope')]
            largest = max (files, key=os.path.getsize)
            info = json.loads (subprocess.run ([cli, 'info', '--json', largest], capture_output=True, text=True).stdout)
            events = info['total_allocations'] + info['total_frees']

            def over (runs, figure, base):
                return statistics.median (getattr (run, figure) / getattr (first, base) - 1 for run, first in zip (runs, alone))

            line = (f'{name:10} {min (run.own for run in alone):8.2f} {over (ours, "own", "own"):7.2f} {over (ours, "all", "own"):7.2f}'
                    f' {over (ours, "wall", "wall"):7.2f} {os.path.getsize (largest) / events:8.2f}')
            if theirs:
                line += f'              {over (theirs, "all", "own"):7.2f} {over (theirs, "wall", "wall"):7.2f}'
            print (line, flush=True)
            for file in files:
                os.unlink (file)


if __name__ == '__main__':
    main ()
