// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/create/createlayout.h"
#include "backend/xml/document.h"

namespace vireo::operation {

/**
 * What follows from draft, operating system and host together: the models and buses of a new domain. Where nothing is
 * chosen and nothing is known, what suits today's systems. A light view; draft and facts outlive it.
 */
class CreateChoices final
{
public:
    CreateChoices(const CreateDraft &draft, const CreateFacts &facts)
        : m_draft(draft)
        , m_facts(facts)
    {}

    bool isTestDriver() const { return m_facts.isTestDriver(); }
    bool isX86() const { return m_facts.isX86(); }
    bool isQ35() const { return m_facts.caps.machine.contains(QLatin1String("q35")); }
    bool isVirtBoard() const { return m_facts.caps.machine.startsWith(QLatin1String("virt")); }
    bool kvm() const { return m_facts.usesKvm(m_draft); }
    bool windows() const { return m_facts.os && m_facts.os->isWindows(); }

    bool efi() const;        ///< boards without a BIOS boot nothing else
    bool secureBoot() const; ///< and variables that only the firmware can change
    bool tpm() const;
    QString diskBus() const; ///< of the root disk
    QString cdromBus() const;
    QString seedBus() const;
    QString nicModel() const;
    QString graphics() const; ///< vnc or spice; empty: none
    QString videoModel() const;
    bool usb3() const;

private:
    bool supports(bool os::Needs::*need) const { return !m_facts.os || m_facts.os->needs.*need; }

    const CreateDraft &m_draft;
    const CreateFacts &m_facts;
};

/** Appends an element with attributes. */
xml::Element addElement(
    xml::Element parent, const QString &name, std::initializer_list<std::pair<QString, QString>> attributes = {});

/** The addresses of the network cards, in order; empty: libvirt makes one. A seed that configures them must know them.
 */
QStringList macsOf(const CreateDraft &draft, const CreateFacts &facts);

/** Fills <devices>. */
void addDevices(xml::Element devices, const CreateDraft &draft, const CreateFacts &facts, const CreateLayout &layout);

} // namespace vireo::operation
