// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/resizeactions.h"

#include <QAction>
#include <QMenu>

#include "backend/job/jobmanager.h"
#include "backend/operation/kept/keptfeed.h"
#include "backend/virt/inventory.h"
#include "ui/resizeenddialog.h"
#include "ui/resizetexts.h"
#include "ui/resizewizard.h"
#include "ui/stateicons.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::ResizeEnd;

ResizeActions::ResizeActions(const UiContext &context, QWidget *window, QObject *parent)
    : QObject(parent)
    , m_context(context)
    , m_window(window)
    , m_resize(new QAction(tr("Resi&ze…"), this))
    , m_confirm(new QAction(tr("Con&firm Resize…"), this))
    , m_revert(new QAction(tr("Re&vert Resize…"), this))
{
    m_resize->setObjectName(u"resize"_s);
    m_resize->setIconText(tr("Resize"));
    m_resize->setShortcut(Qt::CTRL | Qt::SHIFT | Qt::Key_R);
    m_confirm->setObjectName(u"confirmResizeAction"_s);
    m_revert->setObjectName(u"revertResizeAction"_s);
    connect(m_resize, &QAction::triggered, this, [this] {
        Q_EMIT aboutToAct();
        if (m_resize->isEnabled()) {
            openWizard(m_domain);
        }
    });
    connect(m_confirm, &QAction::triggered, this, [this] { end(ResizeEnd::Confirm); });
    connect(m_revert, &QAction::triggered, this, [this] { end(ResizeEnd::Revert); });
    if (m_context.kept) {
        connect(m_context.kept, &operation::KeptFeed::changed, this, &ResizeActions::update);
    }
    update();
}

void ResizeActions::setTarget(const virt::DomainKey &domain, const QString &refusal)
{
    m_domain = domain;
    m_refusal = refusal;
    update();
}

void ResizeActions::update()
{
    const virt::DomainRecord *record = m_context.inventory.domain(m_domain);
    const operation::KeptState *kept = m_context.kept ? m_context.kept->find(m_domain) : nullptr;
    const QString name = record ? record->displayName() : QString();
    QString why = m_refusal;
    if (why.isEmpty() && record && !record->persistent) {
        why = tr("A transient virtual machine can't be resized: it has no stored definition.");
    } else if (why.isEmpty() && kept) {
        why = tr("Its last change waits to be confirmed or taken back.");
    }
    m_resize->setEnabled(record && why.isEmpty());
    m_resize->setToolTip(why.isEmpty()
            ? tr("Change vCPUs, memory and disks of %1, here or on another host (asks first)").arg(name)
            : why);
    const auto show = [&](QAction *action, ResizeEnd end, const QString &what) {
        const QString no = m_refusal.isEmpty() && kept ? resizetexts::endRefusal(*kept, end) : m_refusal;
        action->setVisible(kept != nullptr);
        action->setEnabled(kept && no.isEmpty());
        action->setToolTip(no.isEmpty() ? what : no);
    };
    show(m_confirm, ResizeEnd::Confirm, tr("%1 stays as it is; what was kept of before goes (asks first)").arg(name));
    show(m_revert, ResizeEnd::Revert,
        tr("%1 becomes what it was; what the guest wrote since is given up (asks first)").arg(name));
}

void ResizeActions::fillMenu(QMenu *menu) const
{
    for (QAction *action : {m_resize, m_confirm, m_revert}) {
        menu->addAction(action);
    }
}

void ResizeActions::openWizard(const virt::DomainKey &domain, const virt::HostId &to)
{
    (new ResizeWizard(m_context, domain, to, m_window))->show();
}

void ResizeActions::end(ResizeEnd end)
{
    Q_EMIT aboutToAct();
    const operation::KeptState *kept = m_context.kept ? m_context.kept->find(m_domain) : nullptr;
    if (kept && m_refusal.isEmpty() && resizetexts::endRefusal(*kept, end).isEmpty()) {
        (new ResizeEndDialog(m_context, *kept, end, m_window))->open();
    }
}

} // namespace vireo::ui
