#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the real program as a screen reader does: finds everything by role and accessible name, never by position.

drive.py VIREO URI IMAGE NAME: starts VIREO on the host URI, makes the VM NAME from IMAGE with the wizard, and waits until the
list says that it runs. Ends with 0, or with a message and the tree of what is on screen. Needs a display, a session bus and
AT-SPI; tst_atspi brings them.
"""
import subprocess
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
import pyatspi  # noqa: E402
from gi.repository import GLib  # noqa: E402

WAIT = 60.0


class Missing(Exception):
    """Something that a screen reader needs did not come."""


def children(node):
    for index in range(node.childCount):
        child = node.getChildAtIndex(index)
        if child is not None:
            yield child


def find(node, matches, depth=40):
    """The first node below, or None. What vanishes while it is looked at is not there."""
    try:
        if matches(node):
            return node
        if depth > 0:
            for child in children(node):
                found = find(child, matches, depth - 1)
                if found is not None:
                    return found
    except (GLib.Error, LookupError, RuntimeError):
        pass
    return None


def dump(node, depth=0):
    try:
        print("  " * depth + f"{node.getRoleName()} '{node.name}' {shown(node) and 'shown' or ''} {enabled(node) and 'enabled' or ''}")
        for child in children(node):
            dump(child, depth + 1)
    except (GLib.Error, LookupError, RuntimeError) as error:
        print("  " * depth + f"gone: {error}")


def state(node, which):
    return node.getState().contains(which)


def shown(node):
    return state(node, pyatspi.STATE_SHOWING)


def enabled(node):
    return state(node, pyatspi.STATE_ENABLED)


def wait(what, condition, seconds=WAIT):
    """Waits until the condition gives something true, and gives that."""
    end = time.monotonic() + seconds
    while True:
        try:
            value = condition()
        except (GLib.Error, LookupError, RuntimeError):
            value = None  # the tree changed under our hands
        if value:
            return value
        if time.monotonic() > end:
            raise Missing(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.05)


def application(pid):
    for app in children(pyatspi.Registry.getDesktop(0)):
        if app.get_process_id() == pid:
            return app
    return None


def window(app, title):
    """A window on screen with exactly this name."""
    return wait(f"window '{title}'", lambda: next((w for w in children(app) if w.name == title and shown(w)), None))


def widget(root, role, name):
    """A widget on screen, by role and name."""
    return wait(f"{role} '{name}'", lambda: find(root, lambda n: n.getRoleName() == role and n.name == name and shown(n)))


def do(node, action):
    wait(f"'{node.name}' enabled", lambda: enabled(node))
    actions = node.queryAction()
    names = [actions.getName(index) for index in range(actions.nActions)]
    if action not in names:
        raise Missing(f"action {action} of '{node.name}': {names}")
    if not actions.doAction(names.index(action)):
        raise Missing(f"'{node.name}' refused {action}")


def write(node, text):
    if not node.queryEditableText().setTextContents(text):
        raise Missing(f"'{node.name}' takes no text")
    wait(f"text of '{node.name}'", lambda: node.queryText().getText(0, -1) == text)


def set_value(node, value):
    node.queryValue().currentValue = value
    wait(f"value of '{node.name}' {value}", lambda: node.queryValue().currentValue == value)


def drive(app, image, name):
    main = window(app, "Vireo")
    tree = widget(main, "tree", "Virtual machines")
    widget(main, "text", "Filter")

    do(widget(main, "push button", "New VM"), "Press")
    wizard = window(app, "New Virtual Machine")
    host = widget(wizard, "combo box", "Host")
    wait("a host is chosen", lambda: host.queryText().getText(0, -1))
    write(widget(wizard, "text", "Image"), image)
    step = widget(wizard, "push button", "Next")
    do(step, "Press")

    write(widget(wizard, "text", "Name"), name)
    set_value(widget(wizard, "spin button", "Memory"), 64)
    set_value(widget(wizard, "spin button", "vCPUs"), 1)
    widget(wizard, "spin button", "Root disk")
    widget(wizard, "combo box", "Storage")
    widget(wizard, "spin button", "Number of VMs")
    start = widget(wizard, "check box", "Start now")
    if not state(start, pyatspi.STATE_CHECKED):
        do(start, "Toggle")
    wait("'Start now' checked", lambda: state(start, pyatspi.STATE_CHECKED))
    widget(wizard, "push button", "Back")
    widget(wizard, "push button", "Cancel")
    do(widget(wizard, "push button", "Next"), "Press")

    widget(wizard, "list", "Devices")
    widget(wizard, "combo box", "Network")
    do(widget(wizard, "push button", "Next"), "Press")
    for choice in ("Acceleration", "Machine", "Firmware", "TPM", "CPU", "Screen"):
        widget(wizard, "combo box", choice)
    do(widget(wizard, "push button", "Next"), "Press")
    seed = widget(wizard, "check box", "Set the guest up at its first boot (cloud-init)")
    if state(seed, pyatspi.STATE_CHECKED):
        raise Missing("cloud-init is on without being asked for")
    do(widget(wizard, "push button", "Next"), "Press")

    do(widget(wizard, "push button", "Create"), "Press")
    wait("the wizard closes", lambda: not any(w.name == "New Virtual Machine" for w in children(app)))
    widget(tree, "table cell", f"{name}, running")
    widget(widget(main, "list", "Jobs"), "list item", f"Create {name}, done")
    for page in ("Overview", "Hardware", "XML", "Snapshots", "Events"):
        widget(main, "page tab", page)


def main():
    vireo, uri, image, name = sys.argv[1:]
    program = subprocess.Popen([vireo, "--connect", uri])
    app = None
    try:
        app = wait("the application", lambda: program.poll() is not None or application(program.pid))
        if program.poll() is not None:
            raise Missing(f"{vireo} ended with {program.returncode}")
        drive(app, image, name)
    except Missing as missing:
        print(f"FAIL: {missing}")
        if app is not None and program.poll() is None:
            dump(app)
        return 1
    finally:
        program.terminate()
        try:
            status = program.wait(30)
        except subprocess.TimeoutExpired:
            program.kill()
            status = program.wait()
    if status != 0:  # a crash or a leak at the end counts, too
        print(f"FAIL: {vireo} ended with {status}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
