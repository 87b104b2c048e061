# SPDX-License-Identifier: GPL-3.0-or-later
"""From what was measured to two tables: what each way of running cost, and the figures that
recording has to reach, with the verdict beside."""

import math
import statistics


def median_of (pairs, figure):
    return statistics.median (figure (a, b) for a, b in pairs)


class Measured:
    """All rounds of one workload. @runs: variant -> usages, in the order of the rounds."""
    def __init__ (self, name, workload, counted, deep, runs):
        self.name = name
        self.workload = workload
        self.births = counted['births']
        self.events = counted['births'] + counted['frees']
        self.depth = deep['frames'] / deep['stacks'] if deep['stacks'] else 0
        self.runs = runs
        self.facts = None          # of a recording
        self.raw_size = None       # of heaptrack's files
        self.final_size = None
        self.target_memory = None  # MB: alone, recorded
        self.collector_memory = None

    def overhead (self, variant, quantity='cpu'):
        """Ratio to the program alone in the same round, minus 1: the median."""
        return self.ratio (variant, 'native', quantity) - 1

    def ratio (self, variant, other, quantity='cpu'):
        return median_of (zip (self.runs[variant], self.runs[other]), lambda a, b: getattr (a, quantity) / getattr (b, quantity))

    def least (self, variant, quantity='cpu'):
        return min (getattr (run, quantity) for run in self.runs[variant])

    def print_rows (self):
        native = self.least ('native')
        for variant, runs in self.runs.items ():
            walls = sorted (run.wall / first.wall for run, first in zip (runs, self.runs['native']))
            cpus = sorted (run.cpu / first.cpu for run, first in zip (runs, self.runs['native']))
            more = (self.least (variant) - native) * 1e9
            print (f'| {self.name} | {self.births / 1e6:.2f} | {self.events / 1e6:.2f} | {self.depth:.1f} | {variant} | '
                   f'{self.least (variant, "wall"):.2f} | {walls[0]:.2f} / {statistics.median (walls):.2f} | '
                   f'{cpus[0]:.2f} / {statistics.median (cpus):.2f} | {more / self.events:.0f} | {more / self.births:.0f} | '
                   f'{statistics.median (run.rss for run in runs):.0f} |', flush=True)


HEAD = ('| w | allocs M | events M | depth | variant | wall min s | wall x (min/med) | cpu x (min/med) | +ns/event | +ns/alloc | RSS MB |\n'
        '|---|---|---|---|---|---|---|---|---|---|---|')


def mean (values):
    """Geometric; what costs nothing counts as a thousandth."""
    return math.exp (sum (math.log (max (value, 0.001)) for value in values) / len (values))


class Figure:
    """@of: Measured -> value, or None where it can't be said. @must, @aim: judge the values by name."""
    def __init__ (self, number, quantity, of, must, aim, must_text, aim_text, digits=2):
        self.number, self.quantity, self.of = number, quantity, of
        self.must, self.aim, self.must_text, self.aim_text, self.digits = must, aim, must_text, aim_text, digits

    def line (self, all_measured):
        values = {}
        for measured in all_measured:
            value = self.of (measured)
            if value is not None:
                values[measured.name] = value
        cells = [f'{values[name]:.{self.digits}f}' if name in values else '' for name in ('w1', 'w2', 'w3', 'w4', 'w5', 'w6')]
        if not values:
            verdict = 'not measured'
        elif self.aim (values):
            verdict = 'aim reached'
        else:
            verdict = 'reached' if self.must (values) else '**not reached**'
        average = f'{mean (values.values ()):.{self.digits}f}' if values else ''
        return f'| {self.number} | {self.quantity} | ' + ' | '.join (cells) + f' | {average} | {self.must_text} | {self.aim_text} | {verdict} |'


def at_most (limits, of_mean=None, worst=None):
    """@limits: by workload; those that were measured have to keep them."""
    def judge (values):
        return (all (values[name] <= limit for name, limit in limits.items () if name in values) and
                (of_mean is None or mean (values.values ()) <= of_mean) and
                (worst is None or max (values.values ()) <= worst))
    return judge


def everywhere (limit):
    return {name: limit for name in ('w1', 'w2', 'w3', 'w4', 'w5', 'w6')}


def stack_cost (measured):
    if measured.name not in ('w1', 'w4', 'w6'):
        return None
    both = zip (measured.runs['memscope target'], measured.runs['… without stacks'])
    return median_of (both, lambda a, b: (a.cpu - b.cpu) * 1e9 / measured.births)


def depth_ratio (measured):
    facts = measured.facts
    return facts['frames'] / facts['stacks'] / measured.depth if facts and facts['stacks'] and measured.depth else None


def collector_memory (measured):
    """MB beyond 24 bytes a live block."""
    if measured.collector_memory is None or measured.facts is None:
        return None
    return measured.collector_memory - 24 * measured.facts['live'] / 1e6


def bytes_in_flight (measured):
    if not measured.facts or measured.facts['in_flight'] is None:
        return None
    theirs = measured.raw_size / measured.events if measured.raw_size else measured.workload.raw_bytes
    return measured.facts['in_flight'] / measured.events / theirs


def file_size (measured):
    if not measured.facts:
        return None
    theirs = measured.final_size / measured.events if measured.final_size else measured.workload.final_bytes
    return measured.facts['size'] / measured.events / theirs


def added_memory (measured):
    return measured.target_memory[1] - measured.target_memory[0] if measured.target_memory else None


def above_floor (measured):
    return (measured.ratio ('… sampling', 'native') - measured.ratio ('count', 'native')) * 100


FIGURES = [
    Figure (1, 'target’s CPU overhead ÷ heaptrack’s', lambda m: m.overhead ('memscope target') / m.workload.target,
            at_most ({'w2': 0.12}, 0.30, 0.50), at_most ({'w2': 0.12}, 0.15, 0.50), '≤ 0.30 mean, 0.50 worst, w2 0.12', '≤ 0.15 mean'),
    Figure (2, 'all processes’ CPU overhead ÷ heaptrack’s', lambda m: m.overhead ('memscope all') / m.workload.pipeline,
            at_most ({}, 0.35, 0.60), at_most ({}, 0.20, 0.60), '≤ 0.35 mean, 0.60 worst', '≤ 0.20 mean'),
    Figure (3, 'wall overhead ÷ heaptrack’s', lambda m: m.overhead ('memscope all', 'wall') / m.workload.wall,
            at_most ({'w2': 0.10}, 0.30), at_most ({'w2': 0.10}, 0.15), '≤ 0.30 mean, w2 0.10', '≤ 0.15 mean'),
    Figure (4, 'stacks, ns a birth', stack_cost, at_most ({'w1': 60, 'w4': 90, 'w6': 120}), at_most ({'w1': 30, 'w4': 50, 'w6': 70}),
            '≤ 60 / 90 / 120', '≤ 30 / 50 / 70', 0),
    Figure (4, 'depth ÷ glibc’s', depth_ratio, lambda v: all (0.99 < x < 1.01 for x in v.values ()),
            lambda v: all (0.99 < x < 1.01 for x in v.values ()), 'equal', 'equal', 3),
    Figure (5, 'sampling: CPU above the count-only floor, points', above_floor, at_most (everywhere (3)), at_most (everywhere (1)),
            '≤ 3', '≤ 1', 1),
    Figure (5, 'sampling: CPU ÷ alone', lambda m: m.ratio ('… sampling', 'native'), at_most ({'w1': 1.06}), at_most ({'w1': 1.06}),
            'w1 ≤ 1.06', ''),
    Figure (6, 'bytes in flight ÷ heaptrack’s', bytes_in_flight, at_most ({}, None, 0.6), at_most ({}, None, 0.45), '≤ 0.6', '≤ 0.45'),
    Figure (7, 'finished file ÷ heaptrack’s', file_size, at_most ({name: 2.5 for name in ('w1', 'w2', 'w5', 'w6')}),
            at_most ({name: 1.5 for name in ('w1', 'w2', 'w5', 'w6')}), '≤ 2.5 on w1, w2, w5, w6', '≤ 1.5'),
    Figure (8, 'target’s own memory, MB more', added_memory, at_most ({'w1': 16, 'w2': 16, 'w3': 16, 'w4': 16, 'w5': 48, 'w6': 48}),
            at_most ({'w1': 8, 'w2': 8, 'w3': 8, 'w4': 8, 'w5': 24, 'w6': 24}), '≤ 16 on w1–w4, 48 on w5, w6', 'half', 1),
    Figure (9, 'collector’s own memory, MB beyond 24 B a live block', collector_memory, at_most (everywhere (64)),
            at_most (everywhere (32)), '≤ 64', '≤ 32', 1),
    Figure (10, 'preloaded, nobody records: ns a call above the floor',
            lambda m: (m.least ('idle') - m.least ('count')) * 1e9 / m.events if m.name == 'w1' else None,
            at_most ({'w1': 1}), at_most ({'w1': 0.5}), '≤ 1', 'a load, a branch', 1),
]


def print_figures (all_measured):
    print ('| # | quantity | w1 | w2 | w3 | w4 | w5 | w6 | mean | must | aim | verdict |\n|---|---|---|---|---|---|---|---|---|---|---|---|')
    for figure in FIGURES:
        try:
            print (figure.line (all_measured), flush=True)
        except KeyError as missing:
            print (f'| {figure.number} | {figure.quantity} | | | | | | | | {figure.must_text} | {figure.aim_text} | not measured: {missing.args[0]} |')
