// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>

#include <QLabel>
#include <QPlainTextEdit>
#include <QSemaphore>
#include <QTextBlock>
#include <QtTest>

#include "backend/xml/schema.h"
#include "ui/xmleditor.h"
#include "ui/xmlservice.h"

/// What the tests of the XML editor share.
namespace vireo::test {

using namespace Qt::StringLiterals;

/** A language of a few words. What it gives for a text is known, and a test can make it slow. */
class FakeLanguage final : public ui::XmlLanguage
{
public:
    QList<xml::Diagnostic> check(const QString &text, const std::stop_token &stop) const override
    {
        ++checks;
        if (slow) {
            while (!gate.tryAcquire(1, 5)) {
                if (stop.stop_requested()) {
                    ++stopped;
                    return {};
                }
            }
        }
        const xml::SyntaxTree tree = xml::SyntaxTree::parse(text);
        QList<xml::Diagnostic> found;
        for (const xml::SyntaxProblem &problem : tree.problems()) {
            found.append({xml::Diagnostic::Severity::Error, problem.range, tree.placeOf(problem.range.from),
                problem.message, {}});
        }
        const auto each = [&](const QString &word, xml::Diagnostic::Severity severity, const QString &message) {
            for (qsizetype at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
                found.append({severity, {at, at + word.size()}, tree.placeOf(at), message, u"Ask for help."_s});
            }
        };
        each(u"wrong"_s, xml::Diagnostic::Severity::Error, u"<wrong> may not stand here."_s);
        each(u"odd"_s, xml::Diagnostic::Severity::Warning, u"<odd> is seldom right."_s);
        std::ranges::stable_sort(found, {}, [](const xml::Diagnostic &one) { return one.range.from; });
        return found;
    }

    xml::CompletionList complete(
        const xml::SyntaxTree &tree, qsizetype position, const xml::HostVocabulary &host) const override
    {
        using Kind = xml::SyntaxContext::Kind;
        const xml::SyntaxContext context = tree.contextAt(position);
        xml::CompletionList list{context.word, {}};
        const auto add = [&](const xml::Completion &item) {
            if (item.label.startsWith(context.typed)) {
                list.items.append(item);
            }
        };
        if (context.kind == Kind::ElementName) {
            add({xml::Completion::Kind::Element, u"devices"_s, u"devices></devices>"_s, 8, u"once"_s,
                u"What the machine is made of."_s, false});
            add({xml::Completion::Kind::Element, u"disk"_s, u"disk type=''></disk>"_s, 11, u"required"_s,
                u"A disk <b>of</b> the machine."_s, true});
        } else if (context.kind == Kind::AttributeName) {
            add({xml::Completion::Kind::Attribute, u"device"_s, u"device=''"_s, 8, {}, {}, true});
            add({xml::Completion::Kind::Attribute, u"type"_s, u"type=''"_s, 6, u"required"_s, {}, true});
        } else if (context.kind == Kind::AttributeValue) {
            for (const QString &value : QStringList{u"block"_s, u"file"_s, u"network"_s} + host.networks) {
                add({xml::Completion::Kind::Value, value, value, value.size(), {}, {}, false});
            }
        }
        return list;
    }

    std::optional<xml::HoverText> hover(const xml::SyntaxTree &tree, qsizetype position) const override
    {
        const int element = tree.elementAt(position);
        if (element < 0) {
            return {};
        }
        return xml::HoverText{tree.node(element).name, u"<"_s + tree.name(element).toString() + u">"_s,
            u"It is <b>what</b> it is."_s, {u"one"_s, u"two"_s}};
    }

    mutable std::atomic_int checks = 0;
    mutable std::atomic_int stopped = 0;
    mutable QSemaphore gate;
    std::atomic_bool slow = false;
};

/** An editor on the screen with the keyboard in it. A "|" in a text is the cursor. */
class EditorBed
{
public:
    EditorBed()
    {
        editor.resize(700, 400);
        editor.setLanguages([this](xml::DocumentKind) -> Result<ui::XmlLanguagePtr> { return language; });
        editor.setKind(xml::DocumentKind::Domain);
        editor.show();
        editor.activateWindow();
        editor.setFocus();
    }

    QPlainTextEdit *text() const { return editor.editor(); }

    void load(const QString &marked)
    {
        QString plain = marked;
        const auto at = static_cast<int>(plain.indexOf(u'|'));
        plain.remove(u'|');
        editor.setXml(plain);
        QTextCursor cursor = text()->textCursor();
        cursor.setPosition(std::max(0, at));
        text()->setTextCursor(cursor);
    }

    /** The text with "|" at the cursor, for comparing. */
    QString marked() const { return editor.xml().insert(text()->textCursor().position(), u'|'); }

    void select(int from, int to)
    {
        QTextCursor cursor = text()->textCursor();
        cursor.setPosition(from);
        cursor.setPosition(to, QTextCursor::KeepAnchor);
        text()->setTextCursor(cursor);
    }

    void press(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
    {
        QTest::keyClick(text(), static_cast<Qt::Key>(key), modifiers);
    }
    void type(const QString &keys) { QTest::keyClicks(text(), keys); }
    QString summary() const { return editor.findChild<QLabel *>(u"xmlSummary"_s)->text(); }
    int visibleLines() const
    {
        int count = 0;
        for (QTextBlock block = text()->document()->begin(); block.isValid(); block = block.next()) {
            count += block.isVisible() ? 1 : 0;
        }
        return count;
    }
    bool outlined() const { return editor.findChild<ui::XmlService *>()->outline(); }
    bool focused() const { return QTest::qWaitForWindowActive(&editor) || editor.isActiveWindow(); }

    std::shared_ptr<FakeLanguage> language = std::make_shared<FakeLanguage>();
    mutable ui::XmlEditor editor;
};

} // namespace vireo::test
