#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# help.py FILES…: the guide is well-formed, reads without a network and without
# scripts, leads nowhere that does not exist, and says the same in each language.

import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

XHTML = "{http://www.w3.org/1999/xhtml}"
ALLOWED_ATTRIBUTES = {"lang", "charset", "name", "content", "rel", "href", "hreflang", "class", "id", "scope",
                      "aria-labelledby"}


def check_page(path):
    root = ElementTree.parse(path).getroot()
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), f"{path}: an id twice"
    assert root.get("lang"), f"{path}: no language"
    assert root.find(f"{XHTML}head/{XHTML}title").text, f"{path}: no title"

    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        tag = element.tag.removeprefix(XHTML)
        assert tag not in ("script", "iframe", "img", "object", "form", "style"), f"{path}: <{tag}>"
        unknown = set(element.attrib) - ALLOWED_ATTRIBUTES
        assert not unknown, f"{path}: <{tag} {unknown}>"
        if tag == "table":
            assert element.find(f"{XHTML}caption") is not None, f"{path}: a table without a caption"
        if tag == "th":
            assert element.get("scope") in ("row", "col"), f"{path}: a heading cell without a scope"
        target = element.get("href")
        if target is None:
            continue
        assert "://" not in target and not target.startswith("//"), f"{path}: {target} is not local"
        file, _, fragment = target.partition("#")
        if file:
            assert (path.parent / file).is_file(), f"{path}: {target} does not exist"
        else:
            assert fragment in ids, f"{path}: {target} leads nowhere"

    levels = [int(element.tag[-1]) for element in root.iter() if re.fullmatch(re.escape(XHTML) + "h[1-6]", str(element.tag))]
    for before, after in zip(levels, levels[1:]):
        assert after <= before + 1, f"{path}: from heading {before} to {after}"

    shape = [str(element.tag).removeprefix(XHTML) + "#" + element.get("id", "") for element in root.iter()
             if str(element.tag).removeprefix(XHTML) in ("section", "h2", "h3", "tr", "li", "dt", "table", "pre")]
    code = sorted(text for element in root.iter(f"{XHTML}kbd") if (text := element.text))
    return shape, code


def main():
    files = [pathlib.Path(name) for name in sys.argv[1:]]
    pages = [path for path in files if path.suffix == ".html"]
    styles = [path for path in files if path.suffix == ".css"]
    assert len(pages) >= 2 and styles
    for path in styles:
        text = path.read_text()
        assert "url(" not in text and "@import" not in text, f"{path} loads something"
        assert "prefers-color-scheme: dark" in text

    first_shape, first_keys = check_page(pages[0])
    for path in pages[1:]:
        shape, keys = check_page(path)
        for a, b in zip(first_shape, shape):
            assert a == b, f"{path}: {b} where {pages[0]} has {a}"
        assert len(shape) == len(first_shape), f"{path}: {len(shape)} parts, not {len(first_shape)}"
        assert keys == first_keys, f"{path}: other keys: {set(keys) ^ set(first_keys)}"
    print(f"{len(pages)} pages of {len(first_shape)} parts each")


main()
