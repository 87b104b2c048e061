# SPDX-License-Identifier: GPL-3.0-or-later
# To and from JSON, generators within generators, dictionaries, sorting: run with PYTHONMALLOC=malloc.

import json
import random

random.seed (7)


def tree (depth):
    if depth == 0:
        return {'id': random.randrange (10**9), 'name': 'n%06d' % random.randrange (10**6), 'v': random.random (),
                'tags': ['t%d' % random.randrange (50) for _ in range (5)], 'ok': True}
    return {'k%d' % i: tree (depth - 1) for i in range (6)}


def leaves (node, path=()):
    if isinstance (node, dict):
        for key, inner in node.items ():
            yield from leaves (inner, path + (key,))
    elif isinstance (node, list):
        for i, inner in enumerate (node):
            yield from leaves (inner, path + (i,))
    else:
        yield '/'.join (map (str, path)), node


grown = tree (5)
for _ in range (5):
    text = json.dumps (grown)
    flat = dict (leaves (json.loads (text)))
    groups = {}
    for key, value in sorted (flat.items (), key=lambda item: str (item[1])):
        groups.setdefault (key.rsplit ('/', 1)[-1], []).append ((key, str (value)))

print (len (flat), len (groups), len (text))
