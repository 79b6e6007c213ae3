// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/uicontext.h"

class QComboBox;
class QLabel;
class QPushButton;

namespace vireo::virt {
struct DomainKey;
}

namespace vireo::ui {

class DomainWatch;
class MessageBar;
class XmlView;

/**
 * A domain's XML as libvirt gives it: the running one or the one for the next start. Read when the page is looked at,
 * and again when the domain changes; late answers are dropped. Passwords are never asked for. GUI thread; owned by its
 * parent.
 */
class XmlPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(XmlPage)

public:
    explicit XmlPage(UiContext context, QWidget *parent = nullptr);
    void setDomain(const virt::DomainKey &key);

protected:
    void showEvent(QShowEvent *event) override;

private:
    void invalidate();
    void read();
    void updateState();

    DomainWatch *m_watch;
    MessageBar *m_message;
    QComboBox *m_kind;
    QPushButton *m_copy;
    QLabel *m_note;
    XmlView *m_view;
    QString m_readError;
    QString m_readHint;
    quint64 m_generation = 0; ///< of the newest question; answers to older ones are stale
    bool m_wanted = false;    ///< must be read (again) once visible
    bool m_kindChosen = false;
};

} // namespace vireo::ui
