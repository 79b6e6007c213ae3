// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "backend/virt/records.h"
#include "ui/uicontext.h"

namespace vireo::virt {
class Host;
}

namespace vireo::ui {

/**
 * Follows one domain for a page: its record (the last known one is kept when it vanishes), its host's state, and one
 * sentence on why what is shown may be old. GUI thread; owned by the page.
 */
class DomainWatch final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DomainWatch)

public:
    explicit DomainWatch(const UiContext &context, QObject *parent);

    void setDomain(const virt::DomainKey &key);
    const virt::DomainKey &key() const { return m_key; }
    const virt::DomainRecord &record() const { return m_record; }
    /** Null when the host was removed. */
    virt::Host *host() const;
    QString hostName() const { return m_hostName; }
    /** False: it was deleted, or its host was; the record is the last known one. */
    bool exists() const { return m_exists; }
    /** True while it exists and its host answers. */
    bool isFresh() const;
    /** Why it is not fresh; empty when it is. */
    QString staleSentence() const;
    QString staleHint() const;

Q_SIGNALS:
    /** Another domain: forget everything. */
    void replaced();
    /** The record, or whether it exists, is another. */
    void changed();
    void figuresChanged();
    /** libvirt told of something, such as another definition: it need not show in the record. */
    void happened();
    void hostStatusChanged();

private:
    void readRecord();

    UiContext m_context;
    virt::DomainKey m_key;
    virt::DomainRecord m_record;
    QString m_hostName;
    bool m_exists = false;
    QMetaObject::Connection m_hostConnection;
    QMetaObject::Connection m_eventConnection;
};

} // namespace vireo::ui
