// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMainWindow>

#include "backend/virt/records.h"
#include "ui/uicontext.h"
#include "ui/vmpage.h"

namespace vireo::ui {

class DomainActions;

/**
 * One virtual machine in a window of its own, with its page and its actions. Stays open, and says so, when the domain
 * vanishes. Keys are those with Shift, so that a guest's console keeps Ctrl+W and Ctrl+Q. GUI thread; deletes itself
 * when closed.
 */
class VmWindow final : public QMainWindow
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(VmWindow)

public:
    VmWindow(const UiContext &context, const virt::DomainKey &domain, VmPage::Page page);

    const virt::DomainKey &domain() const { return m_domain; }
    void setPage(VmPage::Page page);
    /** The VM is on another host now. */
    void follow(const virt::DomainKey &domain);

Q_SIGNALS:
    /** Shown, hidden, minimised or restored. */
    void visibilityChanged();
    void closed();
    /** See VmPage. */
    void recoverRequested(const vireo::virt::DomainKey &source);
    void newVmRequested(const vireo::virt::HostId &host, const QString &pool, const QString &name);

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void changeEvent(QEvent *event) override;
    void closeEvent(QCloseEvent *event) override;

private:
    void createMenus();
    void updateTitle();

    UiContext m_context;
    virt::DomainKey m_domain;
    DomainActions *m_actions;
    VmPage *m_page;
    QString m_name;
    QString m_hostName;
    bool m_discardEdits = false; ///< the user agreed
};

} // namespace vireo::ui
