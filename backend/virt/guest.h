// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

#include "backend/virt/connection.h"

/** Blocking calls that ask the guest or its agent, or look at its screen. Any worker thread. */
namespace vireo::virt::guest {

/** Whether libvirt says that the guest agent is connected (state of its channel in the live XML). */
Result<bool> hasAgent(Connection &connection, const QUuid &domain);
/** virDomainFSFreeze. libvirt itself waits for the agent for as long as setAgentTimeout() says. Gives the number of
 *  file systems. Call thaw() whatever comes of it: an agent that answers too late has frozen all the same. */
Result<int> freeze(Connection &connection, const QUuid &domain);
Result<int> thaw(Connection &connection, const QUuid &domain); // virDomainFSThaw
/** virDomainAgentSetResponseTimeout, for the domain's next commands. */
Result<> setAgentTimeout(Connection &connection, const QUuid &domain, std::chrono::seconds timeout);

/** virDomainSetTime(SYNC): the guest takes its clock from its virtual hardware clock, which the host keeps. Guests that
 *  can't (Windows) are told the time of this computer. */
Result<> syncTime(Connection &connection, const QUuid &domain);

/** virDomainScreenshot of screen 0: PPM or PNG, whichever the hypervisor gives; at most `maxBytes`. Error: it has no
 *  screen, or is off. */
Result<QByteArray> screenshot(Connection &connection, const QUuid &domain, qsizetype maxBytes = 32 << 20);

} // namespace vireo::virt::guest
