// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QSet>

#include "backend/operation/definitionsecrets.h"
#include "backend/operation/edit/editparts.h"
#include "backend/operation/lifecycle.h"
#include "backend/xml/importrisks.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Severity = job::Finding::Severity;
using When = EditEffect::When;

struct EditFindingsText {
    Q_DECLARE_TR_FUNCTIONS(operation_editFindings)
};

class Findings final
{
    Q_DISABLE_COPY_MOVE(Findings)

public:
    Findings(const EditFacts &facts, const DefinitionEdit &edit, const EditParts &parts)
        : m_facts(facts)
        , m_edit(edit)
        , m_parts(parts)
    {}

    QList<job::Finding> all()
    {
        checkWhole();
        if (std::ranges::none_of(m_list, [](const job::Finding &one) { return one.severity == Severity::Blocker; })) {
            checkIdentity();
            checkKinds();
            checkTwice();
            checkDisks();
            checkMacs();
            checkRisks();
            noteLater();
        }
        return m_list;
    }

private:
    void add(Severity severity, const QString &text, const QString &cause = {}, const QString &fix = {})
    {
        m_list.append({severity, text, cause, fix});
    }
    const QString &name() const { return m_facts.domain.name; }

    void checkWhole()
    {
        if (!m_parts.error.message.isEmpty()) {
            add(Severity::Blocker, m_parts.error.message, {}, m_parts.error.hint);
            return;
        }
        if (!isCurrent(m_facts, m_edit)) {
            add(Severity::Blocker, EditFindingsText::tr("Somebody else has changed %1 meanwhile.").arg(name()),
                EditFindingsText::tr("Its definition is no longer the one that this change began with."),
                EditFindingsText::tr("Merge the two changes, then apply again."));
        }
        if (m_parts.parts.isEmpty()) {
            add(Severity::Blocker, EditFindingsText::tr("Nothing is changed."));
        }
    }

    void checkIdentity()
    {
        if (m_parts.uuidDiffers) {
            add(Severity::Blocker, EditFindingsText::tr("The UUID of a VM can't be changed."),
                EditFindingsText::tr("With another UUID it would be another VM."),
                EditFindingsText::tr("Put the old UUID back, or clone the VM."));
        }
        if (m_parts.name == m_parts.nameBefore) {
            return;
        }
        if (!m_facts.running.isEmpty()) {
            add(Severity::Blocker,
                EditFindingsText::tr("%1 is running. Only a VM that is shut off can be renamed.").arg(name()), {},
                EditFindingsText::tr("Shut it down first, or leave its name."));
        } else if (const QString problem = nameProblem(m_parts.name); !problem.isEmpty()) {
            add(Severity::Blocker, problem);
        }
    }

    void checkKinds()
    {
        if (m_facts.domain.persistent) {
            return;
        }
        for (const EditPart &part : m_parts.parts) {
            if (part.effect.when != When::Now) {
                add(Severity::Blocker,
                    EditFindingsText::tr("%1 is transient: this can't be changed. %2").arg(name(), part.effect.text),
                    part.effect.reason);
            }
        }
    }

    /** What libvirt would refuse as well, with less to go by. */
    void checkTwice()
    {
        QSet<QString> targets;
        QSet<QString> addresses;
        for (const DevicePart &device : m_parts.after) {
            if (device.kind == "disk"_L1 && !device.identity.isEmpty()) {
                if (targets.contains(device.identity)) {
                    add(Severity::Blocker, EditFindingsText::tr("The target %1 is used twice.").arg(device.identity),
                        EditFindingsText::tr("Each disk needs a target of its own."));
                }
                targets.insert(device.identity);
            }
            if (device.address.startsWith("pci "_L1) || device.address.startsWith("drive "_L1)) {
                if (addresses.contains(device.address)) {
                    add(Severity::Blocker,
                        EditFindingsText::tr("The address %1 is used twice.").arg(device.address.section(u' ', 1)),
                        EditFindingsText::tr("%1 has the address of another device.").arg(device.label),
                        EditFindingsText::tr("Remove its <address>: libvirt finds a free one."));
                }
                addresses.insert(device.address);
            }
        }
    }

    bool isChanged(qsizetype device) const
    {
        return std::ranges::any_of(m_parts.parts, [device](const EditPart &part) { return part.device == device; });
    }

    void checkDisks()
    {
        for (qsizetype i = 0; i < m_parts.after.size(); ++i) {
            const DevicePart &device = m_parts.after.at(i);
            const auto document = device.kind == "disk"_L1 && isChanged(i) ? xml::Document::parse(device.xml)
                                                                           : xml::Document::create(u"none"_s);
            if (device.kind == "disk"_L1 && document) {
                checkDisk(device, document->root());
            }
        }
    }
    void checkDisk(const DevicePart &device, const xml::Element &disk)
    {
        const QString source = diskSourceOf(disk);
        if (source.isEmpty()) {
            return;
        }
        if (m_facts.missing.contains(source)) {
            add(Severity::Warning, EditFindingsText::tr("“%1” does not exist.").arg(source),
                EditFindingsText::tr("%1 can't be used without it.").arg(device.label));
        }
        const bool harmless = disk.child(u"readonly"_s) || disk.child(u"shareable"_s) || device.function == "cdrom"_L1;
        const QStringList users = m_facts.diskUsers.value(source);
        const QStringList writers = m_facts.runningUsers.value(source);
        if (users.isEmpty() || harmless) {
            return;
        }
        if (!writers.isEmpty()) {
            add(Severity::Blocker, EditFindingsText::tr("“%1” is in use by %2.").arg(source, writers.join(u", "_s)),
                EditFindingsText::tr("Two running VMs that write to one disk destroy what is on it."),
                EditFindingsText::tr("Choose another disk, or make it read-only or shareable in both."));
            return;
        }
        add(Severity::Warning, EditFindingsText::tr("“%1” also belongs to %2.").arg(source, users.join(u", "_s)),
            EditFindingsText::tr("The two must never run at the same time."));
    }

    void checkMacs()
    {
        QSet<QString> own;
        for (qsizetype i = 0; i < m_parts.after.size(); ++i) {
            const DevicePart &device = m_parts.after.at(i);
            if (device.kind != "interface"_L1 || device.identity.isEmpty()) {
                continue;
            }
            if (own.contains(device.identity) || (isChanged(i) && m_facts.takenMacs.contains(device.identity))) {
                add(Severity::Warning,
                    EditFindingsText::tr("The MAC address %1 is in use already.").arg(device.identity),
                    EditFindingsText::tr("Two network cards with one address disturb each other in one network."),
                    EditFindingsText::tr("Leave it out: libvirt makes one up."));
            }
            own.insert(device.identity);
        }
    }

    /** Those that the edit adds: what was there, the user has lived with. */
    void checkRisks()
    {
        const auto before = xml::importRisks(m_edit.base);
        const auto after = xml::importRisks(m_edit.wanted);
        if (!before || !after) {
            return;
        }
        QSet<QString> known;
        for (const xml::ImportRisk &risk : *before) {
            known.insert(risk.text);
        }
        for (const xml::ImportRisk &risk : *after) {
            const bool isOfDisk = risk.kind == xml::ImportRisk::Kind::HostPath
                && risk.severity != xml::ImportRisk::Severity::Danger && risk.element.contains("disk"_L1);
            if (risk.severity != xml::ImportRisk::Severity::Note && !known.contains(risk.text) && !isOfDisk) {
                add(Severity::Warning, risk.text, risk.element);
            }
        }
    }

    void noteLater()
    {
        if (m_facts.domain.managedSave) {
            add(Severity::Warning,
                EditFindingsText::tr("%1 is saved: it goes on with what it had when it was saved.").arg(name()),
                EditFindingsText::tr("The change counts from its next full start."));
        }
        if (m_edit.restores.isEmpty() && m_edit.aside.isEmpty() && hasSecrets(m_edit.wanted)) {
            add(Severity::Note, EditFindingsText::tr("The new password is kept in the job's journal."),
                EditFindingsText::tr("Only you can read it."));
        }
        for (const EditPart &part : m_parts.parts) {
            if (part.effect.when == When::NextBoot && !part.effect.reason.isEmpty()) {
                add(Severity::Note, EditFindingsText::tr("At the next boot: %1.").arg(part.effect.text),
                    part.effect.reason);
            }
        }
    }

    const EditFacts &m_facts;
    const DefinitionEdit &m_edit;
    const EditParts &m_parts;
    QList<job::Finding> m_list;
};

} // namespace

QString diskSourceOf(const xml::Element &disk)
{
    const xml::Element source = disk.child(u"source"_s);
    if (source.hasAttribute(u"volume"_s)) {
        return source.attribute(u"pool"_s) + u'/' + source.attribute(u"volume"_s);
    }
    return source.hasAttribute(u"file"_s) ? source.attribute(u"file"_s) : source.attribute(u"dev"_s);
}

QList<job::Finding> editFindings(const EditFacts &facts, const DefinitionEdit &edit, const EditParts &parts)
{
    return Findings(facts, edit, parts).all();
}

} // namespace vireo::operation
