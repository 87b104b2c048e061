#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""top-call-sites.py RECORDING: the call sites that allocated the most."""
import sys
import gi
gi.require_version ("MemScope", "1")
from gi.repository import MemScope
recording = MemScope.Recording.open (sys.argv[1])
groups = recording.list_groups ("call-site", None)
sites = [groups.get_item (i) for i in range (groups.get_n_items ())]
for site in sorted (sites, key=lambda site: -site.get_allocated_bytes ())[:10]:
    print (f"{site.get_allocated_bytes ():12}  {site.get_allocations ():9}  {site.get_name ()}")
