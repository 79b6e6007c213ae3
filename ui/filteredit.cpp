// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/filteredit.h"

#include <chrono>

#include <QAction>
#include <QKeyEvent>
#include <QMenu>

#include "ui/stateicons.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr int MaximumSuggestions = 30;
}

FilterEdit::FilterEdit(QWidget *parent)
    : QLineEdit(parent)
    , m_menu(new QMenu(this))
    , m_tags(new QMenu(this))
    , m_hosts(new QMenu(this))
{
    setObjectName(u"filter"_s);
    setAccessibleName(tr("Filter"));
    setPlaceholderText(tr("Filter by name, tag:, state: or host:"));
    setToolTip(
        tr("Words that must all match. name:, tag:, state: and host: look at that alone; a minus in front excludes."));
    setClearButtonEnabled(true);

    addWord(m_menu, u"name:"_s, tr("Name or title"));
    m_menu->addSeparator();
    addWord(m_menu, u"state:running"_s);
    addWord(m_menu, u"state:paused"_s);
    addWord(m_menu, u"state:off"_s);
    m_menu->addSeparator();
    m_tags->setTitle(tr("Tag"));
    m_menu->addMenu(m_tags);
    m_hosts->setTitle(tr("Host"));
    m_menu->addMenu(m_hosts);
    connect(m_menu, &QMenu::aboutToShow, this, &FilterEdit::suggestionsWanted);

    QAction *words = addAction(glyphIcon(Glyph::Search), QLineEdit::LeadingPosition);
    words->setObjectName(u"filterWords"_s);
    words->setText(tr("Key words"));
    words->setToolTip(tr("Key words for the filter (Alt+Down)"));
    connect(words, &QAction::triggered, this, [this] { m_menu->popup(mapToGlobal(QPoint(0, height()))); });

    m_delay.setSingleShot(true);
    m_delay.setInterval(std::chrono::milliseconds(120));
    connect(&m_delay, &QTimer::timeout, this, &FilterEdit::announce);
    connect(this, &QLineEdit::textChanged, this, [this](const QString &text) {
        if (text.isEmpty()) {
            announce(); // clearing shall feel immediate
        } else {
            m_delay.start();
        }
    });
}

void FilterEdit::setSuggestions(const QStringList &hosts, const QStringList &tags)
{
    const auto fill = [this](QMenu *menu, const QString &key, const QStringList &values) {
        menu->clear();
        addWord(menu, key);
        for (const QString &value : values.first(std::min<qsizetype>(values.size(), MaximumSuggestions))) {
            addWord(menu, key + (value.contains(u' ') ? u"\"%1\""_s.arg(value) : value));
        }
    };
    fill(m_tags, u"tag:"_s, tags);
    fill(m_hosts, u"host:"_s, hosts);
}

void FilterEdit::addWord(QMenu *menu, const QString &word, const QString &explanation)
{
    QString label = word;
    label.replace(u'&', u"&&"_s);
    QAction *action = menu->addAction(explanation.isEmpty() ? label : u"%1\t%2"_s.arg(label, explanation));
    connect(action, &QAction::triggered, this, [this, word] {
        QString before = text().trimmed();
        if (!before.isEmpty()) {
            before += u' ';
        }
        setText(before + word + (word.endsWith(u':') ? QString() : u" "_s));
        setFocus(Qt::ShortcutFocusReason);
    });
}

void FilterEdit::announce()
{
    m_delay.stop();
    Q_EMIT queryChanged(model::DomainQuery::parse(text()));
}

void FilterEdit::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Escape:
        if (!text().isEmpty()) {
            clear();
            event->accept();
            return;
        }
        break;
    case Qt::Key_Down:
        if (event->modifiers().testFlag(Qt::AltModifier)) {
            m_menu->popup(mapToGlobal(QPoint(0, height())));
            event->accept();
            return;
        }
        [[fallthrough]];
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_delay.isActive()) {
            announce();
        }
        Q_EMIT leftDownwards();
        event->accept();
        return;
    default:
        break;
    }
    QLineEdit::keyPressEvent(event);
}

} // namespace vireo::ui
