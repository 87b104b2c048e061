#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-map.py EXPORT_PAGE DUMP_MAP FOLDER [MAP_TARGET]: the page's memory map in Chromium.

Speaks TAP. What the page computes of its rows is compared with what the analysis
computes of the session (DUMP_MAP writes that), block by block and figure by figure.
MAP_TARGET is recorded with MEMSCOPE_CLI; it says itself where some of its blocks are.
"""

import gzip
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

from webdriver import Browser, find_missing

TAB, ENTER, ESCAPE, HOME, END = '\ue004', '\ue007', '\ue00c', '\ue011', '\ue010'
LEFT, UP, RIGHT, DOWN = '\ue012', '\ue013', '\ue014', '\ue015'
MAP = 'const map = document.querySelector (".map-host").memoryMap;'
COUNT_COLOURS = '''
const canvas = document.querySelector ('.map-canvas');
const copy = document.createElement ('canvas');
copy.width = canvas.width;
copy.height = canvas.height;
const context = copy.getContext ('2d', { willReadFrequently: true });
context.drawImage (canvas, 0, 0);
return new Set (new Uint32Array (context.getImageData (0, 0, copy.width, copy.height).data.buffer)).size;
'''
FIGURES = ['kind', 'recorded', 'start', 'end', 'number', 'first', 'blocks', 'selected', 'liveBytes', 'usedBytes', 'holeBytes', 'largestHole',
           'holes', 'topFree', 'sparseBytes', 'emptyBytes', 'fragmentation', 'pins', 'pinBytes']


def check (condition, words):
    if not condition:
        raise AssertionError (words)


def equal (left, right, words=''):
    check (left == right, f'{words}: {left!r} is not {right!r}')


class Blob:
    """What the analysis says: memscope-map-blob.h."""

    WIDTHS = {'u64': 'Q', 'f64': 'd', 'u32': 'I', 'u8': 'B'}

    def __init__ (self, content):
        length, magic = struct.unpack_from ('<II', content)
        equal (magic, 0x504d534d, 'magic')
        self.head = json.loads (content[8:8 + length])
        self.columns = {}
        for name, kind, offset in self.head['columns']:
            self.columns[name] = struct.unpack_from (f'<{self.head["blocks"]}{self.WIDTHS[kind]}', content, 8 + length + offset)

    def regions (self):
        return [{key: region[key] for key in FIGURES} for region in self.head['regions']]


class Map:
    def __init__ (self, browser, programs, folder):
        self.browser = browser
        self.export, self.dump, self.target = programs
        self.folder = pathlib.Path (folder)
        self.made = 0

    def recording (self, name):
        path = self.folder / f'{name}.memscope'
        if not path.exists ():
            path.write_bytes (gzip.decompress ((pathlib.Path (sys.argv[3]) / f'{name}.memscope.gz').read_bytes ()))
        return path

    def record (self):
        """The target's recording, and what it printed; None where it can't be recorded."""
        path = self.folder / 'target.memscope'
        if not self.target or not os.environ.get ('MEMSCOPE_CLI'):
            return None, None
        if not path.exists ():
            said = subprocess.run ([os.environ['MEMSCOPE_CLI'], 'record', '-o', path, '--', self.target], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            (self.folder / 'target.json').write_bytes (said.stdout)
        return path, json.loads ((self.folder / 'target.json').read_text ())

    def analyse (self, recording, *options):
        return Blob (subprocess.run ([self.dump, *options, recording], check=True, stdout=subprocess.PIPE).stdout)

    def open (self, recording, *options):
        self.made += 1
        path = self.folder / f'page-{self.made}.html'
        subprocess.run ([self.export, *options, recording, path], check=True)
        self.browser.open (path)
        self.browser.click ('[data-view="map"]')
        self.settle ()

    def settle (self):
        self.browser.wait (MAP + 'return map.data !== null && document.querySelector (".map-page").dataset.instant !== undefined')
        # Two frames: what was asked for is drawn.
        self.browser.request ('POST', '/execute/async', {'script': 'const done = arguments[0]; requestAnimationFrame (() => requestAnimationFrame (() => done ()))', 'args': []})

    def run (self, script, *arguments):
        return self.browser.run (MAP + script, *arguments)

    def regions (self):
        return self.run ('''return map.data.regions.map (region => Object.fromEntries (arguments[0].map (key =>
                              [key, typeof region[key] === 'bigint' ? region[key].toString (16) : region[key]])))''', FIGURES)

    def text (self, selector):
        return self.browser.run ('return document.querySelector (arguments[0])?.innerText ?? ""', selector)

    def place_of (self, address):
        """Where on the screen the middle of a block is."""
        return self.run ('''
          const wanted = BigInt (arguments[0]);
          const i = map.data.low.findIndex ((low, k) => (BigInt (map.data.high[k]) << 32n | BigInt (low)) === wanted);
          if (i < 0)
            return null;
          const lane = map.laneOf (i);
          const k = lane.numberOf (i);
          const [from, to] = map.scale.windowOf (lane);
          const box = map.field.getBoundingClientRect ();
          const place = map.laneTops[map.lanes.indexOf (lane)];
          const middle = (lane.position[k] + lane.end (k)) / 2;
          return [box.left + map.left + (middle - from) / (to - from) * map.width, box.top + place.strip + place.height / 2 - map.field.scrollTop,
                  (lane.end (k) - lane.position[k]) / (to - from) * map.width];
        ''', address)

    def pointer (self, x, y, *actions):
        steps = [{'type': 'pointerMove', 'duration': 0, 'x': round (x), 'y': round (y)}, *actions]
        self.browser.request ('POST', '/actions', {'actions': [{'type': 'pointer', 'id': 'mouse', 'parameters': {'pointerType': 'mouse'}, 'actions': steps}]})

    def click (self, x, y):
        self.pointer (x, y, {'type': 'pointerDown', 'button': 0}, {'type': 'pointerUp', 'button': 0})

    def wheel (self, x, y, by):
        step = {'type': 'scroll', 'x': round (x), 'y': round (y), 'deltaX': 0, 'deltaY': by, 'duration': 0}
        self.browser.request ('POST', '/actions', {'actions': [{'type': 'wheel', 'id': 'wheel', 'actions': [step]}]})

    def selected (self):
        return self.run ('''return map.selected < 0 ? null
                              : '0x' + (BigInt (map.data.high[map.selected]) << 32n | BigInt (map.data.low[map.selected])).toString (16)''')

    def check_quiet (self):
        equal (self.browser.complaints (), [], 'console')
        equal (self.browser.requests (), [], 'requests')


def compare (page, recording, *options):
    """The page's map against the analysis, at what both look at."""
    blob = page.analyse (recording, *options)
    expected = blob.regions ()
    got = page.regions ()
    equal (len (got), len (expected), 'regions')
    for mine, theirs in zip (got, expected):
        for key in FIGURES:
            left, right = mine[key], theirs[key]
            if isinstance (right, float):
                check (abs (left - right) < 1e-9, f'{key}: {left} is not {right}')
            else:
                equal (left, right, f'{key} of region {theirs["start"]}')
    equal (page.run ('return [map.data.n, map.data.selected, map.data.liveBytes, map.data.overlapping, map.data.instant]'),
           [blob.head[key] for key in ('blocks', 'selected', 'liveBytes', 'overlapping', 'instant')], 'totals')
    addresses = page.run ('return Array.from (map.data.low, (low, i) => (BigInt (map.data.high[i]) << 32n | BigInt (low)).toString (16))')
    equal ([int (text, 16) for text in addresses], list (blob.columns['address']), 'addresses')
    for mine, theirs in (('size', 'size'), ('birth', 'birth'), ('stage', 'stage'), ('flags', 'flags'), ('region', 'region'), ('thread', 'thread')):
        equal (page.run ('return Array.from (map.data[arguments[0]])', mine), list (blob.columns[theirs]), mine)
    names = page.run ('return Array.from (map.data.variable, i => map.names.variable (i).name.slice (0, 200))')
    equal (names, [blob.head['variables']['name'][i][:200] for i in blob.columns['variable']], 'names')
    equal (page.run ('return map.data.areas.map (area => [area.kind, area.start.toString (16), area.end.toString (16), area.mappedBytes])'),
           [[area['kind'], area['start'], area['end'], area['mappedBytes']] for area in blob.head['areas']], 'areas')
    equal (page.run ('return map.data.hotPages.map (page => [page.address.toString (16), page.births, page.bytes])'),
           [[hot['address'], hot['births'], hot['bytes']] for hot in blob.head['hotPages']], 'hot pages')


# ---- the tests --------------------------------------------------------------------


def test_equals_the_analysis (page):
    """lanes, blocks and figures equal the analysis, for every layout of memscope-rs"""
    for name in ('typical_legacy', 'rich_full', 'names_full', 'smart_pointers_user', 'extra_records', 'tiny_user', 'old_9d68aa0_typical'):
        page.open (page.recording (name))
        compare (page, page.recording (name))
    page.check_quiet ()


def test_equals_the_analysis_of_a_recording (page):
    """lanes, blocks and figures equal the analysis, for a recording with mappings, at several instants"""
    recording, _ = page.record ()
    if recording is None:
        return 'nothing can be recorded here'
    page.open (recording)
    compare (page, recording)
    check (page.run ('return map.data.regions.every (region => region.recorded)'), 'all regions are recorded mappings')
    duration = page.browser.run ('return window.memscope.duration ()')
    for share in (0.0001, 0.003, 0.01, 0.2, 0.7):
        instant = int (duration * share)
        page.run ('document.querySelector (".map-page").dataset.instant = ""; window.memscope.setInstant (arguments[0])', instant)
        page.browser.wait ('return document.querySelector (".map-page").dataset.instant === arguments[0]', str (instant))
        compare (page, recording, '--instant', str (instant))
    page.check_quiet ()


def test_a_click_selects_the_block_at_an_address (page):
    """a click selects the block that is there, and the card says what it is"""
    recording, where = page.record ()
    if recording is None:
        return 'nothing can be recorded here'
    page.open (recording)
    for address in where['large']:
        x, y, width = page.place_of (address)
        check (width > 20, 'a large block can be seen')
        page.pointer (x, y)
        page.browser.wait ('return !document.querySelector (".map-card").hidden')
        card = page.text ('.map-card')
        check ('new_token' in card and address in card and 'map-target' in card and 'map-target.c' in card, card)
        check ('site' in card and 'active' in card or 'allocated' in card, card)
        page.click (x, y)
        equal (page.selected (), address, 'selected')
    size = page.run ('return map.data.size[map.selected]')
    equal (size, 900000)
    check ('900,000\u00a0B on 220 pages' in page.text ('.map-card'), page.text ('.map-card'))
    check ('Large blocks' in page.text ('.map-label-chosen'), 'its lane is chosen')
    page.check_quiet ()


def test_zooms_to_a_block (page):
    """the wheel and the keys zoom, down to single bytes of one block"""
    recording, where = page.record ()
    if recording is None:
        return 'nothing can be recorded here'
    page.open (recording)
    row = page.run ('const i = map.data.size.indexOf (5000); return map.data.row[i]')
    check (page.run ('return map.showRow (arguments[0])', row), 'it is there')
    page.settle ()
    equal (page.selected (), where['late'], 'selected')
    x, y, width = page.place_of (where['late'])
    check (20 < width < 400, f'{width} pixels wide')
    before = page.run ('return map.scale.to - map.scale.from')
    page.wheel (x, y, -600)
    after = page.run ('return map.scale.to - map.scale.from')
    check (after < before / 2, 'closer')
    check (abs (page.place_of (where['late'])[0] - x) < width * 4, 'around the pointer')
    page.run ('map.field.focus ()')
    for _ in range (30):
        page.browser.keys ('+')
    shown = page.run ('const [from, to] = map.scale.windowOf (map.lane); return to - from')
    check (15 <= shown <= 40, f'{shown} bytes in sight')
    for _ in range (40):
        page.browser.keys ('-')
    check (page.run ('return map.scale.isWhole'), 'all of it again')
    # A drag moves.
    page.browser.keys ('+', '+', '+', '+')
    before = page.run ('return map.scale.from')
    page.pointer (x, y, {'type': 'pointerDown', 'button': 0}, {'type': 'pointerMove', 'duration': 0, 'x': round (x) - 60, 'y': round (y)}, {'type': 'pointerUp', 'button': 0})
    check (page.run ('return map.scale.from') != before or page.run ('return map.scale.isWhole'), 'moved')
    page.check_quiet ()


def test_the_instant_rules (page):
    """another instant is another map"""
    recording, where = page.record ()
    if recording is None:
        return 'nothing can be recorded here'
    page.open (recording)
    check (page.place_of (where['late']) is not None, 'alive at the end')
    count = page.run ('return map.data.n')
    mark = page.browser.run ('const box = document.querySelector (".map-page .timeline").getBoundingClientRect (); return [box.left, box.top, box.width, box.height]')
    page.click (mark[0] + mark[2] * 0.5, mark[1] + mark[3] * 0.3)
    page.browser.wait (MAP + 'return map.data.n !== arguments[0]', count)
    check (page.place_of (where['late']) is None, 'not born yet')
    check (page.place_of (where['first']) is not None, 'an early one is there')
    check ('instant' in page.text ('.strip-words'), page.text ('.strip-words'))
    page.browser.click ('.map-instant')
    page.browser.wait (MAP + 'return map.data.n === arguments[0]', count)
    page.browser.run ('window.memscope.setRange (0, 1)')
    page.browser.wait (MAP + 'return map.data.n === 0')
    check ('Nothing alive at this instant' in page.text ('.map-empty'), page.text ('.map-main'))
    page.check_quiet ()


def test_names_what_holds_the_end (page):
    """the blocks that hold the end of the heap are named and shown"""
    recording, where = page.record ()
    if recording is None:
        return 'nothing can be recorded here'
    page.open (recording)
    heap = page.run ('const region = map.data.regions.find (part => part.kind === "heap"); return [region.pins, region.pinBytes]')
    check (0 < heap[0] <= 12 and heap[1] > 500000, f'{heap} hold the end')
    page.run ('map.chooseLane (map.lanes.find (lane => lane.kind === "heap"))')
    words = page.text ('.map-side')
    check ('What holds the end' in words and 'Main heap' in words and 'new_pin' in words, words)
    page.browser.run ('[...document.querySelectorAll (".map-note button")].at (-1).click ()')
    page.settle ()
    marked = page.run ('return map.marked.map (row => { const i = map.data.row.indexOf (row); return "0x" + (BigInt (map.data.high[i]) << 32n | BigInt (map.data.low[i])).toString (16); })')
    check (set (where['pins'][-2:]) <= set (marked), f'{where["pins"]} in {marked}')
    check (not page.run ('return map.scale.isWhole'), 'the end is zoomed to')
    page.check_quiet ()


def test_works_by_keys_alone (page):
    """by keys alone: into the map, from block to block and lane to lane, and into the inspector"""
    recording, where = page.record ()
    if recording is None:
        return 'nothing can be recorded here'
    page.open (recording)
    page.browser.run ('document.querySelector ("#view").focus ()')
    for _ in range (40):
        page.browser.keys (TAB)
        if page.browser.run ('return document.activeElement.classList.contains ("map-field")'):
            break
    check (page.browser.run ('return document.activeElement.classList.contains ("map-field")'), 'the map has the focus')
    check (page.browser.run ('return document.activeElement.getAttribute ("aria-label")').startswith ('Memory map at'), 'it says what it is')
    page.browser.keys (DOWN)
    first = page.run ('return [map.lanes.indexOf (map.lane), map.lane.numberOf (map.selected)]')
    page.browser.keys (HOME, RIGHT, RIGHT, RIGHT, LEFT)
    equal (page.run ('return map.lane.numberOf (map.selected)'), 2, 'the third block of the lane')
    page.browser.keys (DOWN)
    equal (page.run ('return map.lanes.indexOf (map.lane)'), first[0] + 1, 'the next lane')
    page.browser.keys (END)
    equal (page.run ('return map.lane.numberOf (map.selected) === map.lane.n - 1'), True, 'the last block')
    spoken = page.text ('[role="status"]')
    check ('0x' in spoken and 'thread' in spoken, spoken)
    page.browser.keys ('z')
    check (not page.run ('return map.scale.isWhole'), 'zoomed')
    page.browser.keys (ESCAPE)
    check (page.run ('return map.scale.isWhole'), 'Escape shows all')
    row = page.run ('return map.state.row')
    page.browser.keys (ENTER)
    page.browser.wait ('return document.querySelector (".inspector-body .inset") !== null')
    equal (page.browser.run ('return document.querySelector ("[data-view=variables]").getAttribute ("aria-current")'), 'page', 'the inspector is open')
    check (row is not None, 'a block was selected')
    page.check_quiet ()


def test_lanes_and_colours (page):
    """lanes by thread, every colouring, both strips: a legend that sums up to what is live"""
    recording, _ = page.record ()
    if recording is None:
        return 'nothing can be recorded here'
    page.open (recording)
    live = page.run ('return map.data.liveBytes')
    for lanes in ('thread', 'region'):
        page.browser.click (f'.map-lanes [data-value="{lanes}"]')
        equal (page.run ('return map.lanes.reduce ((sum, lane) => sum + lane.n, 0)'), page.run ('return map.data.n'), f'blocks by {lanes}')
        for colour in ('age', 'size', 'stage', 'variable', 'type', 'thread'):
            page.browser.click (f'.map-colour [data-value="{colour}"]')
            equal (page.run ('return map.legend.entries.reduce ((sum, entry) => sum + entry.bytes, 0)'), live, colour)
            page.settle ()
            pixels = page.browser.run (COUNT_COLOURS)
            check (pixels > 8, f'{colour}: {pixels} colours are drawn')
    equal (page.run ('return map.lanes.map (lane => lane.label).filter (label => label.startsWith ("worker-")).length'), 0, 'regions again')
    page.browser.run ('document.querySelectorAll (".map-heat-choice button")[1].click ()')
    check ('Blocks per page' in page.text ('.map-side'), 'the other strip')
    page.browser.click ('.map-same')
    equal (page.run ('return [map.scale.mode, map.scale.isWhole]'), ['same', True], 'one scale')
    page.check_quiet ()


def test_the_table_says_the_same (page):
    """the table has every lane and every block, and opens the inspector"""
    recording, where = page.record ()
    if recording is None:
        return 'nothing can be recorded here'
    page.open (recording)
    page.browser.click ('.map-twin')
    blob = page.analyse (recording)
    lines = page.browser.run ('return [...document.querySelectorAll (".map-twin-lanes tbody tr")].map (row => [...row.cells].map (cell => cell.innerText))')
    lanes = page.run ('return map.lanes.map (lane => lane.n)')
    equal ([int (line[3].replace (',', '')) for line in lines], lanes, 'blocks of lanes')
    equal (sum (lanes), blob.head['blocks'], 'blocks')
    page.browser.run ('[...document.querySelectorAll (".map-twin-lane")].find (button => button.textContent === "Main heap").click ()')
    heap = next (region for region in blob.head['regions'] if region['kind'] == 'heap')
    seen = page.browser.request ('POST', '/execute/async', {'script': '''
      const done = arguments[0];
      const scroll = document.querySelector ('.map-twin-scroll');
      const seen = new Set ();
      const step = () => {
        for (const line of scroll.querySelectorAll ('[data-k]'))
          seen.add (line.querySelector ('code').textContent);
        const before = scroll.scrollTop;
        scroll.scrollTop += scroll.clientHeight / 2;
        if (scroll.scrollTop === before)
          done ([...seen]);
        else
          requestAnimationFrame (() => requestAnimationFrame (step));
      };
      scroll.scrollTop = 0;
      requestAnimationFrame (step);
    ''', 'args': []})
    expected = [hex (address) for address in blob.columns['address'][heap['first']:heap['first'] + heap['blocks']]]
    equal (sorted (seen), sorted (expected), 'addresses of the heap')
    page.browser.run ('document.querySelector (".map-twin-scroll").scrollTop = 0')
    page.settle ()
    page.browser.run ('document.querySelector (".map-twin-scroll [data-k]").focus ()')
    page.browser.keys (DOWN, DOWN, ENTER)
    equal (page.selected (), expected[2], 'selected by keys')
    page.browser.click ('[data-sort="size"]')
    sizes = sorted (blob.columns['size'][heap['first']:heap['first'] + heap['blocks']], reverse=True)
    page.settle ()
    first = page.browser.run ('return document.querySelector (".map-twin-scroll [data-k=\\"0\\"] code").textContent')
    equal (blob.columns['size'][blob.columns['address'].index (int (first, 16))], sizes[0], 'the largest first')
    equal (page.browser.run ('return document.querySelector ("[data-sort=size]").parentElement.getAttribute ("aria-sort")'), 'descending')
    page.browser.click ('[data-sort="address"]')
    page.browser.click ('.map-twin')
    equal (page.run ('return map.lane.kind'), 'heap', 'the drawing shows its lane')
    page.check_quiet ()


def test_filters_leave_blocks_in_place (page):
    """filtered blocks lose their colour, not their place"""
    recording, _ = page.record ()
    if recording is None:
        return 'nothing can be recorded here'
    page.open (recording)
    before = page.run ('return [map.data.n, map.data.regions.map (region => region.holeBytes)]')
    page.browser.click ('[data-view="variables"]')
    page.browser.run ('const input = document.querySelector (".entry input"); input.value = "new_pin"; input.dispatchEvent (new Event ("input"))')
    page.browser.click ('[data-view="map"]')
    page.browser.wait (MAP + 'return map.data.selected < map.data.n')
    equal (page.run ('return [map.data.n, map.data.regions.map (region => region.holeBytes)]'), before, 'nothing moved')
    equal (page.run ('return map.data.selected'), 4, 'three pins and the late one')
    check ('left out by the filters' in page.text ('.map-side'), page.text ('.map-side'))
    page.check_quiet ()


def test_one_class_and_one_address (page):
    """one class of the legend can be looked at alone, and an address gone to"""
    recording, where = page.record ()
    if recording is None:
        return 'nothing can be recorded here'
    page.open (recording)
    before = page.run ('return map.palette.fills.map (levels => levels[0])')
    page.browser.click ('.map-legend-choice')
    alone = page.run ('return map.palette.fills.map (levels => levels[0])')
    equal ([alone[0] == before[0], alone[1] == before[1], alone[1] == alone[8]], [True, False, True], 'the others are pale')
    page.browser.click ('.map-legend-choice')
    equal (page.run ('return map.palette.fills.map (levels => levels[0])'), before, 'all of them again')
    page.browser.click ('.map-goto')
    page.browser.keys (*'xyz', ENTER)
    check (page.browser.run ('return document.querySelector (".map-address").getAttribute ("aria-invalid") === "true"'), 'no address')
    page.browser.run ('document.querySelector (".map-address").value = ""')
    page.browser.keys (*hex (int (where['late'], 16) + 3), ENTER)
    equal (page.selected (), where['late'], 'the block around the address')
    check (page.browser.run ('return document.querySelector (".map-address") === null'), 'the line is gone')
    page.check_quiet ()


def test_replays (page):
    """the replay goes through the range and stops"""
    recording, _ = page.record ()
    if recording is None:
        return 'nothing can be recorded here'
    page.open (recording)
    # Where little is drawn a second, it may reach the end before enough was seen.
    press = lambda wanted: page.browser.run ("""const play = document.querySelector (".map-play");
        if (play.getAttribute ("aria-label").startsWith ("Stop") !== arguments[0]) play.click ();""", wanted)
    seen = set ()
    for _ in range (100):
        press (True)
        page.settle ()
        seen.add (page.run ('return map.data.instant'))
        if len (seen) > 2:
            break
    check (len (seen) > 2, f'{len (seen)} instants')
    press (False)
    page.settle ()
    here = page.run ('return map.data.instant')
    page.settle ()
    page.settle ()
    equal (page.run ('return map.data.instant'), here, 'it stands still')
    page.check_quiet ()


def test_says_what_it_does_not_know (page):
    """sampled sessions, inferred regions, blocks inside blocks and missing frees are said"""
    page.open (page.recording ('rich_full'))
    words = page.text ('.map-words')
    check ('inferred from addresses' in words and 'begin inside others' in words, words)
    page.open (page.recording ('names_full'))
    check ('Frees are not recorded' in page.text ('.map-words'), page.text ('.map-words'))
    page.run ('''map.setData ({ ...map.data, sampled: true, regions: map.data.regions.map (region => ({ ...region, holeBytes: null, largestHole: null, holes: null,
                   topFree: null, sparseBytes: null, emptyBytes: null, fragmentation: null, pinBytes: null })) })''')
    check ('Sampled blocks only' in page.text ('.map-words') and 'Sampled blocks only' in page.text ('.map-side'), page.text ('.map-words'))
    check ('Fragmentation' not in page.text ('.map-side'), 'no fragmentation of samples')
    page.browser.click ('.map-twin')
    check ('–' in page.text ('.map-twin-lanes tbody'), 'not known in the table')
    page.open (page.recording ('empty_legacy'))
    check ('Nothing alive at this instant' in page.text ('.map-empty'), page.text ('.map-main'))
    page.check_quiet ()


def test_hostile_names (page):
    """names from a file are only text"""
    page.open (page.recording ('names_full'))
    for colour in ('variable', 'type', 'thread'):
        page.browser.click (f'.map-colour [data-value="{colour}"]')
    for _ in range (3):
        page.run ('map.field.focus (); map.step (1); map.card.showBlock (map.data, map.names, map.selected, 0, 200, 200)')
    equal (page.browser.run ('return document.querySelectorAll (".map b:not(.map-card-head b):not(.map-top-words b), .map script, .map img").length'), 0, 'elements out of names')
    page.browser.click ('.map-twin')
    page.check_quiet ()


def test_narrow_and_chinese (page):
    """fits 360 px in both languages and schemes"""
    recording, _ = page.record ()
    page.open (recording or page.recording ('rich_full'))
    for scheme in ('light', 'dark'):
        page.browser.resize (360, 740, scheme)
        page.settle ()
        check (not page.browser.run ('return document.documentElement.scrollWidth > innerWidth'), 'not wider than the window')
        check (page.run ('return map.above && map.width > 300'), 'labels stand above')
        page.browser.click ('.map-side-toggle')
        check (page.text ('.map-side') != '', 'the legend opens')
        page.browser.click ('.map-side-toggle')
    page.browser.run ('const select = document.querySelector (".head select"); select.value = "zh-CN"; select.dispatchEvent (new Event ("change"))')
    page.browser.wait ('return document.querySelector (".map-crumbs")?.innerText === "全部内存"')
    page.browser.resize (1280, 800, 'light')
    page.settle ()
    check ('页面占用' in page.text ('.map-side'), page.text ('.map-side'))
    page.browser.run ('const select = document.querySelector (".head select"); select.value = "en"; select.dispatchEvent (new Event ("change"))')
    page.check_quiet ()


def main ():
    programs = [sys.argv[1], sys.argv[2], sys.argv[4] if len (sys.argv) > 4 else None]
    reason = find_missing ()
    if reason:
        print (f'1..0 # SKIP {reason}')
        return 0

    tests = [test for name, test in globals ().items () if name.startswith ('test_')]
    failed = 0
    print (f'1..{len (tests)}', flush=True)
    browser = Browser ()
    try:
        with tempfile.TemporaryDirectory () as folder:
            for number, test in enumerate (tests, 1):
                try:
                    browser.resize (1280, 800, 'light')
                    skipped = test (Map (browser, programs, folder))
                    print (f'ok {number} {test.__doc__}' + (f' # SKIP {skipped}' if skipped else ''), flush=True)
                except (AssertionError, RuntimeError, subprocess.CalledProcessError) as error:
                    failed += 1
                    print (f'not ok {number} {test.__doc__}\n# ' + str (error)[:3000].replace ('\n', '\n# '), flush=True)
    finally:
        browser.close ()

    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit (main ())
