// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/operation/migrate/migraterun_p.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using job::Reality;
using migration::Diagnosis;
using migration::Phase;
using Effect = Reality::Effect;
using Remedy = Diagnosis::Remedy;

struct MigrateUndoText {
    Q_DECLARE_TR_FUNCTIONS(operation_MigrateUndo)
};

} // namespace

/**
 * Ends a migration that goes on, and says when the guest is back where it was: only then may what was made for it at
 * the destination be taken away. Once the guest has moved there is nothing to undo, and earlier steps see that too.
 */
Result<> MigrateRun::undo()
{
    if (!noted(u"begun"_s)) {
        return {};
    }
    if (noted(u"moved"_s)) {
        m_context.log(MigrateUndoText::tr("%1 runs at the destination; that is not taken back.").arg(m_name));
        return {};
    }
    if (const Result<> connected = connect({}); !connected) {
        return connected;
    }
    for (bool resumed = false;;) {
        const auto diagnosis = settled({});
        if (!diagnosis) {
            return fail(diagnosis.error());
        }
        switch (diagnosis->kind) {
        case Kind::NotBegun:
        case Kind::RolledBack:
        case Kind::GuestGone:
            publishEnd(Phase::Failed, *diagnosis, false);
            return checkNewerDisks();
        case Kind::Running:
            if (const Result<> ended = watchOn(true); !ended) {
                return ended;
            }
            break;
        case Kind::Completed:
            m_context.log(MigrateUndoText::tr("%1 runs at the destination; that is not taken back.").arg(m_name));
            return moved();
        case Kind::SourceWaits:
            if (!resumed) {
                resumed = true;
                if (const Result<> known = note(u"remedy"_s, int(Remedy::ResumeSource)); !known) {
                    return known;
                }
                if (const Result<> done =
                        performRemedy(Remedy::ResumeSource, *m_source, *m_destination, remedyOrder(), m_context);
                    !done) {
                    return done;
                }
                break;
            }
            [[fallthrough]];
        default:
            return fail(Error{Error::Kind::Failed, diagnosis->text, diagnosis->advice, 0, 0});
        }
    }
}

/** The guest ran at the destination before it was lost: copies there may hold what the source's disks lack. */
Result<> MigrateRun::checkNewerDisks() const
{
    const bool startedAnew =
        m_startedAnew || migratenotes::noted(m_context, u"remedy"_s).toInt(-1) == static_cast<int>(Remedy::StartSource);
    if (!startedAnew || !m_wasPostCopy || m_options.storage == virt::migration::Options::Storage::None) {
        return {};
    }
    return fail(Error{Error::Kind::Failed,
        MigrateUndoText::tr("The guest had already written to its disks at the destination: they are kept."),
        MigrateUndoText::tr("Delete them by hand when nothing in them is needed."), 0, 0});
}

Result<Reality> MigrateRun::look()
{
    if (noted(u"moved"_s)) {
        return Reality{Effect::Present, MigrateUndoText::tr("%1 is at the destination.").arg(m_name)};
    }
    auto source = m_context.connection();
    auto destination = m_context.connection(m_to);
    if (!source || !destination) {
        return fail(!source ? source.error() : destination.error());
    }
    m_source = *std::move(source);
    m_destination = *std::move(destination);
    const MigrateSides sides{migration::readSide(*m_source, m_domain), migration::readSide(*m_destination, m_domain)};
    const Diagnosis diagnosis = judged(sides);
    switch (diagnosis.kind) {
    case Kind::NotBegun:
    case Kind::RolledBack:
    case Kind::GuestGone:
        return Reality{Effect::Absent,
            isActive(sides.source) ? MigrateUndoText::tr("%1 runs at the source.").arg(m_name)
                                   : MigrateUndoText::tr("%1 is off, at the source.").arg(m_name)};
    case Kind::Completed:
        return Reality{Effect::Present, MigrateUndoText::tr("%1 is at the destination.").arg(m_name)};
    case Kind::Running:
        return Reality{Effect::Partial, MigrateUndoText::tr("The migration of %1 goes on.").arg(m_name)};
    default:
        return Reality{noted(u"begun"_s) ? Effect::Partial : Effect::Unknown, diagnosis.text};
    }
}

} // namespace vireo::operation
