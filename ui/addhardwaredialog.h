// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QHash>

#include "model/hardwaredraft.h"

class QLabel;
class QListWidget;
class QPushButton;
class QStackedWidget;
class QTabWidget;

namespace vireo::ui {

class DeviceForm;
class XmlEditor;

/**
 * Adds one device to a draft: kinds at the left, those that the host can't do greyed with the reason; the same pages as
 * for a device that is there, or its XML. Works on a copy of the draft, so that nothing is changed before "Add".
 * Opened, never executed. GUI thread.
 */
class AddHardwareDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(AddHardwareDialog)

public:
    AddHardwareDialog(model::HardwareDraft &draft, QWidget *parent);
    ~AddHardwareDialog() override;

    void accept() override;
    /** Chooses a kind by its id; "xml": anything, written by hand. */
    void choose(const QString &kind);
    DeviceForm *form() const;
    XmlEditor *editor() const { return m_xml; }

Q_SIGNALS:
    /** The definition with the new device, and with what it needs. */
    void added(const QString &definition);

private:
    void fillKinds();
    void begin();
    void follow();
    void refresh();
    void takeXml();
    QString problem() const;

    model::HardwareDraft &m_draft;
    model::HardwareDraft *m_copy; ///< the draft with the new device
    QListWidget *m_kinds;
    QTabWidget *m_tabs;
    QStackedWidget *m_forms;
    XmlEditor *m_xml;
    QLabel *m_problem;
    QPushButton *m_add;
    QHash<QString, DeviceForm *> m_pages;
    QString m_kind;
    QString m_from; ///< what the copy was made of
    QString m_xmlProblem;
    int m_id = -1; ///< of the new device in the copy; -1: there is none yet
    bool m_takingXml = false;
};

} // namespace vireo::ui
