# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a program once, as it is or under a recorder, and what that took."""

import ctypes
import os
import socket
import subprocess
import threading
import time

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans ():
    """What a command leaves behind becomes our child: its processor time is counted too."""
    ctypes.CDLL (None).prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children ():
    with open (f'/proc/self/task/{threading.get_native_id ()}/children') as pids:
        return {int (pid) for pid in pids.read ().split ()}


class Usage:
    """Seconds of wall and processor time, and the peak of memory in MB."""
    def __init__ (self, wall, usage):
        self.wall = wall
        self.cpu = usage.ru_utime + usage.ru_stime
        self.rss = usage.ru_maxrss / 1024


class Failed (Exception):
    pass


def start (command, environment=None, pass_fds=(), stdout=subprocess.DEVNULL):
    return subprocess.Popen (command, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
                             stdout=stdout, stderr=subprocess.DEVNULL, pass_fds=pass_fds, start_new_session=True)


def wait (process, began):
    """Waits for it alone; says so if it failed."""
    _, status, usage = os.wait4 (process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode (status)
    if process.returncode != 0:
        raise Failed (f'{process.args[0]} ended with status {process.returncode}')
    return Usage (time.monotonic () - began, usage)


def run (command, environment=None):
    """A command, with all that it starts."""
    before = children ()
    began = time.monotonic ()
    usage = wait (start (command, environment), began)
    while left := children () - before:
        _, _, more = os.wait4 (left.pop (), 0)
        usage.wall = time.monotonic () - began
        usage.cpu += more.ru_utime + more.ru_stime
    return usage


class Watch (threading.Thread):
    """The peaks of a process' own memory, in MB: what it shares with others (rings) aside."""
    PERIOD = 0.004

    def __init__ (self, pid):
        super ().__init__ (daemon=True)
        self.path = f'/proc/{pid}/status'
        self.peak = 0.0
        self.start ()

    def run (self):
        while True:
            try:
                with open (self.path) as status:
                    words = dict (line.split (':', 1) for line in status if line.startswith ('Rss'))
            except OSError:
                return
            if 'RssAnon' not in words:
                return
            own = sum (int (words[name].split ()[0]) for name in ('RssAnon', 'RssFile')) / 1024
            self.peak = max (self.peak, own)
            time.sleep (self.PERIOD)


class Recorded:
    """A program under MemScope's recorder, its processor time apart from the collector's."""
    def __init__ (self, command, tools, recording, options=(), environment=None, watch=False):
        ours, theirs = socket.socketpair (socket.AF_UNIX, socket.SOCK_SEQPACKET)
        collector = start ([tools.collector, '--output', recording, '--socket-directory', os.path.dirname (recording),
                            '--control', str (theirs.fileno ()), *options], pass_fds=[theirs.fileno ()])
        theirs.close ()
        path = self.wait_for (ours, 'ready').split ('\t')[1]

        began = time.monotonic ()
        target = start (command, {**(environment or {}), 'LD_PRELOAD': tools.recorder, 'MEMSCOPE_SOCKET': path})
        ours.send (f'root\t{target.pid}'.encode ())
        watches = [Watch (process.pid) for process in (target, collector)] if watch else []
        self.target = wait (target, began)
        ours.send (f'exited\t{target.pid}\t0'.encode ())
        self.wait_for (ours, 'done')
        ours.close ()
        self.collector = wait (collector, began)
        self.own_memory = [thread.peak for thread in watches]
        for thread in watches:
            thread.join ()

    @staticmethod
    def wait_for (connection, word):
        while True:
            message = connection.recv (65536).decode (errors='replace')
            if message == '' or message.split ('\t')[0] == word:
                return message


def peak_of (command, environment=None):
    """The peak of a program's own memory, in MB."""
    began = time.monotonic ()
    process = start (command, environment)
    thread = Watch (process.pid)
    wait (process, began)
    thread.join ()
    return thread.peak
