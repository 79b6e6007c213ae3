// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QWidget>

class QComboBox;
class QLabel;
class QPushButton;

namespace vireo::ui {

class XmlEditor;

/** A definition that a plan makes. */
struct PlanText {
    QString title; ///< which one, among several
    QString xml;
    bool custom = false; ///< edited by hand
    QString note;        ///< what is to be minded while it is edited
    friend bool operator==(const PlanText &, const PlanText &) = default;
};

/**
 * The definitions of a plan, to be read and, where that is offered, edited before they are used: one at a time in the
 * XML editor, which checks it while it is typed. With several a list on top tells which; it stays where it is until
 * edits were applied or discarded. GUI thread.
 */
class PlanXml final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(PlanXml)

public:
    explicit PlanXml(QWidget *parent = nullptr);

    /** Others; the one that the user chose stays where one of its title is there. Ends editing. */
    void setTexts(const QList<PlanText> &texts);
    const QList<PlanText> &texts() const { return m_texts; }
    /** The definition that is shown, without edits that were not applied. */
    const QString &shown() const { return m_shown; }
    /** Offers to edit them. */
    void setEditable(bool editable);
    /** Nothing can be edited for now. */
    void setLocked(bool locked);
    bool isEditing() const { return m_editing; }
    /** Something was changed and neither applied nor discarded. */
    bool hasUnapplied() const;

Q_SIGNALS:
    /** The one at `index` as the user wants it; empty: as it would be made. */
    void chosen(int index, const QString &xml);
    void editingChanged();

private:
    void showText(int index);
    void setEditing(bool editing);
    void updateState();
    bool isCustom() const;

    QWidget *m_bar;
    QComboBox *m_which;
    QPushButton *m_edit;
    QPushButton *m_apply;
    QPushButton *m_discard;
    QPushButton *m_reset;
    QLabel *m_note;
    XmlEditor *m_xml;
    QList<PlanText> m_texts;
    QString m_wanted; ///< the title that the user chose
    QString m_shown;
    bool m_editable = false;
    bool m_editing = false;
    bool m_locked = false;
};

} // namespace vireo::ui
