// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QMap>
#include <QWidget>

#include "ui/xmleditor.h"

class QComboBox;
class QLabel;
class QStackedWidget;
class QToolButton;

namespace vireo {
class Courier;
class Lane;
} // namespace vireo

namespace vireo::ui {

/** Two documents made ready for showing: equal lines stand beside each other. Pure; any thread. */
struct DiffText {
    QString left; ///< with empty lines where only the other side has some
    QString right;
    QMap<int, LineMark> leftMarks;
    QMap<int, LineMark> rightMarks;
    QList<int> leftNumbers; ///< of each line of `left` in the text before; 0: it is none of it
    QList<int> rightNumbers;
    QString unified; ///< both in one, signs at the front; only what changed and three lines around
    QMap<int, LineMark> unifiedMarks;
    QList<int> unifiedNumbers; ///< in the text after
    QList<int> changes;        ///< lines in `left` and `right` where changes begin
    QList<int> unifiedChanges;
    int added = 0; ///< lines
    int removed = 0;

    static DiffText of(const QString &before, const QString &after);
};

/**
 * Two versions of a document, side by side or as one text with + and -, scrolling together; F7 and Shift+F7 go from
 * change to change. The comparison is made in a worker thread. GUI thread; owned by its parent.
 */
class DiffView final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DiffView)

public:
    enum class Mode { SideBySide, Unified };
    Q_ENUM(Mode)

    explicit DiffView(QWidget *parent = nullptr);
    ~DiffView() override;

    void setTexts(const QString &before, const QString &after);
    /** What stands above the two: "Stored now", "As edited". */
    void setTitles(const QString &before, const QString &after);
    void setMode(Mode mode);
    Mode mode() const;
    /** The comparison of the newest texts is shown. */
    bool isReady() const { return m_ready; }
    const DiffText &text() const { return m_text; }

protected:
    void showEvent(QShowEvent *event) override;

Q_SIGNALS:
    void ready();
    void modeChanged(vireo::ui::DiffView::Mode mode);

private:
    void showText(const DiffText &text);
    void step(int direction);
    void updateCount();

    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_lane;
    DiffText m_text;
    quint64 m_generation = 0;
    bool m_ready = false;
    int m_current = -1; ///< change
    QComboBox *m_mode;
    QLabel *m_count;
    QToolButton *m_previous;
    QToolButton *m_next;
    QStackedWidget *m_stack;
    QLabel *m_leftTitle;
    QLabel *m_rightTitle;
    XmlEditor *m_left;
    XmlEditor *m_right;
    XmlEditor *m_unified;
};

} // namespace vireo::ui
