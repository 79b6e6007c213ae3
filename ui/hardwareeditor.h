// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QHash>
#include <QWidget>

#include "backend/operation/edit/edit.h"
#include "model/hardwaredraft.h"

class QLabel;
class QPushButton;
class QStackedWidget;
class QTabWidget;
class QTimer;
class QToolButton;

namespace vireo::ui {

class DeviceForm;
class HardwareList;
class MessageBar;
class XmlEditor;

/**
 * Edits a domain definition device by device: the list, the page of the chosen one, its XML. What was changed is summed
 * up below with when it takes effect; nothing is applied here. Works on texts, needs no host: the page of a VM, and
 * "Customise" before there is one. GUI thread; owned by its parent.
 */
class HardwareEditor final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(HardwareEditor)

public:
    /** Apply: with buttons Apply… and Discard. Plain: whoever shows it has buttons of his own. */
    enum class Buttons { Apply, Plain };
    explicit HardwareEditor(Buttons buttons, QWidget *parent = nullptr);
    ~HardwareEditor() override;

    model::HardwareDraft &draft() { return *m_draft; }
    const model::HardwareDraft &draft() const { return *m_draft; }

    /** Tells when changes would take effect. Asked when typing pauses; none: they are only counted. */
    using Effects = std::function<QList<operation::EditEffect>(const operation::DefinitionEdit &edit)>;
    void setEffects(Effects effects);
    void setHost(const xml::devices::HostFacts &host);
    /** No changes, such as while they are being applied. */
    void setLocked(bool locked);

    /** What would be applied. */
    operation::DefinitionEdit edit() const;
    /** Why it can't be applied now; empty: it can. */
    QString reason() const;
    /** The entry that is shown; -1: none. */
    int currentId() const;
    void setCurrentId(int id);
    /** The page of that kind of device, made when first asked for; null: such devices have their XML alone. */
    DeviceForm *form(const QString &kind);

public Q_SLOTS:
    void addHardware();
    void removeCurrent();

Q_SIGNALS:
    void applyRequested();
    /** The wanted definition, or reason(), is another. */
    void edited();
    /** Something was begun that makes it worth knowing what the other VMs have. */
    void editingBegan();

protected:
    void changeEvent(QEvent *event) override;

private:
    void makeLeft(QWidget *left);
    void makeRight(QWidget *right);
    void makeBottom(QWidget *bottom);
    void refresh();
    void refreshPage();
    void refreshXml();
    void refreshBottom();
    void takeXml();
    void showEffects();

    model::HardwareDraft *m_draft;
    HardwareList *m_list;
    QPushButton *m_add;
    QPushButton *m_remove;
    QLabel *m_title;
    QLabel *m_state;
    QPushButton *m_revert;
    MessageBar *m_message;
    QTabWidget *m_tabs;
    QStackedWidget *m_forms;
    QWidget *m_formTab;
    QWidget *m_xmlTab;
    XmlEditor *m_xml;
    QLabel *m_xmlProblem;
    QLabel *m_summary;
    QToolButton *m_details;
    QLabel *m_effectsList;
    QToolButton *m_undo;
    QToolButton *m_redo;
    QPushButton *m_discard;
    QPushButton *m_apply;
    QTimer *m_pause;
    QHash<QString, DeviceForm *> m_pages;
    QHash<int, QString> m_broken; ///< XML that is no element yet, by entry: it is not part of the draft
    Effects m_effects;
    int m_shownXml = -1;
    bool m_takingXml = false;
    bool m_locked = false;
    bool m_wasEdited = false;
};

} // namespace vireo::ui
