// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QFileInfo>
#include <QSet>

#include "backend/base/sizetext.h"
#include "backend/operation/resize/resize.h"
#include "backend/operation/snapshot/mergesteps.h"
#include "backend/operation/snapshot/snapshotsteps.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Severity = job::Finding::Severity;
using snapshot::Deletion;
using snapshot::Facts;
using snapshot::FileFacts;
using snapshot::Merge;

struct DeletePlanText {
    Q_DECLARE_TR_FUNCTIONS(operation_snapshotDelete)
};

QString fileName(const QString &path)
{
    return QFileInfo(path).fileName();
}

/** "s1", "s1 and s2", "s1, s2 and 3 more" */
QString listText(const QStringList &names)
{
    constexpr qsizetype shown = 3;
    const auto quoted = [&names](qsizetype count) {
        QStringList result;
        for (qsizetype i = 0; i < count; ++i) {
            result.append(u'“' + names[i] + u'”');
        }
        return result.join(u", "_s);
    };
    if (names.size() <= shown) {
        return quoted(names.size());
    }
    const int more = static_cast<int>(names.size() - shown);
    return more == 1 ? DeletePlanText::tr("%1 and 1 more").arg(quoted(shown))
                     : DeletePlanText::tr("%1 and %n more", nullptr, more).arg(quoted(shown));
}

class DeletePlan final
{
public:
    DeletePlan(const virt::HostId &host, const Facts &facts, const SnapshotDeleteDraft &draft)
        : m_facts(facts)
        , m_draft(draft)
        , m_deletion(snapshot::planDeletion(facts, draft.snapshots, draft.scope))
    {
        const int count = static_cast<int>(m_deletion.snapshots.size());
        m_plan.operation = u"snapshot.delete"_s;
        m_plan.host = host;
        m_plan.domain = facts.domain.uuid;
        m_plan.domainName = facts.domain.name;
        m_plan.title = count == 1
            ? DeletePlanText::tr("Delete the snapshot “%1” of %2").arg(m_deletion.snapshots.first(), facts.domain.name)
            : DeletePlanText::tr("Delete %n snapshots of %1", nullptr, count).arg(facts.domain.name);
    }

    job::Plan make()
    {
        if (m_draft.metadataOnly) {
            forgetOnly();
        } else {
            findBlockers();
            findMerges();
            findSpace();
            addSteps();
        }
        m_plan.verdict = verdict();
        return m_plan;
    }

private:
    void find(Severity severity, const QString &text, const QString &cause = {}, const QString &fix = {})
    {
        m_plan.findings.append({severity, text, cause, fix});
    }

    void forgetOnly()
    {
        if (m_deletion.snapshots.isEmpty()) {
            for (const QString &blocker : m_deletion.blockers) {
                find(Severity::Blocker, blocker);
            }
            return;
        }
        if (const auto unconfirmed = unconfirmedFinding(m_facts.storedXml)) {
            m_plan.findings.append(*unconfirmed); // what goes now would come back when the change is taken back
            return;
        }
        find(Severity::Warning, DeletePlanText::tr("The files stay as they are; only libvirt's entries go."),
            DeletePlanText::tr(
                "Nobody will know any more which files belong to %1, so that they can't be merged later.")
                .arg(listText(m_deletion.snapshots)),
            DeletePlanText::tr("Use it where files are missing, or are to be kept for something else."));
        for (const QString &name : m_deletion.snapshots) {
            m_plan.steps.append(forgetStep(name));
        }
    }

    void findBlockers()
    {
        if (const auto unconfirmed = unconfirmedFinding(m_facts.storedXml)) {
            m_plan.findings.append(*unconfirmed);
        }
        for (const QString &blocker : m_deletion.blockers) {
            find(Severity::Blocker, blocker, {},
                m_deletion.snapshots.isEmpty()
                    ? QString()
                    : DeletePlanText::tr("Its entry alone can be removed; the files then stay as they are."));
        }
        for (const QString &kept : m_deletion.kept) {
            find(Severity::Note, kept);
        }
    }

    void findMerges()
    {
        quint64 freed = 0;
        for (const Merge &merge : m_deletion.merges) {
            freed += merge.freed;
            if (merge.kind == Merge::Kind::Drop) {
                find(Severity::Note,
                    DeletePlanText::tr("“%1” (%2) goes with all that is in it: nothing that stays needs it.")
                        .arg(fileName(merge.top.path), sizeText(merge.freed)));
                continue;
            }
            const bool isCommit = merge.kind == Merge::Kind::Commit;
            const QString &from = isCommit ? merge.top.path : merge.base.path;
            const QString &to = isCommit ? merge.base.path : merge.top.path;
            find(Severity::Note,
                DeletePlanText::tr("%1: “%2” is merged into “%3”, at most %4.")
                    .arg(merge.target, fileName(from), fileName(to), sizeText(merge.bytes)),
                DeletePlanText::tr("%1\n%2").arg(from, to));
        }
        for (const QString &file : m_deletion.memoryFiles) {
            freed += m_facts.files.value(file).allocation;
        }
        if (!m_deletion.blockers.isEmpty()) {
            return;
        }
        find(Severity::Ok,
            DeletePlanText::tr("%1 and every other snapshot keep exactly what they hold.").arg(m_facts.domain.name),
            freed == 0 ? QString() : DeletePlanText::tr("About %1 become free.").arg(sizeText(freed)));
        if (m_deletion.bytes() > 0) {
            find(Severity::Note,
                DeletePlanText::tr("Cancelling leaves %1 and all other snapshots as they are.")
                    .arg(m_facts.domain.name),
                DeletePlanText::tr("But what is deleted can't be brought back once its merge has begun."));
        }
        if (std::ranges::any_of(m_deletion.merges, [this](const Merge &merge) {
                return merge.kind != Merge::Kind::Drop && merge.inNow && !m_facts.domain.isActive();
            })) {
            find(Severity::Note,
                DeletePlanText::tr("%1 can't be started while its disks are merged.").arg(m_facts.domain.name));
        }
        // QEMU closes the disks of a paused VM when its memory is saved, and opens them when it goes on.
        const snapshot::Snapshot *current = m_facts.current();
        const bool closed = m_facts.domain.state == virt::DomainState::Paused && current
            && current->memory == snapshot::Snapshot::Memory::External && current->state == virt::DomainState::Paused
            && std::ranges::any_of(m_deletion.merges, &snapshot::Merge::inNow);
        if (closed) {
            find(Severity::Warning,
                DeletePlanText::tr("%1 is paused, and was when its memory was saved.").arg(m_facts.domain.name),
                DeletePlanText::tr("The emulator merges nothing then until the VM has run again."),
                DeletePlanText::tr("Resume the VM once; it may be paused again."));
        }
    }

    /** How much the file that is written to may grow, per pool. Files that go are freed only in the end. */
    void findSpace()
    {
        QHash<QString, quint64> wanted;
        QHash<QString, quint64> available;
        for (const Merge &merge : m_deletion.merges) {
            if (merge.kind == Merge::Kind::Drop) {
                continue;
            }
            const QString &to = merge.kind == Merge::Kind::Commit ? merge.base.path : merge.top.path;
            const FileFacts file = m_facts.files.value(to);
            if (file.pool.isEmpty()) {
                continue;
            }
            const quint64 room = file.capacity > file.allocation ? file.capacity - file.allocation : 0;
            wanted[file.pool] += file.format == "raw"_L1 ? std::min(merge.bytes, room) : merge.bytes;
            available[file.pool] = file.available;
        }
        for (auto it = wanted.constBegin(); it != wanted.constEnd(); ++it) {
            if (it.value() > available.value(it.key())) {
                find(Severity::Warning,
                    DeletePlanText::tr("The pool “%1” has %2 free; up to %3 may be needed.")
                        .arg(it.key(), sizeText(available.value(it.key())), sizeText(it.value())),
                    DeletePlanText::tr(
                        "Where both files hold the same place of the disk nothing is needed, so it may be "
                        "enough. If it is not, the merge fails and leaves the VM as it is."),
                    DeletePlanText::tr("Make room in the pool first."));
            }
        }
    }

    void addSteps()
    {
        if (m_plan.isBlocked()) {
            return;
        }
        if (!m_deletion.merges.isEmpty() || !m_deletion.memoryFiles.isEmpty()) {
            m_plan.steps.append(checkMergesStep(m_draft, m_deletion));
        }
        QSet<QString> later;
        for (const Merge &merge : m_deletion.merges) {
            later.unite(QSet<QString>(merge.destroys.cbegin(), merge.destroys.cend()));
        }
        for (const QString &name : m_deletion.snapshots) {
            if (m_deletion.internals.contains(name) && !m_deletion.lateInternals.contains(name)) {
                m_plan.steps.append(deleteSnapshotStep(name));
            } else if (!m_deletion.internals.contains(name) && !later.contains(name)) {
                m_plan.steps.append(forgetStep(name));
            }
        }
        for (const Merge &merge : m_deletion.merges) {
            if (merge.kind == Merge::Kind::Drop) {
                continue;
            }
            for (const QString &name : merge.destroys) {
                m_plan.steps.append(forgetStep(name, lostKey(name)));
            }
            m_plan.steps.append(mergeStep(merge));
            for (const snapshot::Repoint &repoint : merge.repoints) {
                SnapshotChange change;
                change.snapshot = repoint.snapshot;
                change.moves.append({repoint.target, repoint.from, {repoint.to, repoint.format}});
                m_plan.steps.append(redefineStep(change, mergedKey(merge)));
            }
        }
        for (const QString &name : m_deletion.lateInternals) {
            m_plan.steps.append(deleteSnapshotStep(name));
        }
        for (const Merge &merge : m_deletion.merges) {
            if (!merge.gone.isEmpty()) {
                m_plan.steps.append(deleteLayerStep(merge.gone));
            }
        }
        for (const QString &file : m_deletion.memoryFiles) {
            m_plan.steps.append(deleteLayerStep(file));
        }
    }

    QString verdict() const
    {
        const int count = static_cast<int>(m_deletion.snapshots.size());
        const QString what = count == 1 ? DeletePlanText::tr("One snapshot goes")
                                        : DeletePlanText::tr("%n snapshots go", nullptr, count);
        if (m_draft.metadataOnly) {
            return DeletePlanText::tr("%1, their files stay.").arg(what);
        }
        const quint64 bytes = m_deletion.bytes();
        return bytes == 0 ? DeletePlanText::tr("%1; nothing has to be merged.").arg(what)
                          : DeletePlanText::tr("%1; at most %2 are merged.").arg(what, sizeText(bytes));
    }

    const Facts &m_facts;
    const SnapshotDeleteDraft &m_draft;
    Deletion m_deletion;
    job::Plan m_plan;
};

} // namespace

job::Plan planSnapshotDelete(const virt::HostId &host, const Facts &facts, const SnapshotDeleteDraft &draft)
{
    return DeletePlan(host, facts, draft).make();
}

} // namespace vireo::operation
