// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QLineEdit;
class QPlainTextEdit;

namespace KSyntaxHighlighting {
class SyntaxHighlighter;
}

namespace vireo::ui {

/**
 * Read-only XML: highlighted, with line numbers and a find bar (Ctrl+F, F3, Shift+F3, Esc). The colours follow the
 * palette. GUI thread; owned by its parent. setXml() keeps the scroll position when the text changes.
 */
class XmlView final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(XmlView)

public:
    explicit XmlView(QWidget *parent = nullptr);
    ~XmlView() override;

    void setXml(const QString &xml);
    QString xml() const;
    QPlainTextEdit *editor() const { return m_edit; }

public Q_SLOTS:
    void showFindBar();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void applyTheme();
    void find(bool backward, bool fromStart);
    void updateMatches();
    void hideFindBar();

    QPlainTextEdit *m_edit;
    QWidget *m_findBar;
    QLineEdit *m_findText;
    QLabel *m_findCount;
    KSyntaxHighlighting::SyntaxHighlighter *m_highlighter = nullptr;
    bool m_applyingTheme = false;
};

} // namespace vireo::ui
