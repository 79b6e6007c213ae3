// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/takesnapshotwizard.h"

#include <QSettings>

#include "ui/takesnapshotpage.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr auto QuiesceKey = "snapshots/quiesce"_L1;
constexpr auto PictureKey = "snapshots/picture"_L1;

} // namespace

TakeSnapshotWizard::TakeSnapshotWizard(const UiContext &context, const virt::DomainKey &domain,
    const std::optional<snapshot::Facts> &facts, QWidget *parent)
    : SnapshotWizard(context, domain, facts, tr("Take Snapshot"), tr("&Take"), u"takesnapshot"_s, parent)
    , m_page(new TakeSnapshotPage(this))
{
    setObjectName(u"takeSnapshot"_s);
    m_page->setHabits(
        context.settings.value(QuiesceKey, false).toBool(), context.settings.value(PictureKey, true).toBool());
    connect(m_page, &TakeSnapshotPage::changed, this, &TakeSnapshotWizard::choicesChanged);
    addPage(m_page);
    begin();
}

SnapshotWizard::Planner TakeSnapshotWizard::planner() const
{
    return [host = domain().host, draft = m_page->draft()](const snapshot::Facts &facts) {
        return operation::planSnapshotCreate(host, facts, draft);
    };
}

void TakeSnapshotWizard::factsRead()
{
    m_page->setFacts(*facts());
}

void TakeSnapshotWizard::succeeded(const QList<job::JobRecord> & /*jobs*/)
{
    context().settings.setValue(QuiesceKey, m_page->wantsQuiesce());
    context().settings.setValue(PictureKey, m_page->draft().picture);
}

} // namespace vireo::ui
