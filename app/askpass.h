// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace vireo::app {

/**
 * ssh starts a program of its own to ask for a password or a passphrase ($SSH_ASKPASS), which not every computer has,
 * and a Flatpak never. Vireo is one as well, under another name: a link beside it, which is installed with it.
 */

/** Lets ssh ask through Vireo, where neither the user nor the computer has a program for that. Before threads start. */
void offerAskpass();

/** Whether this process was started under that name. */
bool isAskpass(const char *name);

/** Asks in a window what the arguments say, and prints the answer. The exit status: 0, or 1 when there is none. */
int runAskpass(int argc, char **argv);

} // namespace vireo::app
